"""Two empty databases of one server, and a pass of a move from the first to the second.

Import into your own conftest: `from two_databases import pair, target_url  # noqa: F401`.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.moving.digest import Digest, encoding_of
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.tables import read_tables
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.wizard.move.carry import CarriedRows, CopyPass, carry
from soundcheck.wizard.move.outlook import outlook
from soundcheck.wizard.progress import Progress


@pytest.fixture
def target_url(database_url: PostgresUrl, superuser_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """A second empty database of the same role."""
    url = replace(database_url, database=f"test_{secrets.token_hex(6)}")
    name = sql.Identifier(url.database)
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(url.user)))
    yield url
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@dataclass
class Pair:
    """Two databases, and the state that outlives a run."""

    source_url: PostgresUrl
    target_url: PostgresUrl
    source: MoveSide
    target: MoveSide
    ours: dict[str, Digest] = field(default_factory=dict)
    said: list[Progress] = field(default_factory=list)

    def both(self, script: str) -> None:
        """The same schema on both sides."""
        self.here(script)
        self.there(script)

    def here(self, script: Any) -> list[Any]:
        """Run something in the source."""
        return _run(self.source_url, script)

    def there(self, script: Any) -> list[Any]:
        """Run something in the target."""
        return _run(self.target_url, script)

    async def work(self) -> CopyPass:
        """What a pass needs, as the tables are now."""
        async with self.source.snapshot() as one, self.target.snapshot() as two:
            here, there = await read_tables(one), await read_tables(two)
            as_utf8 = await encoding_of(one) != await encoding_of(two)
        return CopyPass(
            source=self.source,
            target=self.target,
            source_tables=here,
            target_tables=there,
            found=outlook(here, there),
            ours=self.ours,
            keep=self.ours.update,
            clock=SystemClock(),
            report=self.said.append,
            as_utf8=as_utf8,
        )

    async def carry(self) -> CarriedRows:
        """One pass."""
        return await carry(await self.work())


def _run(url: PostgresUrl, script: Any) -> list[Any]:
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        answer = connection.execute(script)
        return answer.fetchall() if answer.description else []


@asynccontextmanager
async def pair_of(source: PostgresUrl, target: PostgresUrl) -> AsyncIterator[Pair]:
    """A pair of any two databases."""
    resolver = SystemResolver()
    made = Pair(source, target, MoveSide(source, resolver), MoveSide(target, resolver))
    yield made
    await made.source.close()
    await made.target.close()


@pytest.fixture
async def pair(database_url: PostgresUrl, target_url: PostgresUrl) -> AsyncIterator[Pair]:
    async with pair_of(database_url, target_url) as made:
        yield made
