"""A database with the eleven tables, pushed once for a session and copied for each test.

Import what you need into your own conftest, with the engine it needs:
`from engine_fixture import engine_folder  # noqa: F401` and `from eleven_tables import eleven_template, eleven_url`.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.schema_text import packaged_schema
from tests.lent_databases import LentDatabases


def _create(superuser: PostgresUrl, url: PostgresUrl) -> None:
    with psycopg.connect(superuser.reveal(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(url.database), sql.Identifier(url.user))
        )


def _drop(superuser: PostgresUrl, url: PostgresUrl) -> None:
    with psycopg.connect(superuser.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(url.database)))


@pytest.fixture(scope="session")
def eleven_template(stack: LocalStack, superuser_url: PostgresUrl, engine_folder: Path) -> Iterator[PostgresUrl]:
    """The database that is copied; nobody connects to it."""
    credentials = stack.credentials()
    assert credentials is not None
    assert credentials.database_url is not None
    url = replace(credentials.database_url, database=f"eleven_{secrets.token_hex(4)}")
    _create(superuser_url, url)
    engine, schema = PrismaEngine(engine_folder, find_node()), packaged_schema()

    async def push() -> None:
        await engine.push(url, schema, await engine.plan_push(url, schema))

    work = threading.Thread(target=lambda: asyncio.run(push()))
    work.start()
    work.join()
    yield url
    _drop(superuser_url, url)


@pytest.fixture
def eleven_url(eleven_template: PostgresUrl, lent_databases: LentDatabases) -> Iterator[PostgresUrl]:
    """A database of one's own with the eleven tables, empty."""
    with lent_databases.lend(eleven_template.database) as url:
        yield url
