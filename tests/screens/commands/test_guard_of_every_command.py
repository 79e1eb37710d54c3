"""Every command that writes, on every kind of profile, with every consent: nothing is written without the right one.

What is told here is what the database itself holds afterwards, read past our own code.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alias_proxy import AliasProxy
from moving_project import Mover, in_use, mover, mover_to, moving, rows_of  # noqa: F401
from nameless_address import Nameless, nameless  # noqa: F401
from two_databases import target_url  # noqa: F401

from soundcheck.screens.asking_plain import PlainAsker
from soundcheck.screens.commands import doctor, remove
from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Unattended
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup.last_steps import database as database_step
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupOptions, SetupState

DEV, UNKNOWN, PRODUCTION = ProfileKind.DEV, ProfileKind.UNKNOWN, ProfileKind.PRODUCTION
KINDS = (DEV, UNKNOWN, PRODUCTION)
NO, OTHER, RIGHT = CONSENTS = "no consent", "another database's name", "its name"

Call = Callable[..., Any]


def of_kind(services: Services, kind: ProfileKind) -> Services:
    return replace(services, project=replace(services.project, profile=Profile("live", kind, named=True)))


def consent_words(consent: str, url: PostgresUrl) -> list[str]:
    return {NO: [], OTHER: ["--production", "some_other"], RIGHT: ["--production", url.database]}[consent]


def users(owner: psycopg.Connection[Any]) -> int:
    return int(owner.execute("SELECT count(*) FROM users").fetchall()[0][0])


async def test_seed_and_its_removal(
    run: Call, services: Services, owner: psycopg.Connection[Any], eleven_url: PostgresUrl
) -> None:
    for kind, consent in product(KINDS, CONSENTS):
        profiled = of_kind(services, kind)
        allowed = kind is DEV or consent == RIGHT
        for words, written in ((["--users", "3"], 3), (["--remove"], 0)):
            before = users(owner)
            command = ("seed", *words, *consent_words(consent, eleven_url))
            if allowed:
                await run(*command, using=profiled)
                assert users(owner) == written, (kind, consent)
                continue
            with pytest.raises(Refused) as refusal:
                await run(*command, using=profiled)
            assert users(owner) == before, (kind, consent)
            assert f"--production {eleven_url.database}" in refusal.value.hint
            assert ("soundcheck profiles kind live dev" in refusal.value.hint) is (kind is UNKNOWN)
        await run("seed", "--users", "2", "--production", eleven_url.database, using=profiled)  # something to lose


@pytest.fixture
async def empty(services: Services, database_url: PostgresUrl) -> AsyncIterator[Services]:
    """The same over a database without a table, with all checks and our schema in the project."""
    schema = services.project.root / "schema.prisma"
    from soundcheck.stores.prisma.schema_text import packaged_schema

    schema.write_bytes(packaged_schema().read_bytes())
    there = replace(services, project=replace(services.project, schema=schema))
    there.project.prepare_state()
    opened = there.using(replace(services.credentials, database_url=database_url))
    opened.project.env_file.write_text(
        "".join(f'{name}="{value.reveal()}"\n' for name, value in opened.credentials.as_env().items())
    )
    yield opened
    await opened.close()


def tables(url: PostgresUrl) -> int:
    with psycopg.connect(url.reveal()) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        return int(connection.execute(query).fetchall()[0][0])


async def test_a_push_by_doctor_that_only_adds(run_doctor: Call, empty: Services, database_url: PostgresUrl) -> None:
    for consent in (NO, OTHER):
        words = consent_words(consent, database_url)
        told = await run_doctor(*words, using=of_kind(empty, PRODUCTION))
        assert told["applied"] == []
        assert f"--production {database_url.database}" in told["left"][0]["hint"]
        assert tables(database_url) == 0
    told = await run_doctor(using=of_kind(empty, UNKNOWN))
    assert [one["fix"] for one in told["applied"]] == ["tables.push"]
    assert tables(database_url) == 11


@pytest.fixture
def run_doctor() -> Call:
    """`doctor --fix tables.push --json`, asked of one check; its document."""
    import argparse
    import io

    from soundcheck.screens.options import add_common

    async def call(*words: str, using: Services) -> Any:
        parser = argparse.ArgumentParser()
        add_common(parser)
        doctor.configure(parser)
        out = io.StringIO()
        line = ["--only", "database.tables", *words, "--json", "--fix", "tables.push"]
        await doctor.run(parser.parse_args(line), using, out, io.StringIO())
        return json.loads(out.getvalue())

    return call


def has_legacy(owner: psycopg.Connection[Any]) -> bool:
    query = "SELECT 1 FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'legacy'"
    return owner.execute(query).fetchone() is not None


async def push(services: Services, consent: Consent) -> None:
    """The Database step, as `setup --yes` runs it."""
    state = SetupState(services, Session(), options=SetupOptions(consent=consent))
    await database_step(state, Unattended(), silent)


async def test_a_push_in_set_up_that_would_lose_something(
    services: Services, owner: psycopg.Connection[Any], eleven_url: PostgresUrl
) -> None:
    owner.execute("ALTER TABLE users ADD COLUMN legacy text")
    name = eleven_url.database
    with pytest.raises(Refused) as refusal:
        await push(of_kind(services, DEV), Consent())
    loss = refusal.value.hint.partition("--accept-data-loss ")[2].partition("legacy")[0] + "legacy"
    for kind, consent in (
        (DEV, Consent(production=name)),
        (UNKNOWN, Consent(frozenset({loss}))),
        (PRODUCTION, Consent(frozenset({loss}), "some_other")),
        (PRODUCTION, Consent(production=name)),
    ):
        with pytest.raises(Refused):
            await push(of_kind(services, kind), consent)
        assert has_legacy(owner)
    assert not (services.project.root / "prisma").exists()
    await push(of_kind(services, PRODUCTION), Consent(frozenset({loss}), name))
    assert not has_legacy(owner)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_move_pushes_copies_and_switches_only_with_the_target_s_name(
    mover: Mover,  # noqa: F811
    moving: Services,  # noqa: F811
    target_url: PostgresUrl,  # noqa: F811
    kind: ProfileKind,
) -> None:
    using = of_kind(moving, kind)
    before = moving.project.env_file.read_bytes()
    for consent in CONSENTS:
        words = ("--to", "env:NEW_URL", "--yes", *consent_words(consent, target_url))
        if kind is DEV or consent == RIGHT:
            await mover(*words, using=using)
            assert rows_of(target_url, "SELECT count(*) FROM playlists") == [(20,)]
            assert in_use(moving.project) == target_url.database
            return
        with pytest.raises(Refused) as refusal:
            await mover(*words, using=using)
        assert f"--production {target_url.database}" in refusal.value.hint
        assert ("soundcheck profiles kind live dev" in refusal.value.hint) is (kind is UNKNOWN)
        assert tables(target_url) == 0
        assert moving.project.env_file.read_bytes() == before


def write_env(services: Services) -> Path:
    """An env file of ours that leads to the stores, written anew."""
    lines = [f'{name}="{value.reveal()}"\n' for name, value in services.credentials.as_env().items()]
    services.project.prepare_state()
    env_file = services.project.env_file
    env_file.unlink(missing_ok=True)
    Journal(services.project).write_file(Kind.ENV, env_file, None, "".join(lines).encode(), mode=0o600)
    return env_file


async def test_remove_takes_the_env_file_only_with_the_name_and_no_row_ever(
    run: Call, services: Services, owner: psycopg.Connection[Any], eleven_url: PostgresUrl
) -> None:
    owner.execute("""INSERT INTO users (id, email, password, "updatedAt") VALUES ('u1', 'a@b.c', 'x', now())""")
    for kind, consent in product(KINDS, CONSENTS):
        env_file = write_env(services)
        before = env_file.read_bytes()
        command = ("remove", "--yes", "--only", "env", *consent_words(consent, eleven_url))
        if kind is DEV or consent == RIGHT:
            await run(*command, using=of_kind(services, kind))
            assert not env_file.exists(), (kind, consent)
        else:
            with pytest.raises(Refused) as refusal:
                await run(*command, using=of_kind(services, kind))
            assert env_file.read_bytes() == before, (kind, consent)
            assert f"--production {eleven_url.database}" in refusal.value.hint
            assert ("soundcheck profiles kind live dev" in refusal.value.hint) is (kind is UNKNOWN)
        assert users(owner) == 1


async def test_remove_asks_a_person_for_the_name_and_takes_no_other(
    run: Call,
    services: Services,
    eleven_url: PostgresUrl,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(remove, "plain_asker", lambda _: PlainAsker())
    for kind in KINDS:
        env_file = write_env(services)
        typed = iter(["all", "some_other", eleven_url.database])
        left: list[bool] = []

        def answer(_: str, typed: Iterator[str] = typed, left: list[bool] = left, env_file: Path = env_file) -> str:
            left.append(env_file.exists())
            return next(typed)

        monkeypatch.setattr("builtins.input", answer)
        await run("remove", "--only", "env", using=of_kind(services, kind))
        said = capsys.readouterr().out
        assert left == ([True] if kind is DEV else [True, True, True]), "it stays until the last answer"
        assert not env_file.exists(), kind
        assert (f"type {eleven_url.database}." in said) is (kind is not DEV)
        assert ("soundcheck profiles kind live dev" in said) is (kind is UNKNOWN)


async def test_remove_asks_for_the_cache_s_host_where_the_env_file_leads_to_a_cache_alone(
    run: Call, services: Services
) -> None:
    only_cache = services.using(replace(services.credentials, database_url=None, direct_url=None))
    for kind in (UNKNOWN, PRODUCTION):
        env_file = write_env(only_cache)
        for given in ((), ("--production", ""), ("--production", "127")):
            with pytest.raises(Refused) as refusal:
                await run("remove", "--yes", "--only", "env", *given, using=of_kind(only_cache, kind))
            assert "--production 127.0.0.1" in refusal.value.hint, kind
            assert env_file.exists(), kind
        await run("remove", "--yes", "--only", "env", "--production", "127.0.0.1", using=of_kind(only_cache, kind))
        assert not env_file.exists(), kind


async def test_a_move_of_the_cache_alone_asks_for_its_host_in_production(
    mover: Mover,  # noqa: F811
    moving: Services,  # noqa: F811
    rest: Any,
) -> None:
    elsewhere = str(rest.url).replace("127.0.0.1", "localhost")
    words = ("--to", "env:NEW_URL", "--only", "cache", "--redis-url", "env:REST", "--redis-token", "env:TOKEN", "--yes")
    secrets = {"REST": elsewhere, "TOKEN": rest.token.reveal()}
    before = moving.project.env_file.read_bytes()
    for given in ((), ("--production", ""), ("--production", "127.0.0.1")):
        with pytest.raises(Refused) as refusal:
            await mover(*words, *given, using=of_kind(moving, PRODUCTION), **secrets)
        assert "--production localhost" in refusal.value.hint
        assert moving.project.env_file.read_bytes() == before
    await mover(*words, "--production", "localhost", using=of_kind(moving, PRODUCTION), **secrets)
    assert elsewhere in moving.project.env_file.read_text()


BLANK = ((), ("--production", ""), ("--production", " "), ("--production", "''"))


@pytest.mark.parametrize("kind", [UNKNOWN, PRODUCTION])
async def test_an_address_without_a_database_is_guarded_by_the_name_it_means(
    run: Call,
    mover: Mover,  # noqa: F811
    moving: Services,  # noqa: F811
    nameless: Nameless,  # noqa: F811
    kind: ProfileKind,
) -> None:
    using, option = of_kind(moving, kind), f"--production {shlex.quote(nameless.name)}"
    for given in BLANK:
        with pytest.raises(Refused) as refusal:
            await mover("--to", "env:HERE", "--yes", *given, using=using, HERE=nameless.text)
        assert option in refusal.value.hint
        assert tables(nameless.url) == 0
    await mover("--to", "env:HERE", "--yes", "--production", nameless.name, using=using, HERE=nameless.text)
    assert rows_of(nameless.url, "SELECT count(*) FROM playlists") == [(20,)]
    there = using.using(replace(using.credentials, database_url=nameless.url))
    for words in (("seed", "--users", "2"), ("seed", "--remove")):
        for given in BLANK:
            with pytest.raises(Refused) as refusal:
                await run(*words, *given, using=there)
            assert option in refusal.value.hint
    await there.close()


@pytest.mark.parametrize("kind", [UNKNOWN, PRODUCTION])
async def test_behind_an_alias_the_address_s_name_is_asked_for_and_the_server_s_is_shown(
    run: Call,
    services: Services,
    owner: psycopg.Connection[Any],
    eleven_url: PostgresUrl,
    kind: ProfileKind,
) -> None:
    assert eleven_url.port is not None
    async with AliasProxy(eleven_url.port, eleven_url.database) as pooler:
        url = replace(eleven_url, port=pooler.port, database="alias")
        there = of_kind(services.using(replace(services.credentials, database_url=url)), kind)
        shown = f"127.0.0.1:{pooler.port}/alias (the server calls it {eleven_url.database})"
        for given in ((), ("--production", eleven_url.database)):
            with pytest.raises(Refused) as refusal:
                await run("seed", "--users", "2", *given, using=there)
            assert shown in refusal.value.message
            assert "--production alias" in refusal.value.hint
        assert users(owner) == 0
        await run("seed", "--users", "2", "--production", "alias", using=there)
        assert users(owner) == 2
        owner.execute("ALTER TABLE users ADD COLUMN legacy text")
        accepted = frozenset({"users.legacy"})
        for consent in (Consent(accepted), Consent(accepted, eleven_url.database)):
            with pytest.raises(Refused) as refusal:
                await push(there, consent)
            assert shown in refusal.value.message
            assert has_legacy(owner)
        await push(there, Consent(accepted, "alias"))
        assert not has_legacy(owner)
        await there.close()


async def test_a_move_to_an_alias_shows_both_names(
    moving: Services,  # noqa: F811
    target_url: PostgresUrl,  # noqa: F811
) -> None:
    assert target_url.port is not None
    async with AliasProxy(target_url.port, target_url.database) as pooler:
        there = mover_to(moving, replace(target_url, port=pooler.port, database="alias"))
        words = ("--to", "env:NEW_URL", "--yes", "--production")
        with pytest.raises(Refused, match=rf"alias \(the server calls it {target_url.database}\)") as refusal:
            await there(*words, target_url.database, using=of_kind(moving, PRODUCTION))
        assert "--production alias" in refusal.value.hint
        assert tables(target_url) == 0
        await there(*words, "alias", using=of_kind(moving, PRODUCTION))
        assert tables(target_url) == 11
