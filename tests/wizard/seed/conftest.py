from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver


@pytest.fixture
async def database(eleven_url: PostgresUrl) -> AsyncIterator[Database]:  # noqa: F811
    opened = Database(eleven_url, SystemResolver())
    yield opened
    await opened.close()


@pytest.fixture
def owner(eleven_url: PostgresUrl) -> Iterator[psycopg.Connection]:  # noqa: F811
    """The same database past our own code."""
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        yield connection
