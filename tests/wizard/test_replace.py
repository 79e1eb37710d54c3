"""A rotated credential: tested first, written everywhere it stood, the old one refused, purged, and found elsewhere."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from soundcheck.screens.opening import open_services
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, Refused, StepFailed
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Unattended
from soundcheck.wizard.discover import discover
from soundcheck.wizard.env.step import undo_env
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.replace.flow import Replaced, replace_credential
from soundcheck.wizard.replace.old_credential import OldState

OLD, NEW = "the-0ld pass/word", "the-n3w:pass@word"


@pytest.fixture
def rotating(superuser_url: PostgresUrl, database_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """A role of its own with the old password, on a database of its own."""
    role = f"rotating_{secrets.token_hex(4)}"
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(OLD)))
    yield replace(database_url, user=role, password=Secret(OLD))
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def rotate(superuser_url: PostgresUrl, url: PostgresUrl) -> PostgresUrl:
    """Give the role the new password, as a console does."""
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(url.user), sql.Literal(NEW)))
    return replace(url, password=Secret(NEW))


@pytest.fixture
async def here(tmp_path: Path, home: Path, rotating: PostgresUrl, rest: Any) -> AsyncIterator[Services]:
    """A project with the old password in five places, one of them quoted and in CRLF."""
    root = tmp_path / "music-app"
    (root / "prisma").mkdir(parents=True)
    url = rotating.with_params({"connection_limit": "7"}).reveal()
    (root / ".env").write_bytes(
        f"# mine\r\nDATABASE_URL='{url}'\r\nexport DIRECT_URL={rotating.reveal()} # direct\r\nPORT=3000\r\n"
        f"UPSTASH_REDIS_REST_URL={rest.url}\r\nUPSTASH_REDIS_REST_TOKEN={rest.token.reveal()}\r\n".encode()
    )
    (root / "prisma" / ".env").write_text(f'DATABASE_URL="{rotating.reveal()}"\n')
    (root / ".env.local").write_text(f'PGPASSWORD="{OLD}"\nOTHER=1\n')
    (root / ".env.staging").write_text(f"DATABASE_URL={rotating.reveal()}\n")
    (root / ".env.example").write_text(f"DATABASE_URL={rotating.reveal()}\n")
    (root / "soundcheck.toml").write_text(
        '[profiles.default]\nkind = "dev"\nenv_file = ".env"\n[profiles.staging]\nenv_file = ".env.staging"\n'
    )
    services = services_of(open_project(root), {"HOME": str(tmp_path)})
    yield services
    await services.close()


def services_of(project: Project, environ: dict[str, str]) -> Services:
    return open_services(project, environ, discover(project, environ).credentials)


async def replaced(services: Services, new: PostgresUrl, consent: Consent | None = None) -> tuple[Replaced, str]:
    """The exchange without questions, and everything it said."""
    told: list[Progress] = []
    given = Credentials(database_url=new)
    done = await replace_credential(services, Half.DATABASE, given, Unattended(), told.append, consent=consent)
    return done, "\n".join(f"{event.text} {event.hint}" for event in told)


async def test_the_new_password_is_written_to_every_place_that_held_the_old(
    here: Services, superuser_url: PostgresUrl, rotating: PostgresUrl
) -> None:
    root = here.project.root
    new = rotate(superuser_url, rotating)
    done, said = await replaced(here, new)
    assert [file.shown for file in done.files][-1] == ".env"
    assert {file.shown for file in done.files} == {".env", "prisma/.env", ".env.local", ".env.staging"}
    assert (
        (root / ".env")
        .read_bytes()
        .startswith(
            f"# mine\r\nDATABASE_URL='{new.with_params({'connection_limit': '7'}).reveal()}'\r\n"
            f'export DIRECT_URL="{new.reveal()}" # direct\r\nPORT=3000\r\n'.encode()
        )
    )
    assert (root / ".env.local").read_text() == f'PGPASSWORD="{NEW}"\nOTHER=1\n'
    for name in ("prisma/.env", ".env.staging"):
        assert (root / name).read_text().count(new.reveal()) == 1
    assert rotating.reveal() in (root / ".env.example").read_text()
    assert done.old.state is OldState.REFUSED
    for secret in (OLD, NEW, rotating.reveal(), new.reveal()):
        assert secret not in said
        assert secret not in repr(done)
    assert "+ DATABASE_URL" in said


async def test_the_old_one_is_out_of_the_backups_and_undo_gives_a_file_that_works(
    here: Services, superuser_url: PostgresUrl, rotating: PostgresUrl
) -> None:
    new = rotate(superuser_url, rotating)
    done, _ = await replaced(here, new)
    assert done.purged.rewritten == 4
    kept = [path for path in here.project.state.rglob("*") if path.is_file()]
    for path in kept:
        for spelling in (OLD, "the-0ld%20pass%2Fword", "the-0ld%20pass/word"):
            assert spelling.encode() not in path.read_bytes(), path
    undo_env(here.project)
    assert new.reveal() in (here.project.root / ".env").read_bytes().decode()


async def test_where_it_still_occurs_is_told_by_name_and_line_and_never_by_value(
    here: Services, superuser_url: PostgresUrl, rotating: PostgresUrl, tmp_path: Path
) -> None:
    root = here.project.root
    (tmp_path / ".bash_history").write_text(f"ls\npsql '{rotating.reveal()}'\n")
    (root / "compose.yml").write_text(f"services:\n  api:\n    environment:\n      PGPASSWORD: {OLD}\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for words in (["init", "-q"], ["add", "-f", ".env"], ["commit", "-qm", "oops"]):
        subprocess.run([*git, *words], cwd=root, check=True, capture_output=True)
    services = replace(here, environ={**here.environ, "PGPASSWORD": OLD, "FINE": "x"})
    done, _ = await replaced(services, rotate(superuser_url, rotating))
    found = {(one.place, one.where): one.lines for one in done.remnants}
    assert found == {
        ("variable", "PGPASSWORD"): (),
        ("file", ".env.example"): (1,),
        ("file", "compose.yml"): (4,),
        ("history", str(tmp_path / ".bash_history")): (2,),
        ("git", "Git's history of .env"): (),
    }
    assert "leave the history as it is" in done.remnants[-1].advice
    assert OLD not in repr(done.remnants)


async def test_a_new_password_that_is_refused_changes_nothing(here: Services, rotating: PostgresUrl) -> None:
    before = (here.project.root / ".env").read_bytes()
    with pytest.raises(StepFailed):
        await replaced(here, replace(rotating, password=Secret("wrong-password")))
    assert (here.project.root / ".env").read_bytes() == before
    assert not here.project.backups.exists()


@pytest.mark.parametrize("live", ["default", "staging"])
async def test_production_wants_its_name_whichever_profile_s_file_is_written(
    here: Services, superuser_url: PostgresUrl, rotating: PostgresUrl, live: str
) -> None:
    root, new = here.project.root, rotate(superuser_url, rotating)
    config = (root / "soundcheck.toml").read_text().split("[profiles.")
    marked = [one.replace('"dev"', '"production"') if one.startswith("default") else one for one in config]
    if live == "staging":
        marked = [config[0], config[1], config[2] + 'kind = "production"\n']
    (root / "soundcheck.toml").write_text("[profiles.".join(marked))
    services = services_of(open_project(root), dict(here.environ))
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    for given in ("", "some_other"):
        with pytest.raises(Refused, match="is production") as refused:
            await replaced(services, new, Consent(production=given))
        assert f"--production {rotating.database}" in refused.value.hint
    assert {path: path.read_bytes() for path in before} == before
    done, _ = await replaced(services, new, Consent(production=rotating.database))
    await services.close()
    assert done.old.state is OldState.REFUSED


async def test_nothing_is_written_where_no_file_may_be(
    here: Services, superuser_url: PostgresUrl, rotating: PostgresUrl
) -> None:
    new, before = rotate(superuser_url, rotating), (here.project.root / ".env").read_bytes()
    unwritten = replace(here, project=replace(here.project, writes_env_file=False))
    with pytest.raises(Refused) as refused:
        await replaced(unwritten, new)
    assert "by hand" in refused.value.hint
    assert (here.project.root / ".env").read_bytes() == before


async def test_a_database_without_tables_and_an_old_one_that_still_stands_are_told(
    here: Services, database_url: PostgresUrl
) -> None:
    done, _ = await replaced(here, database_url)
    assert "Table doesn't exist" in done.warnings[0]
    assert done.old.state is OldState.ELSEWHERE


async def test_an_old_password_that_is_still_accepted_is_a_warning(
    here: Services, rotating: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes both: as a proxy that remembers, here by asking it with the new one."""
    from soundcheck.stores.probe import postgres

    probe = postgres.PostgresProbe
    new = rotating

    def with_the_new(url: PostgresUrl, *rest: object, **more: object) -> object:
        return probe(replace(url, password=new.password), *rest, **more)  # type: ignore[arg-type]

    (here.project.root / ".env").write_text(
        f"DATABASE_URL={replace(rotating, password=Secret('forgotten')).reveal()}\n"
    )
    services = services_of(here.project, dict(here.environ))
    monkeypatch.setattr(postgres, "PostgresProbe", with_the_new)
    done, _ = await replaced(services, new)
    await services.close()
    assert done.old.state is OldState.ACCEPTED
    assert "ALTER ROLE" in done.old.hint


