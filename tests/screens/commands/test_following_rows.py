"""`rows --follow` and `row --follow`: every change is a line, masked like everything else, until somebody ends it."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest

from soundcheck.screens.commands import following, row, rows
from soundcheck.screens.options import add_common
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.follow import Pace
from soundcheck.stores.services import Services
from tests.fault_proxy import FaultProxy, Forward, Reset

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/json/change.schema.json").read_text())
ROOT = str(Path(__file__).parents[3])
RUN = "import sys; from soundcheck.screens.cli import main; sys.exit(main())"
Run = Callable[..., Any]

ANA = """INSERT INTO users (id, name, email, password, "createdAt", "updatedAt")
VALUES ('u1', 'Ana', 'ana@mail.example', 'hash-of-ana', '2024-03-31Z', '2024-04-01Z')"""


@dataclass
class Watched:
    """What a running command has printed."""

    out: io.StringIO
    err: io.StringIO

    async def until(self, *words: str, stream: str = "out") -> str:
        """Wait until all of these stand there; the lines."""
        async with asyncio.timeout(20):
            while not all(word in getattr(self, stream).getvalue() for word in words):
                await asyncio.sleep(0.01)
        return str(getattr(self, stream).getvalue())


@asynccontextmanager
async def following_with(services: Services, command: Any, *words: str) -> AsyncIterator[Watched]:
    """The command while it runs, once it has taken its first look."""
    parser = argparse.ArgumentParser()
    add_common(parser)
    command.configure(parser)
    watched = Watched(io.StringIO(), io.StringIO())
    task = asyncio.create_task(command.run(parser.parse_args(words), services, watched.out, watched.err))
    try:
        yield watched
    finally:
        task.cancel()
        ended = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended[0], asyncio.CancelledError), f"it ended by itself: {ended[0]!r}"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "pace_of", lambda _: Pace(0.05, 0.05))


async def test_changes_are_lines_with_old_and_new_and_masked(services: Services, owner: psycopg.Connection) -> None:
    owner.execute(ANA)
    async with following_with(services, rows, "users", "--follow") as watched:
        await watched.until("Following users", "Ctrl+c", stream="err")
        await first_look(services, owner, watched)
        owner.execute("UPDATE users SET name = NULL, email = 'fresh@mail.example' WHERE id = 'u1'")
        said = await watched.until("changed u1")
        assert "name from Ana to NULL" in said
        assert "email (masked) from a•••@mail… to f•••@mail…" in said
        owner.execute(ANA.replace("'u1'", "'u2'").replace("ana@", "two@"))
        said = await watched.until("new u2")
        assert "name Ana" in said.split("new u2")[1]
        owner.execute("DELETE FROM users WHERE id = 'u2'")
        said = await watched.until("gone u2")
        assert "hash-of-ana" not in said
        assert "ana@mail" not in said


async def first_look(services: Services, owner: psycopg.Connection, watched: Watched) -> None:
    """Until it has a look to compare with: a row of its own comes and is told."""
    owner.execute(ANA.replace("'u1'", "'u0'").replace("ana@", "zero@"))
    step = 0
    while "u0" not in watched.out.getvalue():
        step += 1
        owner.execute("UPDATE users SET bio = %s WHERE id = 'u0'", [str(step)])
        await asyncio.sleep(0.02)


async def test_one_row_is_followed_in_json_that_fits_its_schema(services: Services, owner: psycopg.Connection) -> None:
    owner.execute(ANA)
    async with following_with(services, row, "users", "u1", "--follow", "--json") as watched:
        step = 0
        while not watched.out.getvalue():
            step += 1
            owner.execute("UPDATE users SET bio = %s WHERE id = 'u1'", [str(step)])
            await asyncio.sleep(0.02)
        owner.execute(ANA.replace("'u1'", "'u2'").replace("ana@", "two@"))
        owner.execute("DELETE FROM users WHERE id = 'u1'")
        await watched.until('"gone"')
        documents = [json.loads(line) for line in watched.out.getvalue().splitlines()]
        for document in documents:
            jsonschema.Draft202012Validator(SCHEMA).validate(document)
        assert {document["key"]["id"] for document in documents} == {"u1"}
        assert documents[0]["change"] == "changed"
        assert set(documents[0]["columns"]["bio"]) == {"before", "now", "masked"}
        assert watched.err.getvalue() == ""


async def test_a_database_that_goes_away_is_asked_again(services: Services, owner: psycopg.Connection) -> None:
    owner.execute(ANA)
    assert services.database is not None
    direct = services.database.url
    assert direct.port is not None
    async with FaultProxy(Forward(direct.port)) as proxy:
        database = Database(replace(direct, port=proxy.port), SystemResolver())
        async with following_with(replace(services, database=database), rows, "users", "--follow") as watched:
            await first_look(services, owner, watched)
            proxy.fault = Reset()
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await watched.until("Asking again", stream="err")
            owner.execute("UPDATE users SET name = 'Zoë' WHERE id = 'u1'")
            proxy.fault = Forward(direct.port)
            assert "name from Ana to Zoë" in await watched.until("changed u1")
            await watched.until("answers again", stream="err")
        await database.close()


async def test_a_table_that_changes_is_followed_on(services: Services, owner: psycopg.Connection) -> None:
    owner.execute(ANA)
    async with following_with(services, rows, "users", "--follow", "--where", "otp is null") as watched:
        await first_look(services, owner, watched)
        owner.execute('ALTER TABLE users DROP COLUMN otp; ALTER TABLE users RENAME COLUMN name TO "fullName"')
        said = await watched.until("users changed: ", stream="err")
        assert "otp was dropped, name is called fullName now. Left out: the filter on otp." in said
        step = 0
        while "fullName" not in watched.out.getvalue():
            step += 1
            owner.execute("""UPDATE users SET "fullName" = %s WHERE id = 'u1'""", [str(step)])
            await asyncio.sleep(0.02)


async def test_what_cannot_be_followed_is_refused(run: Run, owner: psycopg.Connection) -> None:
    owner.execute("CREATE VIEW names AS SELECT name FROM users")
    with pytest.raises(UsageError, match="no primary key"):
        await run("rows", "names", "--follow")
    with pytest.raises(UsageError, match="--follow"):
        await run("rows", "users", "--follow", "--last")


async def test_ctrl_c_ends_it_with_130(services: Services, owner: psycopg.Connection, home: Path) -> None:
    assert services.database is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", RUN, "rows", "users", "--follow", "--plain",
        cwd=services.project.root,
        env={**os.environ, "PYTHONPATH": ROOT, "DATABASE_URL": services.database.url.reveal()},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(30):
        said = ""
        while "Following users" not in said:
            line = await process.stderr.readline()
            assert line, said
            said += line.decode()
        process.send_signal(signal.SIGINT)
        await process.stderr.read()
        assert await process.wait() == ExitCode.INTERRUPTED
