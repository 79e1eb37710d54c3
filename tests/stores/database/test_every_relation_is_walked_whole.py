"""Forward, backward, from the end, from a jump, from the middle: every row exactly once, whatever the relation is."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from zoo import ZOO, build, older_server

from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.tables import Catalog, Table, load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.sql_text import sql_literal
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.cell_columns import GRID, select
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.keyset import order_by
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.page_query import source_of
from soundcheck.stores.rows.paging import FIRST, LAST, Page, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.percentile import jump_to
from soundcheck.stores.rows.spelled.sql import view_sql


@dataclass(frozen=True)
class Home:
    """A server with the zoo on it."""

    url: PostgresUrl
    schemas: dict[str, str]
    catalog: Catalog


@pytest.fixture(scope="module", params=["18", "15"])
def zoo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """All relations, on one server after the other."""
    if request.param == "15":
        with older_server(tmp_path_factory.mktemp("older")) as url:
            yield _home(url)
        return
    yield _home(request.getfixturevalue("superuser_url"))


def _home(server: PostgresUrl) -> Home:
    url = replace(server, database=f"zoo_{secrets.token_hex(4)}")
    with psycopg.connect(server.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database}".encode())
    assert url.password is not None
    schemas = build(url, url.password.reveal())

    async def load() -> Catalog:
        database = Database(url, SystemResolver())
        try:
            return await load_catalog(database)
        finally:
            await database.close()

    return Home(url, schemas, asyncio.run(load()))


def _open(home: Home, name: str) -> tuple[Database, Table]:
    if name not in home.schemas:
        pytest.skip("this server cannot have it")
    return Database(home.url, SystemResolver()), home.catalog.find(f"{home.schemas[name]}.it")


async def _forward(database: Database, view: TableView, sizes: random.Random, place: PagePlace) -> list[Page]:
    pages = [await read_view(database, view, place=place, limit=sizes.randint(1, 25))]
    while pages[-1].has_more_after:
        assert pages[-1].cursor_last is not None
        following = PagePlace.after(pages[-1].cursor_last)
        pages.append(await read_view(database, view, place=following, limit=sizes.randint(1, 25)))
        assert pages[-1].rows, "a page that was promised is empty"
    return pages


async def _backward(database: Database, view: TableView, sizes: random.Random, place: PagePlace) -> list[Page]:
    pages = [await read_view(database, view, place=place, limit=sizes.randint(1, 25))]
    while pages[0].has_more_before and pages[0].rows:
        assert pages[0].cursor_first is not None
        before = PagePlace.before(pages[0].cursor_first)
        pages.insert(0, await read_view(database, view, place=before, limit=sizes.randint(1, 25)))
    return pages


def _rows(pages: list[Page]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for page in pages for row in page.rows]


async def _there(database: Database, view: TableView, stated: str) -> Counter[tuple[str, ...]]:
    """What the relation holds, by a statement that puts nothing in order."""
    whole = [key for key in row_order(view).keys if key.name in {column.name for column in view.table.columns}]
    selection = select(view.columns, whole, GRID)
    source = f'"{view.table.schema}"."it"'
    answer = await database.fetch(f"SELECT {selection.sql} FROM (SELECT * FROM {source} WHERE {stated}) AS rows")
    return Counter(tuple(map(str, selection.cells(row))) for row in answer.rows)


def _views(table: Table, chance: random.Random) -> list[tuple[TableView, str]]:
    """The plain view, one by each of two columns, up or down, one by two of them; most of them narrowed."""
    sorts: list[tuple[SortColumn, ...]] = [()]
    if is_sortable(table.column("id")):
        sorts.append((SortColumn("id", descending=chance.random() < 0.5),))
    sorts.append((SortColumn("a", descending=chance.random() < 0.5),))
    sorts.append((SortColumn("b", descending=chance.random() < 0.5), SortColumn("a", descending=True)))
    narrow: tuple[tuple[tuple[RowFilter, ...], str], ...] = (
        ((), "true"),
        ((RowFilter("a", Operator.IN, values=("1", "2")),), "a IN (1, 2)"),
        ((RowFilter("a", Operator.EQUAL, "1"),), "a = 1"),
    )
    found = []
    for at, sort in enumerate(sorts):
        filters, stated = narrow[at % 3] if at else narrow[0]
        found.append((TableView(table, sort, filters), stated))
    return found


@pytest.mark.parametrize("name", ZOO)
async def test_each_row_comes_exactly_once_on_every_way_through(zoo: Home, name: str) -> None:
    database, table = _open(zoo, name)
    chance = random.Random(name)
    try:
        for view, stated in _views(table, chance):
            there = await _there(database, view, stated)
            onward = await _forward(database, view, chance, FIRST)
            back = await _backward(database, view, chance, LAST)
            rows = _rows(onward)
            assert Counter(rows) == there, view.sort
            assert rows == _rows(back), view.sort
            assert not onward[0].has_more_before
            assert not back[-1].has_more_after
            keys = [key for page in onward for key in page.keys]
            assert len(set(keys)) == len(keys)

            if keys:  # from a row in the middle on, and up to it; the row itself is in neither
                at = chance.randrange(len(keys))
                behind = _rows(await _forward(database, view, chance, PagePlace.after(keys[at])))
                ahead = _rows(await _backward(database, view, chance, PagePlace.before(keys[at])))
                assert (ahead, behind) == (rows[:at], rows[at + 1 :]), view.sort

            if keys:
                jump = (await jump_to(database, view, chance.random())).place
                behind = _rows(await _forward(database, view, chance, jump))
                first = (await read_view(database, view, place=jump, limit=1)).cursor_first
                ahead = [] if first is None else _rows(await _backward(database, view, chance, PagePlace.before(first)))
                if not jump.backward:
                    assert (ahead + behind if first else rows) == rows, (view.sort, jump)
    finally:
        await database.close()


@pytest.mark.parametrize("name", ZOO)
def test_the_order_is_proved_by_what_the_server_holds_unique_and_by_nothing_less(zoo: Home, name: str) -> None:
    _, table = _open(zoo, name)
    order, said = row_order(TableView(table)), ZOO[name].key
    assert order.total
    assert said is not None
    assert said in order.note
    assert bool(said) == bool(order.note)


@pytest.mark.parametrize("name", [name for name, animal in ZOO.items() if animal.key and "whole row" in animal.key])
async def test_rows_by_their_text_are_never_skipped_by_counting_and_the_sql_to_copy_says_the_same(
    zoo: Home, name: str
) -> None:
    database, table = _open(zoo, name)
    try:
        view = TableView(table, (SortColumn("a", descending=True),))
        page = await read_view(database, view, limit=7)
        place = PagePlace.after(page.keys[3]) if page.keys else FIRST
        page = await read_view(database, view, place=place, limit=7)
        assert "OFFSET" not in page.sql.upper()
        everything = frozenset(column.name for column in table.columns)
        copied = await database.fetch(view_sql(view, place=place, limit=7, reveal=everything).removesuffix(";"))
        assert [tuple(map(str, row)) for row in copied.rows] == _rows([page]) or _is_long(page)
    finally:
        await database.close()


def _is_long(page: Page) -> bool:
    return "Cut(" in repr(page.rows) or any(c.type_name not in {"int4", "text", "numeric"} for c in page.columns)


async def test_a_page_in_the_middle_of_a_sorted_view_starts_in_the_index_of_the_table_below(zoo: Home) -> None:
    database, table = _open(zoo, "a view")
    try:
        view = TableView(table, (SortColumn("id"),))
        order = row_order(view).order
        source, _ = source_of(view, order, sql_literal)
        setting: dict[str, Any] = {"enable_seqscan": "off"}
        plan = await database.fetch(
            f"EXPLAIN SELECT * FROM {source} WHERE id >= 40 ORDER BY {order_by(order.keys)} LIMIT 5", settings=setting
        )
        text = "\n".join(line for (line,) in plan.rows)
        assert "Index Cond: (below.id >= 40)" in text.replace("(id >= 40)", "(below.id >= 40)"), text
    finally:
        await database.close()
