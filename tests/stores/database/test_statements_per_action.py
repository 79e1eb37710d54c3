"""How many statements each act of reading costs, by the server's own statistics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import psycopg
import pytest
from counted_server import FRAME, Counted, counted_database, counted_stack, counted_superuser  # noqa: F401

from soundcheck.stores.catalog.tables import Catalog, load_catalog
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.cost import page_cost
from soundcheck.stores.rows.counting import count_capped, count_exact, estimate
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import FIRST, LAST, Cursor, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.readable_names import readable_names
from soundcheck.stores.rows.record import read_record
from soundcheck.stores.rows.relations import count_children, load_relations

SONGS = """
CREATE TABLE artists (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO artists SELECT g, 'Artist ' || g FROM generate_series(1, 40) g;
CREATE TABLE songs (id int PRIMARY KEY, "artistId" int NOT NULL REFERENCES artists, plays int NOT NULL, title text);
INSERT INTO songs SELECT g, 1 + g % 40, g % 1000, 'song ' || g FROM generate_series(1, 3000) g;
CREATE INDEX songs_plays ON songs (plays);
CREATE TABLE likes ("songId" int REFERENCES songs, "userId" int, PRIMARY KEY ("songId", "userId"));
INSERT INTO likes SELECT 1, g FROM generate_series(1, 30) g;
CREATE TABLE unkeyed AS SELECT * FROM songs;
ANALYZE;
"""


@pytest.fixture(scope="module")
def counted(counted_stack: LocalStack, counted_superuser: PostgresUrl) -> Iterator[Counted]:  # noqa: F811
    """One database for all: they only read."""
    with counted_database(counted_stack, counted_superuser) as found:
        with psycopg.connect(found.url.reveal(), autocommit=True) as connection:
            connection.execute(SONGS)
        yield found


@pytest.fixture
async def database(counted: Counted) -> AsyncIterator[Database]:
    opened = Database(counted.url, SystemResolver())
    yield opened
    await opened.close()


@pytest.fixture
async def catalog(database: Database) -> Catalog:
    return await load_catalog(database)


Act = Callable[[Database, Catalog], Awaitable[object]]


def view_of(catalog: Catalog, *sort: SortColumn, filters: tuple[RowFilter, ...] = (), search: str = "") -> TableView:
    return TableView(catalog.find("songs"), sort, filters, search)


async def page(database: Database, view: TableView, place: PagePlace = FIRST) -> int:
    return len((await read_view(database, view, place=place)).rows)


PLAYS, TITLE = SortColumn("plays", descending=True), SortColumn("title")
POPULAR = RowFilter("plays", Operator.GREATER, "500")

ONE_STATEMENT: dict[str, tuple[Act, int]] = {
    "the first page": (lambda d, c: page(d, view_of(c)), 51),
    "the last page": (lambda d, c: page(d, view_of(c), LAST), 51),
    "a jump to a value": (lambda d, c: page(d, view_of(c), PagePlace.at("700")), 51),
    "a sort by an index": (lambda d, c: page(d, view_of(c, PLAYS)), 51),
    "a sort without one": (lambda d, c: page(d, view_of(c, TITLE)), 51),
    "a filter": (lambda d, c: page(d, view_of(c, filters=(POPULAR,))), 51),
    "a search": (lambda d, c: page(d, view_of(c, search="song 29")), 51),
    "a count up to a limit": (lambda d, c: count_capped(d, view_of(c)), 1),
    "an exact count": (lambda d, c: count_exact(d, view_of(c)), 1),
    "one record": (lambda d, c: read_record(d, c.find("songs"), ["7"]), 1),
}
"""Each with the rows that the server hands out for it: never more than a page and one."""


@pytest.mark.parametrize(("act", "rows"), ONE_STATEMENT.values(), ids=ONE_STATEMENT)
async def test_an_act_of_reading_is_one_statement_of_at_most_a_page_and_one_row(
    counted: Counted,
    database: Database,
    catalog: Catalog,
    act: Act,
    rows: int,
) -> None:
    counted.forget()
    await act(database, catalog)
    (statement,) = counted.statements()
    assert (statement.calls, statement.rows) == (1, rows)


@pytest.mark.parametrize("turn", [PagePlace.after, PagePlace.before], ids=["down", "up"])
@pytest.mark.parametrize("sort", [(), (PLAYS,)], ids=["by the key", "by an index without the key"])
async def test_a_page_down_or_up_is_one_statement_of_a_page_and_one_row(
    counted: Counted,
    database: Database,
    catalog: Catalog,
    turn: Callable[[Cursor], PagePlace],
    sort: tuple[SortColumn, ...],
) -> None:
    view = view_of(catalog, *sort)
    middle = (await read_view(database, view, place=PagePlace.at("500"), limit=1)).keys[0]
    counted.forget()
    assert await page(database, view, turn(middle)) == 50
    (statement,) = counted.statements()
    assert (statement.calls, statement.rows) == (1, 51)


async def test_a_table_without_a_key_pages_forward_in_one_statement_and_finds_its_end_in_two(
    counted: Counted,
    database: Database,
    catalog: Catalog,
) -> None:
    view = TableView(catalog.find("unkeyed"))
    counted.forget()
    first = await read_view(database, view)
    await read_view(database, view, place=PagePlace.after(first.keys[-1]))
    assert sorted((one.calls, one.rows) for one in counted.statements()) == [(1, 51), (1, 51)]
    counted.forget()
    await read_view(database, view, place=LAST)
    assert sorted(one.rows for one in counted.statements()) == [1, 51]  # how many blocks there are, then the rows


async def test_the_names_of_a_page_and_the_rows_that_point_at_one_are_one_statement_each(
    counted: Counted,
    database: Database,
    catalog: Catalog,
) -> None:
    counted.forget()
    relations = await load_relations(database)
    assert counted.calls() == 1
    songs = catalog.find("songs")
    (key,) = relations.outgoing(songs)
    counted.forget()
    found = await readable_names(database, key, catalog.find("artists"), [{"artistId": 1 + n % 40} for n in range(50)])
    assert len(found) == 40
    (statement,) = counted.statements()
    assert (statement.calls, statement.rows) == (1, 40)
    counted.forget()
    children = await count_children(database, relations.incoming(songs), {"id": 1})
    assert [str(one) for one in children.values()] == ["30"]
    assert counted.calls() == 1


async def test_an_estimate_of_a_whole_table_asks_nothing_and_what_a_page_would_cost_reads_no_row_of_it(
    counted: Counted,
    database: Database,
    catalog: Catalog,
) -> None:
    counted.forget()
    assert (await estimate(database, view_of(catalog))).number == 3000
    assert counted.everything() == []
    await page_cost(database, view_of(catalog, TITLE))
    found = counted.statements()
    assert sum(one.calls for one in found) == 1
    assert [one.query[:7] for one in found if '"songs"' in one.query] == ["EXPLAIN"]


async def test_opening_a_database_is_a_handful_of_statements_whatever_the_number_of_tables(
    counted: Counted,
    database: Database,
) -> None:
    def of_catalog() -> int:
        return sum(one.calls for one in counted.statements())

    counted.forget()
    await load_catalog(database)
    few = of_catalog()
    assert few <= 3
    with psycopg.connect(counted.url.reveal(), autocommit=True) as connection:
        for number in range(30):
            connection.execute(f"CREATE TABLE more{number} (id int PRIMARY KEY, other int REFERENCES artists)")
        counted.forget()
        try:
            assert len((await load_catalog(database)).tables) == 34
            assert of_catalog() == few
        finally:
            connection.execute(f"DROP TABLE {', '.join(f'more{number}' for number in range(30))}")


async def test_a_reading_travels_between_a_begin_a_setting_and_a_rollback_and_nothing_else(
    counted: Counted,
    database: Database,
    catalog: Catalog,
) -> None:
    counted.forget()
    for _ in range(3):
        await page(database, view_of(catalog))
    assert [one.calls for one in counted.everything()] == [3, 3, 3, 3]
    assert sum(one.query.startswith(FRAME) for one in counted.everything()) == 3
