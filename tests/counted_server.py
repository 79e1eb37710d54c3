"""A PostgreSQL server that counts what it was asked, by its own pg_stat_statements: nothing of ours is believed.

Import what you need into your own conftest or module: `from counted_server import counted, counted_url  # noqa: F401`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.local import postgres_server
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import SUPERUSER, read_state
from soundcheck.stores.postgres.url import PostgresUrl
from tests.conftest import run_aside

FRAME = ("BEGIN READ ONLY", "ROLLBACK", "SELECT set_config(")
"""What travels around each reading statement, in the same round trip."""

_ASKED = """
SELECT s.query, s.calls, s.rows FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = %s AND s.userid = %s::regrole ORDER BY s.query
"""


@dataclass(frozen=True)
class Statement:
    """One statement as the server keeps it: values are `$1` and so on; how often it ran, and rows it gave in all."""

    query: str
    calls: int
    rows: int


class Counted:
    """What the application's role asked one database, by the server's statistics."""

    def __init__(self, superuser: PostgresUrl, url: PostgresUrl) -> None:
        self.url = url
        self._superuser = superuser

    def forget(self) -> None:
        """Begin to count."""
        with psycopg.connect(self._superuser.reveal(), autocommit=True) as connection:
            connection.execute("SELECT pg_stat_statements_reset()")

    def everything(self) -> list[Statement]:
        """All that ran since, with what frames it."""
        with psycopg.connect(self._superuser.reveal(), autocommit=True) as connection:
            found = connection.execute(_ASKED, [self.url.database, self.url.user]).fetchall()
        return [Statement(*one) for one in found]

    def statements(self) -> list[Statement]:
        """Those that read something."""
        return [one for one in self.everything() if not one.query.startswith(FRAME)]

    def calls(self) -> int:
        """How many of them ran."""
        return sum(one.calls for one in self.statements())


@pytest.fixture(scope="session")
def counted_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A local stack whose PostgreSQL loads pg_stat_statements."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(postgres_server.SETTINGS, "shared_preload_libraries", "pg_stat_statements")
        local = LocalStack(tmp_path_factory.mktemp("counted"))
        run_aside(local.up())
    yield local
    run_aside(local.down())


@pytest.fixture(scope="session")
def counted_superuser(counted_stack: LocalStack) -> PostgresUrl:
    """That server as its superuser."""
    state, application = read_state(counted_stack.places.state_file), counted_stack.credentials()
    assert state is not None
    assert application is not None
    assert application.database_url is not None
    password = state.postgres.superuser_password
    url = replace(application.database_url, user=SUPERUSER, password=password, database="postgres")
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
    return url


@pytest.fixture
def counted(counted_stack: LocalStack, counted_superuser: PostgresUrl) -> Iterator[Counted]:
    """A fresh database on it, and its counter."""
    with counted_database(counted_stack, counted_superuser) as found:
        yield found


@contextmanager
def counted_database(counted_stack: LocalStack, counted_superuser: PostgresUrl) -> Iterator[Counted]:
    """The same for as long as a module wants it."""
    application = counted_stack.credentials()
    assert application is not None
    assert application.database_url is not None
    url = replace(application.database_url, database=f"counted_{secrets.token_hex(6)}")
    name = sql.Identifier(url.database)
    with psycopg.connect(counted_superuser.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(url.user)))
    yield Counted(counted_superuser, url)
    with psycopg.connect(counted_superuser.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
