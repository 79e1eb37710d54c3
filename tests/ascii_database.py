"""A database in SQL_ASCII with Latin-1 in its names, values and keys: a fixture for tests of any room."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl

TABLES = """
CREATE TYPE saison AS ENUM ('été', 'hiver');
CREATE TABLE "café" ("clé" text PRIMARY KEY, "prénom" text, saison saison);
INSERT INTO "café" SELECT 'é' || g, CASE WHEN g % 2 = 0 THEN 'Zoë' ELSE 'Ana' END, 'été' FROM generate_series(1, 120) g;
CREATE TABLE "thé" ("clé" text REFERENCES "café", note text);
INSERT INTO "thé" VALUES ('é7', 'naïf'), ('é7', 'naïf');
CREATE VIEW "crème" AS SELECT * FROM "café";
ANALYZE;
"""


def latin(text: str) -> str:
    """As the bytes of Latin-1 come into Python."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


@pytest.fixture
def ascii_url(database_url: PostgresUrl, administrator: psycopg.Connection) -> Iterator[PostgresUrl]:
    url = replace(database_url, database=f"ascii_{secrets.token_hex(6)}")
    name = sql.Identifier(url.database)
    administrator.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0").format(
            name, sql.Identifier(url.user)
        )
    )
    with psycopg.connect(url.reveal(), autocommit=True, client_encoding="SQL_ASCII") as connection:
        connection.execute(TABLES.encode("latin-1"))
    yield url
    administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


async def needs_loaders(database: Database) -> None:
    """Skip where the driver does not hand out such text as `surrogateescape` has it."""
    try:
        found = await database.fetch("SELECT relname FROM pg_class WHERE relname LIKE 'caf%'")
    except SoundcheckError:
        found = None
    if found is None or (latin("café"),) not in found.rows:
        pytest.skip("text that is not UTF-8 is not loaded yet")
