"""What all tests share: one local stack for the session, and a fresh place in it for each test."""

from __future__ import annotations

import gc

import ast
import signal
import sys
from typing import Any

_PARSE = ast.parse


def _parsed_in_peace(*source: Any, **options: Any) -> ast.AST:
    """As `ast.parse`, with no garbage collected meanwhile.

    CPython 3.11 cannot parse while it parses ("AST constructor recursion depth mismatch", python/cpython#106905). What
    a collected object has to say makes it do that: tracebacks are marked with the help of the parser.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return _PARSE(*source, **options)
    finally:
        if collects:
            gc.enable()


if sys.version_info < (3, 12):
    ast.parse = _parsed_in_peace  # pytest's own parsing too, which rewrites modules and shows failures

for _number, _own in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if (
        signal.getsignal(_number) is signal.SIG_IGN
    ):  # as a shell has it for what runs behind it: children would inherit it
        signal.signal(_number, _own)

from hypothesis import HealthCheck, given, settings, strategies  # noqa: E402

import asyncio
import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import SUPERUSER, read_state
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.project.project import HOME_VARIABLE, Project, open_project
from soundcheck.stores.secret import Secret
from tests.lent_databases import LentDatabases


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system, not a file
ROOM = 4 << 30
"""Bytes that a whole run may need at once: the clusters of four workers, and what failed tests leave."""


def pytest_configure() -> None:
    """Temporary folders are made in memory, where there is a file system for that, with room, which runs programs.

    A database is some 300 files. To make and drop one takes a seventh of the time then: on a disk with many files most
    of PostgreSQL's time went into finding room for new ones. `PYTEST_DEBUG_TEMPROOT` names another place.
    """
    with contextlib.suppress(OSError):
        found = os.statvfs(IN_MEMORY)
        if found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & (os.ST_NOEXEC | os.ST_RDONLY):
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


LONG = (
    "test_four_faces.py", "test_traps_of_a_folder.py", "test_ending_with_the_screen.py", "test_tables_that_change.py",
)  # fmt: skip
"""Files of a minute each: the last one to begin would have a worker busy alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: no collection of garbage looks through it again.

    Measured with the app's tests: 7 of 38 seconds went into full collections.

    One property goes first. With it Hypothesis registers its random generator, and warns if the collector finds nothing
    that refers to it. From Python 3.14 on, that is so once everything is frozen.
    """
    given(strategies.none())(lambda _: None)()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


settings.register_profile("suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("suite")  # the same examples in every run; --hypothesis-profile=search looks for new ones


def run_aside(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a loop and thread of its own: a fixture must not disturb the loop of its test."""
    results: list[Any] = []
    failures: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


@pytest.fixture(autouse=True)
def _no_variable_left() -> Iterator[None]:
    """What a test, or a library that reads an env file in it, has exported does not reach the next one."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys() - {"PYTEST_CURRENT_TEST"}:
        del os.environ[name]
    for name, value in before.items():
        if os.environ.get(name) != value and name != "PYTEST_CURRENT_TEST":
            os.environ[name] = value


@pytest.fixture(autouse=True, scope="session")
def _no_inherited_settings() -> Iterator[None]:
    """Whatever this machine exports for a real backend must not reach a test, nor the env file of `make run` here.

    Prisma's clients read the `.env` of the folder that pytest stands in, and export it.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr("dotenv.load_dotenv", lambda *_, **__: False)
    for name in ("DATABASE_URL", "DIRECT_URL", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "NO_COLOR"):
        patch.delenv(name, raising=False)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _node_on_the_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tests' backends start with `node`, `npm` and `npx`. A machine without them takes Soundcheck's own."""
    patch = pytest.MonkeyPatch()
    if shutil.which("node") is None:
        folder = tmp_path_factory.mktemp("node")
        node, npm = map(Path, find_node().npm)
        (folder / "node").symlink_to(node)
        for program in (npm, npm.with_name("npx-cli.js")):
            script = folder / program.name.removesuffix("-cli.js")
            script.write_text(f'#!/bin/sh\nexec "{node}" "{program}" "$@"\n')
            script.chmod(0o755)
        patch.setenv("PATH", str(folder), prepend=os.pathsep)
    yield
    patch.undo()


STOP_WHAT_IS_LEFT = """
import asyncio, pathlib, sys
sys.stdin.read()  # ends when the test session does, however it does
from soundcheck.stores.local.stack import LocalStack
for lock in pathlib.Path(sys.argv[1]).glob("**/postgres.life"):
    asyncio.run(LocalStack(lock.parent).down())
