"""Any sort, filter and direction: each row once, in the server's own order; and the SQL to copy says the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.keyset import order_by
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.paging import FIRST, LAST, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.spelled.sql import count_sql, view_sql

TABLE = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE t (
    id int, part text COLLATE "C", n int, s text, at timestamptz, f real, mood mood, flag boolean NOT NULL,
    "od""d $1 {}" varchar(3), tags int[], PRIMARY KEY (part, id)
);
INSERT INTO t SELECT g, chr(97 + g % 3), nullif(g % 5, 0), nullif((ARRAY['', 'a', 'B', 'ä', '%'])[1 + g % 6], '%'),
    CASE g % 7 WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN '0044-03-15 BC'
        ELSE '2024-03-31'::timestamptz + g % 4 * interval '1 hour' END,
    CASE g % 6 WHEN 0 THEN 'NaN' WHEN 1 THEN NULL ELSE g % 3 + 0.1 END, (enum_range(NULL::mood))[g % 4],
    g % 2 = 0, (ARRAY['x', 'y', NULL])[1 + g % 3], CASE WHEN g % 3 > 0 THEN ARRAY[g % 3, 5] END
    FROM generate_series(1, 90) g;
CREATE INDEX ON t (n DESC NULLS LAST);
CREATE INDEX ON t (n NULLS FIRST, s DESC, part);
CREATE INDEX ON t (s, n);
CREATE INDEX ON t (at DESC, part, id);
CREATE INDEX ON t (flag, at NULLS FIRST);
CREATE INDEX ON t (mood);
CREATE INDEX ON t (f DESC, id DESC);
ANALYZE t;
"""
COLUMNS = ["id", "part", "n", "s", "at", "f", "mood", "flag", 'od"d $1 {}', "tags"]
FILTERS = [
    (RowFilter("n", Operator.EQUAL, "3"), "n = 3"),
    (RowFilter("n", Operator.NOT_EQUAL, "3"), "n IS DISTINCT FROM 3"),
    (RowFilter("n", Operator.IS_NULL), "n IS NULL"),
    (RowFilter("n", Operator.IN, values=("1", "4")), "n IN (1, 4)"),
    (RowFilter("id", Operator.BETWEEN, values=("10", "70")), "id BETWEEN 10 AND 70"),
    (RowFilter("s", Operator.CONTAINS, "A"), "s ILIKE '%A%'"),
    (RowFilter("s", Operator.STARTS_WITH, "a"), "s LIKE 'a%'"),
    (RowFilter("at", Operator.EQUAL, "2024-03-31"), "at >= '2024-03-31Z' AND at < '2024-04-01Z'"),
    (RowFilter("at", Operator.GREATER, "2024-03-31 01:00Z"), "at > '2024-03-31 01:00Z'"),
    (RowFilter("f", Operator.EQUAL, "NaN"), "f = 'NaN'"),
    (RowFilter("mood", Operator.EQUAL, "glad"), "mood = 'glad'"),
    (RowFilter("flag", Operator.EQUAL, "true"), "flag"),
    (RowFilter("tags", Operator.CONTAINS, "2"), "2 = ANY (tags)"),
]


@pytest.fixture(scope="module")
def mixed_url(superuser_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """One small table with ties, NULLs, odd values and indexes in every direction."""
    from dataclasses import replace

    url = replace(superuser_url, database="mixed_views")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS mixed_views WITH (FORCE)")
        connection.execute("CREATE DATABASE mixed_views")
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute(TABLE)
    yield url
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute("DROP DATABASE mixed_views WITH (FORCE)")


SORTS = st.lists(st.tuples(st.sampled_from(COLUMNS), st.booleans()), max_size=3, unique_by=lambda one: one[0])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=SORTS, chosen=st.lists(st.sampled_from(FILTERS), max_size=2), limit=st.integers(3, 40))
def test_every_sort_and_filter_pages_each_row_once_from_both_ends(
    mixed_url: PostgresUrl, sort: list[tuple[str, bool]], chosen: list[tuple[RowFilter, str]], limit: int
) -> None:
    async def check() -> None:
        database = Database(mixed_url, SystemResolver())
        try:
            (table,) = await load_catalog(database)
            view = TableView(table, tuple(SortColumn(*one) for one in sort), tuple(one for one, _ in chosen))
            onward, place = [], FIRST
            while True:
                page = await read_view(database, view, place=place, limit=limit)
                onward += [tuple(row[:2]) for row in page.rows]
                if not page.has_more_after or page.cursor_last is None:
                    break
                place = PagePlace.after(page.cursor_last)
            back, place = [], LAST
            while True:
                page = await read_view(database, view, place=place, limit=limit)
                back[:0] = [tuple(row[:2]) for row in page.rows]
                if not page.has_more_before or page.cursor_first is None:
                    break
                place = PagePlace.before(page.cursor_first)
            stated = " AND ".join(f"({plain})" for _, plain in chosen) or "true"
            plain = await database.fetch(
                f"SELECT id, part FROM t WHERE {stated} ORDER BY {order_by(row_order(view).keys)}"
            )
        finally:
            await database.close()
        assert onward == list(plain.rows)
        assert back == onward

    asyncio.run(check())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=SORTS,
    chosen=st.lists(st.sampled_from(FILTERS), max_size=2),
    backward=st.booleans(),
    search=st.sampled_from(["", "3", "a", "%", "\\", "'", "glad", "2024-03-31"]),
)
def test_the_sql_to_copy_gives_the_page_that_is_on_screen(
    mixed_url: PostgresUrl,
    sort: list[tuple[str, bool]],
    chosen: list[tuple[RowFilter, str]],
    backward: bool,
    search: str,
) -> None:
    async def check() -> None:
        database = Database(mixed_url, SystemResolver())
        try:
            (table,) = await load_catalog(database)
            filters = tuple(one for one, _ in chosen)
            view = TableView(table, tuple(SortColumn(*one) for one in sort), filters, search)
            place = FIRST
            for _ in range(2):
                page = await read_view(database, view, place=place, limit=7)
                copied = await database.fetch(view_sql(view, place=place, limit=7).removesuffix(";"))
                found = [row[:2] for row in copied.rows]
                assert [row[:2] for row in page.rows] == (found[::-1] if place.backward else found)
                if not page.keys:
                    break
                place = PagePlace.before(page.keys[-1]) if backward else PagePlace.after(page.keys[0])
            count = await database.fetch(count_sql(view).removesuffix(";"))
            assert count.rows[0][0] >= len(page.rows)
        finally:
            await database.close()

    asyncio.run(check())


async def test_a_column_named_twice_counts_where_it_stands_first(mixed_url: PostgresUrl) -> None:
    database = Database(mixed_url, SystemResolver())
    try:
        (table,) = await load_catalog(database)
        twice = (SortColumn("n"), SortColumn("s", descending=True), SortColumn("n", descending=True))
        found = await read_view(database, TableView(table, twice), limit=90)
        once = await read_view(database, TableView(table, twice[:2]), limit=90)
    finally:
        await database.close()
    assert [row[:2] for row in found.rows] == [row[:2] for row in once.rows]
