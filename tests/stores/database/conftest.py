"""A database of this folder's own: a `Database` on it, and a plain connection to prepare it and to look at it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from recorded_reads import Recording

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver


@pytest.fixture
async def database(database_url: PostgresUrl) -> AsyncIterator[Database]:
    """What is tested."""
    opened = Database(database_url, SystemResolver())
    yield opened
    await opened.close()


@pytest.fixture
def owner(database_url: PostgresUrl) -> Iterator[psycopg.Connection]:
    """The same database past our own code."""
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        yield connection


TWO_MILLION = """
CREATE UNLOGGED TABLE plays (
    id bigint NOT NULL, "playedAt" timestamptz NOT NULL, rating int, "userId" int NOT NULL, title text
) WITH (autovacuum_enabled = off);
INSERT INTO plays SELECT g, '2024-01-01'::timestamptz + g / 2 * interval '1 s',
    CASE WHEN g % 4 = 0 THEN 7 WHEN g % 10 = 1 THEN NULL ELSE g % 90000 END, g % 5000, 't' || g
    FROM generate_series(1, 2000000) g;
ALTER TABLE plays ADD PRIMARY KEY (id);
CREATE INDEX plays_rating ON plays (rating);
CREATE INDEX plays_played ON plays ("playedAt" DESC, id);
ANALYZE plays;
"""
"""500,000 rows have the rating 7, and 200,000 none; two rows share each time."""


@pytest.fixture(scope="session")
def big_url(stack: LocalStack, superuser_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """A database with two million rows, built once a session and never written to."""
    application = stack.credentials()
    assert application is not None
    assert application.database_url is not None
    url = replace(application.database_url, database=f"big_{secrets.token_hex(6)}")
    name = sql.Identifier(url.database)
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(url.user)))
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute(TWO_MILLION)
    yield url
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@pytest.fixture
async def big(big_url: PostgresUrl) -> AsyncIterator[Recording]:
    """The two million rows; what is sent is kept."""
    opened = Recording(big_url)
    yield opened
    await opened.close()


@pytest.fixture
def big_owner(big_url: PostgresUrl) -> Iterator[psycopg.Connection]:
    """The same past our own code."""
    with psycopg.connect(big_url.reveal(), autocommit=True) as connection:
        yield connection