"""


@pytest.fixture(autouse=True, scope="session")
def _no_server_outlives_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A watcher that stops every local stack below the session's folder, also when the session is killed."""
    watcher = subprocess.Popen(
        [sys.executable, "-P", "-c", STOP_WHAT_IS_LEFT, str(tmp_path_factory.getbasetemp())],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        start_new_session=True,
    )
    yield
    watcher.communicate(timeout=60)
    assert watcher.returncode == 0


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """One local stack, up for the whole session."""
    local = LocalStack(tmp_path_factory.mktemp("stack"))
    run_aside(local.up())
    yield local
    run_aside(local.down())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `SOUNDCHECK_HOME`."""
    folder = tmp_path / "soundcheck-home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    """A project in an empty folder."""
    root = tmp_path / "music-app"
    root.mkdir()
    return open_project(root)


@pytest.fixture(scope="session")
def superuser_url(stack: LocalStack) -> PostgresUrl:
    """The session's server as its superuser, on the database `postgres`: to prepare and to look, not to test with."""
    state = read_state(stack.places.state_file)
    assert state is not None
    application = stack.credentials()
    assert application is not None
    assert application.database_url is not None
    return replace(
        application.database_url, user=SUPERUSER, password=state.postgres.superuser_password, database="postgres"
    )


@pytest.fixture(scope="session")
def administrator(superuser_url: PostgresUrl, stack: LocalStack) -> Iterator[psycopg.Connection]:
    """A connection for the whole session, which makes the databases of the tests and drops them.

    Nothing of this server is kept, so it waits for no disk. It also vacuums and analyses nothing by itself: whether
    that happened between two statements of a test must not depend on how slow the machine is. Its passwords are hashed
    once, not 4,096 times: each connection takes a quarter of the processor time then.
    """
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        for setting in ("fsync", "autovacuum"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
        application = stack.credentials()
        assert application is not None
        assert application.database_url is not None
        connection.execute("SET scram_iterations = 1")
        for url in (superuser_url, application.database_url):
            assert url.password is not None
            again = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(url.user), url.password.reveal())
            connection.execute(again)
        connection.execute("RESET scram_iterations")
        yield connection


@pytest.fixture(scope="session")
def lent_databases(stack: LocalStack, administrator: psycopg.Connection) -> LentDatabases:
    """Where the databases of the tests come from."""
    application = stack.credentials()
    assert application is not None
    assert application.database_url is not None
    return LentDatabases(administrator, application.database_url)


@pytest.fixture
def database_url(lent_databases: LentDatabases) -> Iterator[PostgresUrl]:
    """A fresh, empty database that belongs to the application's role, which is no superuser."""
    with lent_databases.lend() as url:
        yield url


@dataclass(frozen=True)
class Rest:
    """The session's REST endpoint."""

    url: RestUrl
    token: Secret
    readonly_token: Secret
    redis_url: Secret


@pytest.fixture
def rest(stack: LocalStack) -> Rest:
    """The session's cache, emptied for this test."""
    import redis

    status = run_aside(stack.status())
    assert status.redis.url is not None
    assert status.rest.url is not None
    assert status.rest.token is not None
    assert status.rest.readonly_token is not None
    with redis.Redis.from_url(status.redis.url.reveal()) as client:
        client.flushall()
    return Rest(status.rest.url, status.rest.token, status.rest.readonly_token, Secret(status.redis.url.reveal()))
