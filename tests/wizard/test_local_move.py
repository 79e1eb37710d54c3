"""A local stack that had to leave its ports: other secrets, and every env file follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials, RestUrl
from soundcheck.stores.envfile import read_env
from soundcheck.stores.local.ownership import wants_scram
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import LocalState, read_state
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project import backups
from soundcheck.stores.project.journal import Journal, Swapped
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.wizard.local_move import LocalMove, follow_local
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.setup.local_step import wake_local
from tests.squatter import squatting


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SOUNDCHECK_HOME", str(tmp_path / "home"))
    (tmp_path / "shop" / "prisma").mkdir(parents=True)
    return open_project(tmp_path / "shop")


@pytest.fixture
async def stack(project: Project) -> AsyncIterator[LocalStack]:
    stack = LocalStack(project.local)
    await stack.up()
    yield stack
    await stack.down()


def state_of(stack: LocalStack) -> LocalState:
    state = stack.state()
    assert state is not None
    return state


async def moved(stack: LocalStack) -> tuple[LocalState, LocalState]:
    """Its state before and after a move that left all three ports to strangers."""
    before = state_of(stack)
    await stack.down()
    with ExitStack() as strangers:
        found = strangers.enter_context(squatting(*sorted(before.ports)))
        assert (await stack.up()).ports_changed
        assert b"".join(one.heard for one in found) == b""
    return before, state_of(stack)


def names_old(state: LocalState) -> dict[str, str]:
    """An env file of a project that lives on this stack."""
    postgres, valkey, gateway = state.postgres, state.valkey, state.gateway
    url = f"postgresql://soundcheck:{postgres.password.reveal()}@localhost:{postgres.port}/mine?sslmode=disable"
    return {
        "DATABASE_URL": f"{url}&connection_limit=5",
        "SHADOW": url.replace("/mine", "/shadow").replace("localhost", "127.0.0.1"),
        "PGPASSWORD": postgres.password.reveal(),
        "UPSTASH_REDIS_REST_URL": f"http://127.0.0.1:{gateway.port}",
        "UPSTASH_REDIS_REST_TOKEN": gateway.token.reveal(),
        "READER": gateway.readonly_token.reveal(),
        "REDIS_URL": f"redis://:{valkey.password.reveal()}@127.0.0.1:{valkey.port}/0",
        "ELSEWHERE": f"postgresql://u:p@db.example.org:{postgres.port}/d",
        "OTHER": f"http://127.0.0.1:{postgres.port}",
    }


def as_env(values: dict[str, str]) -> str:
    return "# mine\n" + "".join(f'{name}="{value}"\n' for name, value in values.items())


async def test_every_secret_changes_and_the_data_stays(stack: LocalStack) -> None:
    before = state_of(stack)
    old = stack.credentials()
    assert old is not None
    assert old.database_url is not None
    with psycopg.connect(old.database_url.reveal()) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS n")
    before, after = await moved(stack)
    for part in ("postgres", "valkey", "gateway"):
        had, has = getattr(before, part), getattr(after, part)
        for name in ("password", "superuser_password", "token", "readonly_token"):
            assert not hasattr(had, name) or getattr(had, name) != getattr(has, name)
    now = stack.credentials()
    assert now is not None
    assert now.database_url is not None
    assert now.rest_url is not None
    assert now.rest_token is not None
    with psycopg.connect(now.database_url.reveal()) as session:
        assert session.execute("SELECT n FROM kept").fetchall() == [(7,)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(replace(now.database_url, password=old.database_url.password).reveal())
    client = RestClient(now.rest_url, now.rest_token)
    assert (await client.command("PING")).value == "PONG"
    await client.close()
    assert wants_scram("127.0.0.1", 1, before.postgres.password)
    assert stack.was_ours(old.database_url)
    assert read_state(stack.places.state_file) == after


async def test_every_env_file_of_the_project_follows(stack: LocalStack, project: Project) -> None:
    values = names_old(state_of(stack))
    files = [project.env_file, project.root / ".env.local", project.root / "prisma" / ".env"]
    for file in files:
        file.write_text(as_env(values))
    before, after = await moved(stack)
    said: list[Progress] = []
    url = PostgresUrl.parse(values["DATABASE_URL"])
    services = Services(
        project, SystemClock(), SystemResolver(),
        Credentials(url, None, RestUrl.parse(values["UPSTASH_REDIS_REST_URL"]), before.gateway.token),
    )  # fmt: skip
    woken = await wake_local(services, said.append)
    wanted = names_old(after) | {name: values[name] for name in ("ELSEWHERE", "OTHER")}
    for file in files:
        found = {name: one.value.reveal() for name, one in read_env(file).values.items()}
        assert found == wanted, file
        assert file.read_text() == as_env(wanted)
        assert file.stat().st_mode & 0o777 == 0o600
        assert backups.newest(project.backups, file) is not None
    assert {one.path for one in Journal(project).records() if isinstance(one, Swapped)} == set(files)
    assert woken.credentials.database_url == stack.credentials().database_url  # type: ignore[union-attr]
    assert woken.credentials.rest_token == after.gateway.token
    await woken.close()
    assert sum(one.mark is Mark.OK for one in said) == 3
    old = [before.postgres.password, before.valkey.password, before.gateway.token, before.gateway.readonly_token]
    for kept in project.state.rglob("*"):
        if kept.is_file() and kept != stack.places.state_file:
            assert not any(secret.reveal().encode() in kept.read_bytes() for secret in old), kept
    assert follow_local(project, after, SystemClock(), said.append) == ()


async def test_a_file_that_cannot_be_changed_is_told_and_found_again(stack: LocalStack, project: Project) -> None:
    elsewhere = project.root.parent / "elsewhere"
    elsewhere.write_text(as_env(names_old(state_of(stack))))
    (project.root / ".env.local").symlink_to(elsewhere)
    _, after = await moved(stack)
    for _ in range(2):
        said: list[Progress] = []
        assert follow_local(project, after, SystemClock(), said.append) == ()
        assert [one.mark for one in said] == [Mark.WARN]
        assert ".env.local" in said[0].text
        assert after.gateway.token.reveal() not in f"{said}"
    elsewhere_after = elsewhere.read_text()
    assert after.gateway.token.reveal() not in elsewhere_after


async def test_what_moved_twice_is_still_known(stack: LocalStack, project: Project) -> None:
    project.env_file.write_text(as_env(names_old(state_of(stack))))
    await moved(stack)
    _, after = await moved(stack)
    follow_local(project, after, SystemClock(), lambda _: None)
    found = {name: one.value.reveal() for name, one in read_env(project.env_file).values.items()}
    assert found["DATABASE_URL"] == names_old(after)["DATABASE_URL"]
    assert found["REDIS_URL"] == names_old(after)["REDIS_URL"]
    move = LocalMove(after)
    stranger = replace(PostgresUrl.parse(found["DATABASE_URL"]), password=Secret("x"), port=after.former[0].port)
    assert move.in_place_of("DATABASE_URL", stranger.reveal()) is None
