"""Whatever a move is interrupted by, and wherever: the old address stays in use, and the next run goes on."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401
from fault_proxy import CutAfter, FaultProxy
from two_databases import Pair

from soundcheck.stores.errors import StepFailed
from soundcheck.stores.moving.digest import Digest
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import HOME_VARIABLE, Project, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.wizard.discover import discover
from soundcheck.wizard.move.carry import carry
from soundcheck.wizard.move.state import MovePhase, load_state

SOUNDCHECK = [sys.executable, "-P", "-m", "soundcheck"]
ROOT = Path(__file__).parents[3]


class Killed(BaseException):
    """Ends everything at once, as SIGKILL does."""


async def test_killed_before_the_commit_nothing_is_there_and_after_it_the_table_is_known(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a)")
    pair.here("INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1)")

    def dies_at_b(digests: Mapping[str, Digest]) -> None:
        pair.ours.update(digests)
        if "b" in digests:
            raise Killed

    with pytest.raises(Killed):
        await carry(replace(await pair.work(), keep=dies_at_b))
    assert set(pair.ours) == {"a", "b"}, "the note is written before the commit"
    assert pair.there("SELECT * FROM a ORDER BY 1") == [(1,), (2,)]
    assert pair.there("SELECT * FROM b") == []
    pair.here("INSERT INTO a VALUES (3)")
    assert (await pair.carry()).copied == ("a", "b")
    assert pair.there("SELECT count(*) FROM a") == [(3,)]


async def test_a_connection_that_is_cut_is_told_and_the_next_run_goes_on(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE z (id int PRIMARY KEY REFERENCES a, body text)")
    pair.here("INSERT INTO a VALUES (1), (2), (3)")
    pair.here("INSERT INTO z SELECT i, repeat('x', 200000) FROM generate_series(1, 3) i")
    assert pair.target_url.port is not None
    async with FaultProxy(CutAfter(pair.target_url.port, 300_000)) as proxy:
        far = MoveSide(replace(pair.target_url, port=proxy.port), SystemResolver())
        with pytest.raises(StepFailed, match=r"z could not be copied\. The connection to") as caught:
            await carry(replace(await pair.work(), target=far))
        assert caught.value.hint
        await far.close()
    assert pair.there("SELECT count(*) FROM a") == [(3,)]
    assert pair.there("SELECT * FROM z") == []
    assert (await pair.carry()).copied == ("z",)


@pytest.fixture
def moving(project: Project, eleven_url: PostgresUrl) -> Project:  # noqa: F811
    """A project whose env file names a database with some users and playlists."""
    project.env_file.write_text(f'DATABASE_URL="{eleven_url.reveal()}"\n')
    (project.root / "soundcheck.toml").write_text('[profiles.default]\nkind = "dev"\n')
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        connection.execute("""INSERT INTO users (id, email, password, "updatedAt") VALUES ('u', 'a@b', 'x', now())""")
        connection.execute("""INSERT INTO playlists (id, "userId", name, "updatedAt") VALUES ('p', 'u', 'n', now())""")
    return open_project(project.root)


async def run_move(project: Project, target: PostgresUrl, engine: Path) -> asyncio.subprocess.Process:
    """The real command, its lines readable as they come."""
    home = str(project.home)
    environ = {"PATH": os.environ["PATH"], "HOME": home, HOME_VARIABLE: home, "NEW_URL": target.reveal()}
    return await asyncio.create_subprocess_exec(
        *SOUNDCHECK, "move", "--to", "env:NEW_URL", "--yes", "--project", str(project.root),
        cwd=ROOT, env={**environ, "SOUNDCHECK_ENGINE": str(engine)},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture
def ready_url(eleven_template: PostgresUrl, superuser_url: PostgresUrl) -> Iterator[PostgresUrl]:  # noqa: F811
    """A target that has the eleven tables already, empty."""
    url = replace(eleven_template, database=f"test_{secrets.token_hex(6)}")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database} OWNER {url.user} TEMPLATE {eleven_template.database}")
    yield url
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)")


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
async def test_a_command_that_is_ended_in_the_middle_goes_on_with_the_next_run(
    moving: Project,
    ready_url: PostgresUrl,
    engine_folder: Path,  # noqa: F811
    blow: signal.Signals,
) -> None:
    before = moving.env_file.read_text()
    said = ""
    async with await psycopg.AsyncConnection.connect(ready_url.reveal()) as held, asyncio.timeout(90):
        await held.execute("LOCK TABLE playlists IN SHARE ROW EXCLUSIVE MODE")  # the copy stands still there
        first = await run_move(moving, ready_url, engine_folder)
        assert first.stdout is not None
        while "users: 1 row" not in said:
            line = (await first.stdout.readline()).decode()
            assert line, said
            said += line
        first.send_signal(blow)
        rest = (await first.communicate())[0].decode()
    assert first.returncode == (-signal.SIGKILL if blow is signal.SIGKILL else 130), said + rest
    if blow is not signal.SIGKILL:
        assert "the old address is in use" in rest
    assert moving.env_file.read_text() == before
    state = load_state(moving)
    assert state is not None
    assert state.phase is MovePhase.COPYING
    second = await run_move(moving, ready_url, engine_folder)
    async with asyncio.timeout(90):
        said = (await second.communicate())[0].decode()
    assert second.returncode == 0, said
    assert "users: 1 row there already, the same" in said
    assert "playlists: 1 row, count and hash are the same" in said
    url = discover(moving, {}).credentials.database_url
    assert url is not None
    assert url.database == ready_url.database
