"""A read that waits for a lock says who holds it, as far as the server tells this role."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.catalog.structure import load_structure
from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.postgres import lock_holders
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.lock_holders import Holder, locked_problem
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret

MADE = """
CREATE TABLE cust (id int PRIMARY KEY, name text); INSERT INTO cust VALUES (1, 'Ana');
CREATE TABLE emptied (id int PRIMARY KEY);
CREATE TABLE below (id int PRIMARY KEY, name text); CREATE VIEW names AS SELECT name FROM below;
CREATE SCHEMA "Sales 1"; CREATE TABLE "Sales 1".cust (id int PRIMARY KEY);
"""

LONG = 4.5
"""Seconds: two thirds of it are waited, and the question for the holder is asked well before."""


@dataclass
class Sessions:
    """Other connections to the same database."""

    url: PostgresUrl
    stack: ExitStack

    def open(self, name: str) -> psycopg.Connection:
        """One with this application name, in a transaction as soon as it is used."""
        opened = psycopg.connect(self.url.reveal(), application_name=name)
        self.stack.callback(opened.close)
        return opened


@pytest.fixture
def others(database_url: PostgresUrl) -> Iterator[Sessions]:
    with ExitStack() as stack:
        yield Sessions(database_url, stack)


async def refused(database: Database, query: str) -> DatabaseProblem:
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch(query, timeout=LONG)
    return caught.value


LOCKS = [
    ("LOCK TABLE cust IN ACCESS EXCLUSIVE MODE", "SELECT * FROM cust", "cust"),
    ("TRUNCATE emptied", "SELECT count(*) FROM emptied", "emptied"),
    ("ALTER TABLE below ADD COLUMN mail text", "SELECT name FROM names", "below"),
    ('DROP TABLE "Sales 1".cust', 'SELECT * FROM "Sales 1".cust', '"Sales 1".cust'),
]


async def test_the_holder_is_named(owner: psycopg.Connection, others: Sessions) -> None:
    owner.execute(MADE)

    async def named(lock: str, query: str, relation: str) -> None:
        holder = others.open("a migration")
        holder.execute(lock.encode())
        since = owner.execute(
            "SELECT to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM pg_stat_activity"
            " WHERE pid = %s",
            [holder.info.backend_pid],
        ).fetchone()
        database = Database(others.url, SystemResolver())  # each needs two connections, of four that there may be
        problem = await refused(database, query)
        assert problem.trouble is Trouble.LOCKED, lock
        assert since is not None
        assert problem.message == (
            f"{relation} is locked by pid {holder.info.backend_pid} (user {holder.info.user}, application a migration, "
            f"idle in transaction since {since[0]} UTC)."
        )
        assert f"pg_terminate_backend({holder.info.backend_pid})" in problem.hint
        assert "Narrow" not in problem.hint
        holder.rollback()
        await database.fetch(query)
        await database.close()

    await asyncio.gather(*(named(*case) for case in LOCKS))


async def test_one_that_waits_itself_is_named_with_the_one_it_waits_for(
    database: Database, owner: psycopg.Connection, others: Sessions
) -> None:
    """A change of a table queues behind its readers, and every later read behind that change."""
    owner.execute(MADE)
    reader, change = others.open("a report"), others.open("a migration")
    reader.execute("SELECT * FROM cust")
    altering = asyncio.create_task(asyncio.to_thread(change.execute, "ALTER TABLE cust ADD COLUMN mail text"))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    await until(lambda: owner.execute(waiting, [change.info.backend_pid]).fetchone() == (1,))
    problem = await refused(database, "SELECT * FROM cust")
    assert problem.message.startswith(f"cust is locked: pid {change.info.backend_pid} (")
    assert f") waits for pid {reader.info.backend_pid} (user" in problem.message
    assert f"pg_terminate_backend({reader.info.backend_pid})" in problem.hint
    reader.rollback()
    await altering


@pytest.fixture
async def as_stranger(
    database_url: PostgresUrl, superuser_url: PostgresUrl, owner: psycopg.Connection
) -> AsyncIterator[Database]:
    """The same database for a role that may read `cust`, and see nothing of what other roles do."""
    name = f"stranger_{secrets.token_hex(6)}"
    with psycopg.connect(replace(superuser_url, database=database_url.database).reveal(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'of-a-test'").format(sql.Identifier(name)))
        owner.execute(MADE)
        owner.execute(sql.SQL("GRANT SELECT ON cust TO {}").format(sql.Identifier(name)))
        opened = Database(replace(database_url, user=name, password=Secret("of-a-test")), SystemResolver())
        yield opened
        await opened.close()
        admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


async def test_what_a_role_may_not_see_is_said_to_be_hidden(as_stranger: Database, others: Sessions) -> None:
    holder = others.open("backup")
    holder.execute("LOCK TABLE cust IN ACCESS EXCLUSIVE MODE")
    problem = await refused(as_stranger, "SELECT * FROM cust")
    holder.rollback()
    assert problem.message == (
        f"cust is locked by pid {holder.info.backend_pid} (user {holder.info.user}, application backup, "
        "the rest is hidden from this role)."
    )


async def test_the_catalog_opens_and_a_structure_says_who_is_in_front(
    database: Database, owner: psycopg.Connection, others: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_holders, "MOST_PATIENCE", LONG * 2 / 3)
    owner.execute(MADE)
    holder = others.open("a migration")
    holder.execute("LOCK TABLE cust IN ACCESS EXCLUSIVE MODE")
    table = (await load_catalog(database)).find("cust")
    with pytest.raises(DatabaseProblem, match=f"locked by pid {holder.info.backend_pid} "):
        await load_structure(database, table)


async def test_slow_work_without_a_lock_is_still_slow_work(database: Database) -> None:
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch("SELECT pg_sleep(600)", timeout=1)
    assert caught.value.trouble is Trouble.TIMEOUT
    assert "Narrow it down" in caught.value.hint


async def test_where_the_holder_cannot_be_asked_for_that_somebody_holds_it_is_said(
    database: Database, owner: psycopg.Connection, others: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_holders, "MOST_PATIENCE", 0.2)  # over before anybody asks
    owner.execute(MADE)
    others.open("a migration").execute("LOCK TABLE cust IN ACCESS EXCLUSIVE MODE")
    problem = await refused(database, "SELECT * FROM cust")
    assert problem.trouble is Trouble.LOCKED
    assert "Another connection holds the lock" in problem.hint


def test_a_prepared_transaction_is_no_connection_that_could_be_ended() -> None:
    problem = locked_problem([Holder(0, "", "", "", "", False, "cust")], "55P03")
    assert problem.message == "cust is locked by a prepared transaction (see pg_prepared_xacts)."
    assert "terminate" not in problem.hint


async def until(fact: Callable[[], object]) -> None:
    """Wait for a fact."""
    async with asyncio.timeout(60):
        while not fact():
            await asyncio.sleep(0.005)