async def test_the_same_again_is_refused_and_an_interrupted_exchange_is_finished(
    here: Services, superuser_url: PostgresUrl, rotating: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="in use already"):
        await replaced(here, rotating)
    new = rotate(superuser_url, rotating)

    async def killed(*_: object) -> None:
        raise CouldNotRun("killed")

    with monkeypatch.context() as patch:
        patch.setattr("soundcheck.wizard.replace.flow.ask_old", killed)
        with pytest.raises(CouldNotRun):
            await replaced(here, new)
    assert any(OLD.encode() in path.read_bytes() for path in here.project.backups.iterdir())
    again = services_of(here.project, dict(here.environ))
    done, _ = await replaced(again, new)
    await again.close()
    assert done.old.state is OldState.REFUSED
    assert done.purged.rewritten == 4
    with pytest.raises(Refused, match="in use already"):
        await replaced(again, new)


async def test_a_new_token_of_the_cache(tmp_path: Path, home: Path, database_url: PostgresUrl) -> None:
    """A gateway of its own, so that its token can be another one."""
    from soundcheck.stores.local.state_file import read_state, write_state

    root = tmp_path / "music-app"
    root.mkdir()
    project = open_project(root)
    stack = LocalStack(tmp_path / "stack")
    status = await stack.up()
    try:
        assert status.credentials is not None
        old = replace(status.credentials, database_url=database_url, direct_url=None)
        (root / ".env").write_text("".join(f'{name}="{value.reveal()}"\n' for name, value in old.as_env().items()))
        await stack.down()
        state = read_state(stack.places.state_file)
        assert state is not None
        new = Secret("a-new-token-of-the-cache")
        write_state(stack.places.state_file, replace(state, gateway=replace(state.gateway, token=new)))
        await stack.up()
        services = services_of(project, {"HOME": str(tmp_path)})
        told: list[Progress] = []
        done = await replace_credential(services, Half.CACHE, Credentials(rest_token=new), Unattended(), told.append)
        await services.close()
    finally:
        await stack.down()
    assert done.old.state is OldState.REFUSED
    assert f'UPSTASH_REDIS_REST_TOKEN="{new.reveal()}"' in (root / ".env").read_text()
    assert done.remnants == ()
