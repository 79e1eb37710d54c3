"""One row by its key, whole."""

from __future__ import annotations

import psycopg
import pytest

from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.paging import Cut
from soundcheck.stores.rows.record import read_record


async def test_a_row_comes_whole_by_a_key_of_several_columns(database: Database, owner: psycopg.Connection) -> None:
    owner.execute('CREATE TABLE t ("Part" date, n int, tags text[], body text, doc jsonb, PRIMARY KEY (n, "Part"))')
    owner.execute("INSERT INTO t VALUES ('2024-01-01', 7, '{a,\"b c\"}', repeat('ü', 5000), '{\"a\": 1}')")
    (table,) = await load_catalog(database)
    record = await read_record(database, table, ["7", "2024-01-01"])
    assert record is not None
    assert record.key == ("7", "2024-01-01")
    assert record["tags"] == ["a", "b c"]
    assert record["body"] == "ü" * 5000
    assert record["doc"] == '{"a": 1}'
    assert await read_record(database, table, ["8", "2024-01-01"]) is None


async def test_a_cell_beyond_a_million_characters_says_its_size_instead(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, body text, list text[], data bytea)")
    owner.execute(
        "INSERT INTO t VALUES (1, repeat('x', 3000000), array_fill(repeat('y', 100), ARRAY[20000]),"
        " decode(repeat('00', 3000000), 'hex'))"
    )
    (table,) = await load_catalog(database)
    record = await read_record(database, table, ["1"])
    assert record is not None
    assert record["body"] == Cut("x" * 1_000_000, 3_000_000)
    assert record["data"] == Cut(b"\x00" * 1_000_000, 3_000_000)
    assert isinstance(record["list"], Cut)
    assert record["list"].size > 2_000_000


async def test_a_key_that_cannot_be_one_is_refused(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE keyed (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE keyless (a int)")
    catalog = await load_catalog(database)
    with pytest.raises(UsageError, match="The key of keyed is a, b"):
        await read_record(database, catalog.find("keyed"), ["1"])
    with pytest.raises(UsageError, match="no primary key"):
        await read_record(database, catalog.find("keyless"), ["1"])
