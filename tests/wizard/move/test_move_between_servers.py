"""A move between servers of other versions, and between databases of other encodings."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from every_type import EVERY_TYPE, ODD_ROWS
from two_databases import pair_of

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.wizard.move.carry import changed_since
from tests.stores.prisma.private_server import private_server

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.skipif(not (DEBIAN / "postgres").exists(), reason="Debian's PostgreSQL 15 is not installed")
async def test_rows_go_to_another_version_and_back_with_the_same_hash(
    database_url: PostgresUrl, target_url: PostgresUrl, tmp_path: Path
) -> None:
    with private_server(DEBIAN, tmp_path) as old:
        async with pair_of(database_url, old.url()) as there:
            there.both(EVERY_TYPE)
            there.here(ODD_ROWS)
            first = await there.carry()
        async with pair_of(old.url(), target_url) as back:
            back.there(EVERY_TYPE)
            second = await back.carry()
    assert first.digests == second.digests


@pytest.fixture
def latin_url(database_url: PostgresUrl, superuser_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """An empty database that keeps its texts in ISO 8859-1."""
    url = replace(database_url, database=f"latin_{secrets.token_hex(4)}")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {url.database} OWNER {url.user} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        )
    yield url
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)")


async def test_another_encoding_gives_the_same_hash_of_the_same_text(
    latin_url: PostgresUrl, database_url: PostgresUrl
) -> None:
    async with pair_of(latin_url, database_url) as pair:
        pair.both("CREATE TABLE song (id int PRIMARY KEY, title text)")
        pair.here("INSERT INTO song VALUES (1, 'Für Élise')")
        await pair.carry()
        assert pair.there("SELECT title FROM song") == [("Für Élise",)]
        pair.there("UPDATE song SET title = 'Fur Elise'")
        pair.here("UPDATE song SET title = 'Fur Élise'")
        assert await changed_since(await pair.work(), pair.ours) == ("song",)
