"""A database of this folder's own: a `Database` on it, and a plain connection to prepare it and to look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from stores.database import Database
from stores.postgres_url import PostgresUrl
from stores.resolver import SystemResolver


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
