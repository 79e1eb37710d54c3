"""What goes wrong on the way to the database comes back in words, with a code, and without the password."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fault_proxy import FaultProxy, Swallow
from pushed_database import Database

from soundcheck.stores.errors import CouldNotRun, SoundcheckError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.secret import Secret

WRONG = "wr0ng-Pass/word"


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that accepts, reads, and says nothing."""
    async with FaultProxy(Swallow()) as silence:
        yield silence.port


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": Secret(WRONG)}, FailureCode.AUTHENTICATION_FAILED),
        ({"user": "nobody_here"}, FailureCode.AUTHENTICATION_FAILED),
        ({"database": "no_such_database"}, FailureCode.DATABASE_MISSING),
        ({"port": 1}, FailureCode.UNREACHABLE),
        ({"host": "no-such-host.invalid"}, FailureCode.UNKNOWN_HOST),
    ],
)
async def test_each_failure_has_its_code_its_words_and_its_cure(
    change: dict[str, object], code: FailureCode, engine: PrismaEngine, database_url: PostgresUrl
) -> None:
    url = replace(database_url, **change)  # type: ignore[arg-type]
    with pytest.raises(PrismaFailure) as failed:
        await engine.server_version(url)
    assert failed.value.code is code
    assert url.endpoint in failed.value.message
    assert failed.value.hint
    assert url.password is not None
    assert url.password.reveal() not in failed.value.message + failed.value.said


async def test_a_server_that_says_nothing_is_left_after_the_connect_timeout(
    engine: PrismaEngine, silent_port: int
) -> None:
    url = PostgresUrl("app", Secret("x"), "127.0.0.1", silent_port, "music", (("connect_timeout", "1"),))
    with pytest.raises(PrismaFailure) as failed:
        await engine.server_version(url)
    assert failed.value.code is FailureCode.TIMEOUT


async def test_the_deadline_ends_what_the_connect_timeout_would_not(
    engine: PrismaEngine, silent_port: int, schema: Path
) -> None:
    url = PostgresUrl("app", Secret("x"), "127.0.0.1", silent_port, "music", (("connect_timeout", "600"),))
    with pytest.raises(PrismaFailure) as failed:
        await engine.plan_push(url, schema, deadline=0.5)
    assert failed.value.code is FailureCode.DEADLINE


async def test_a_schema_that_does_not_parse_names_its_line(
    engine: PrismaEngine, database: Database, write_schema: Callable[[str], Path]
) -> None:
    schema = write_schema("model a { \n id Int @id \n name Strin \n }")
    for ask in (engine.describe(schema), engine.plan_push(database.url, schema)):
        with pytest.raises(PrismaFailure) as failed:
            await ask
        assert failed.value.code is FailureCode.SCHEMA_INVALID
        assert 'schema.prisma:12: Type "Strin" is neither a built-in type' in failed.value.message
        assert "\x1b" not in failed.value.message
        assert "\n" not in failed.value.message


async def test_a_schema_without_a_datasource_is_told_in_words(
    engine: PrismaEngine, database: Database, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text("")
    with pytest.raises(PrismaFailure) as failed:
        await engine.plan_push(database.url, schema)
    assert failed.value.code is FailureCode.SCHEMA_EMPTY
    assert "wasm" not in failed.value.message
    assert "delete the file if it is empty" in failed.value.hint


async def test_a_schema_that_is_not_there_is_told_by_its_name(engine: PrismaEngine, tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match=r"nowhere\.prisma cannot be read"):
        await engine.describe(tmp_path / "nowhere.prisma")


async def test_without_its_installation_the_engine_says_how_to_get_it(tmp_path: Path, schema: Path) -> None:
    missing = PrismaEngine(tmp_path, find_node(), environ={})
    assert not missing.is_installed
    with pytest.raises(CouldNotRun, match="not installed") as failed:
        await missing.describe(schema)
    assert "soundcheck setup" in failed.value.hint


async def test_no_failure_of_a_push_holds_the_password(engine: PrismaEngine, database_url: PostgresUrl) -> None:
    url = replace(database_url, password=Secret(WRONG), database="x" * 40)
    with pytest.raises(SoundcheckError) as failed:
        await engine.server_version(url)
    assert WRONG not in f"{failed.value!r} {failed.value.message} {failed.value.hint}"
