"""A database in SQL_ASCII with Latin-1 in its names, values and keys: it opens, and every row is found by its key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from soundcheck.stores.catalog.structure import load_structure
from soundcheck.stores.catalog.tables import Table, load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.sql_text import quoted_name, sql_literal
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.counting import count_exact
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.paging import FIRST, LAST, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.record import read_record
from soundcheck.stores.rows.relations import count_children, load_relations
from soundcheck.stores.rows.spelled.sql import view_sql
from tests.ascii_database import ascii_url, latin, needs_loaders  # noqa: F401


@pytest.fixture
async def database(ascii_url: PostgresUrl) -> AsyncIterator[Database]:  # noqa: F811
    opened = Database(ascii_url, SystemResolver())
    yield opened
    await opened.close()


@pytest.fixture
async def cafe(database: Database) -> Table:
    await needs_loaders(database)
    return (await load_catalog(database)).find(latin("café"))


async def test_the_tables_open_with_their_columns_and_labels(database: Database, cafe: Table) -> None:
    assert [column.name for column in cafe.columns] == [latin("clé"), latin("prénom"), "saison"]
    assert cafe.column("saison").labels == (latin("été"), "hiver")
    assert cafe.primary_key == (latin("clé"),)
    assert cafe.rows.number == 120
    structure = await load_structure(database, cafe)
    assert f'"{latin("prénom")}"' in structure.ddl


@pytest.mark.parametrize("name", ["café", "thé", "crème"])
async def test_every_row_is_walked_once_both_ways(database: Database, cafe: Table, name: str) -> None:
    table = (await load_catalog(database)).find(latin(name))
    for view in (TableView(table), TableView(table, (SortColumn(table.columns[1].name, descending=True),))):
        seen, place = [], FIRST
        while True:
            page = await read_view(database, view, place=place, limit=30)
            seen += page.rows
            if not page.has_more_after or page.cursor_last is None:
                break
            place = PagePlace.after(page.cursor_last)
        assert len(seen) == (2 if name == "thé" else 120)
        assert len({row[0] for row in seen}) == (1 if name == "thé" else 120)
        last = await read_view(database, view, place=LAST, limit=30)
        assert last.rows == tuple(seen[-30:])
        assert row_order(view).keys


async def test_a_key_of_such_bytes_is_a_key(database: Database, cafe: Table) -> None:
    key = latin("é7")
    record = await read_record(database, cafe, [key])
    assert record is not None
    assert record.key == (key,)
    assert record[latin("prénom")] == "Ana"
    for one in (
        RowFilter(latin("clé"), Operator.EQUAL, key),
        RowFilter(latin("clé"), Operator.IN, values=(key,)),
        RowFilter(latin("clé"), Operator.LIKE, key),
    ):
        view = TableView(cafe, filters=(one,))
        assert [row[0] for row in (await read_view(database, view)).rows] == [key]
    relations = await load_relations(database)
    counted = await count_children(database, relations.incoming(cafe), {latin("clé"): key})
    assert [count.number for count in counted.values()] == [2]


async def test_they_are_searched_counted_and_spelled(
    database: Database,
    cafe: Table,
    ascii_url: PostgresUrl,  # noqa: F811
) -> None:
    view = TableView(cafe, filters=(RowFilter(latin("prénom"), Operator.EQUAL, latin("Zoë")),))
    assert (await count_exact(database, view)).number == 60
    found = TableView(cafe, search=latin("é120"))
    assert [row[0] for row in (await read_view(database, found)).rows] == [latin("é120")]
    spelled = view_sql(view, limit=100).encode("utf-8", "surrogateescape")
    with psycopg.connect(ascii_url.reveal(), autocommit=True, client_encoding="SQL_ASCII") as connection:
        assert len(connection.execute(spelled).fetchall()) == 60


def test_a_name_and_a_literal_keep_each_byte() -> None:
    assert quoted_name("public", latin('ca"fé')) == f'"public"."{latin("ca")}""{latin("fé")}"'
    assert sql_literal(latin("é'\\7")) == "E'\\xe9''\\\\7'"
    assert sql_literal("é") == "'é'"
