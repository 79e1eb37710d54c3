"""Pages by key: every row exactly once, from both ends, whatever the table looks like."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from soundcheck.stores.catalog.tables import Catalog, Table, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database, Rows
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import FIRST, LAST, Cut, Page, PagePlace, SortColumn, TableView, read_page, read_view


async def forward(database: Database, table: Table, limit: int, **how: object) -> list[Page]:
    pages = [await read_page(database, table, limit=limit, **how)]
    while pages[-1].has_more_after:
        assert pages[-1].cursor_last is not None
        pages.append(await read_page(database, table, place=PagePlace.after(pages[-1].cursor_last), limit=limit, **how))
    return pages


async def backward(database: Database, table: Table, limit: int, **how: object) -> list[Page]:
    pages = [await read_page(database, table, place=LAST, limit=limit, **how)]
    while pages[0].has_more_before:
        assert pages[0].cursor_first is not None
        pages.insert(
            0, await read_page(database, table, place=PagePlace.before(pages[0].cursor_first), limit=limit, **how)
        )
    return pages


def joined(pages: Sequence[Page]) -> list[tuple[object, ...]]:
    return [row for page in pages for row in page.rows]


NAMES = st.sampled_from(
    ["id", "order", 'we"ird', "größe", "select", "a b", "%s", "{x}", "$1", "ctid_", "arm", "page", "CamelCase", "🎵"]
)
VALUES = {
    "int": st.integers(-3, 3),
    "text": st.sampled_from(["", "a", "A", "b", "ä", "🎵", "NULL", "\x1b[31m", "a\nb", "%", "'", '"', "\\"]),
    "varchar(5)": st.sampled_from(["", "x", "xy", "é"]),
    "char(3)": st.sampled_from(["", "a", "ab"]),
    "numeric(12,4)": st.sampled_from([Decimal("1.1"), Decimal("-7"), Decimal("NaN"), Decimal("0.0001")]),
    "real": st.sampled_from([0.1, 0.2, -1.5, float("nan"), float("inf")]),
    "timestamptz": st.sampled_from(
        [
            "2024-03-31 01:30:00.123456+00",
            "infinity",
            "-infinity",
            "20000-01-01",
            "0044-03-15 BC",
            "2024-10-27 03:00+02",
        ]
    ),
    "bytea": st.sampled_from([b"", b"\x00", b"\xff\x00"]),
    "uuid": st.sampled_from(["00000000-0000-0000-0000-000000000001", "ffffffff-0000-0000-0000-000000000001"]),
    "boolean": st.booleans(),
}


@dataclass(frozen=True)
class Made:
    """A table that Hypothesis thought of."""

    name: str
    columns: list[tuple[str, str, bool]]
    key: list[str]
    rows: list[list[object]]
    sort: list[SortColumn]
    index: str
    limit: int


@st.composite
def made_tables(draw: st.DrawFn) -> Made:
    names = draw(st.lists(NAMES, min_size=2, max_size=5, unique=True))
    types = [draw(st.sampled_from(sorted(VALUES))) for _ in names]
    key = names[: draw(st.integers(0, 2))]
    nullable = [name not in key and draw(st.booleans()) for name in names]
    cells = [st.none() | VALUES[kind] if free else VALUES[kind] for kind, free in zip(types, nullable, strict=True)]
    rows = draw(
        st.lists(
            st.tuples(*cells).map(list),
            max_size=25,
            unique_by=(lambda row: tuple(str(v).rstrip() for v in row[: len(key)])) if key else None,
        )
    )
    sort = [
        SortColumn(name, draw(st.booleans()))
        for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    ]
    index = draw(st.sampled_from(["", "ASC", "DESC", "ASC NULLS FIRST", "DESC NULLS LAST"])) if sort else ""
    return Made(
        draw(NAMES),
        list(zip(names, types, nullable, strict=True)),
        key,
        rows,
        sort,
        index,
        draw(st.integers(1, 7)),
    )


def create(owner: psycopg.Connection, made: Made) -> None:
    table = sql.Identifier(made.name)
    columns = [
        sql.SQL("{} {} {}").format(sql.Identifier(name), sql.SQL(kind), sql.SQL("" if free else "NOT NULL"))
        for name, kind, free in made.columns
    ]
    if made.key:
        columns.append(sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, made.key))))
    owner.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
    owner.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(columns)))
    if made.index:
        column = sql.Identifier(made.sort[0].name)
        owner.execute(sql.SQL("CREATE INDEX ON {} ({} {})").format(table, column, sql.SQL(made.index)))
    places = sql.SQL(", ").join(sql.SQL(f"${number + 1}") for number in range(len(made.columns)))
    statement = sql.SQL("INSERT INTO {} VALUES ({})").format(table, places)
    with psycopg.RawCursor(owner) as cursor:
        for row in made.rows:
            cursor.execute(statement, row)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=made_tables())
def test_pages_from_both_ends_are_the_whole_table_in_one_order(
    made: Made, owner: psycopg.Connection, database_url: PostgresUrl
) -> None:
    create(owner, made)

    async def check() -> None:
        database = Database(database_url, SystemResolver())
        try:
            (table,) = await load_catalog(database)
            onward = await forward(database, table, made.limit, sort=made.sort)
            back = await backward(database, table, made.limit, sort=made.sort)
            whole = await read_page(database, table, sort=made.sort, limit=1000)
        finally:
            await database.close()
        there = [tuple(map(str, row)) for row in joined(onward)]
        assert there == [tuple(map(str, row)) for row in joined(back)]
        assert there == [tuple(map(str, row)) for row in whole.rows]
        assert len(there) == len(made.rows)
        keys = [cursor for page in onward for cursor in page.keys]
        assert len(set(keys)) == len(keys)

    asyncio.run(check())


class Recording(Database):
    """Keeps what was sent."""

    sent: list[tuple[str, Sequence[object], dict[str, str]]]

    async def fetch(self, query: str, params: Sequence[object] = (), **how: object) -> Rows:
        self.sent.append((query, params, dict(how.get("settings") or {})))
        return await super().fetch(query, params, **how)


@pytest.fixture
async def recording(database_url: PostgresUrl) -> Recording:
    opened = Recording(database_url, SystemResolver())
    opened.sent = []
    yield opened
    await opened.close()


def plan(owner: psycopg.Connection, sent: tuple[str, Sequence[object], dict[str, str]]) -> str:
    query, params, local = sent
    with owner.transaction(), psycopg.RawCursor(owner) as cursor:
        for name, value in local.items():
            cursor.execute("SELECT set_config($1, $2, true)", [name, value])
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF) {query}", params)
        return "\n".join(line for (line,) in cursor)


BIG = """
CREATE TABLE plays (
    id text PRIMARY KEY, "userId" text NOT NULL, "playedAt" timestamptz NOT NULL, rating int, note text
);
INSERT INTO plays SELECT md5(g::text), 'u' || g % 700, '2024-01-01'::timestamptz + g % 9000 * interval '1 min',
    nullif(g % 9000, 0), 'x' FROM generate_series(1, 60000) g;
CREATE INDEX ON plays ("playedAt" DESC);
CREATE INDEX ON plays ("userId", "playedAt" DESC);
CREATE INDEX ON plays (rating DESC NULLS LAST);
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
INSERT INTO pairs SELECT 1, g FROM generate_series(1, 60000) g;
CREATE TABLE keyless (n int, t text);
INSERT INTO keyless SELECT g, repeat('x', 40) FROM generate_series(1, 60000) g;
ANALYZE;
"""


async def test_every_page_of_a_large_table_is_one_query_that_starts_in_the_index(
    recording: Recording, owner: psycopg.Connection
) -> None:
    owner.execute(BIG)
    catalog = await load_catalog(recording)
    plays, pairs, keyless = catalog.find("plays"), catalog.find("pairs"), catalog.find("keyless")
    orders: list[tuple[Table, list[SortColumn]]] = [
        (plays, []),
        (plays, [SortColumn("id", descending=True)]),
        (plays, [SortColumn("playedAt", descending=True)]),
        (plays, [SortColumn("playedAt")]),
        (plays, [SortColumn("rating", descending=True)]),
        (pairs, []),
        (keyless, []),
    ]
    for table, sort in orders:
        middle = (await read_page(recording, table, sort=sort, limit=6_000)).keys[-1]
        for place in (FIRST, LAST, PagePlace.after(middle), PagePlace.before(middle)):
            recording.sent.clear()
            page = await read_page(recording, table, sort=sort, place=place)
            assert len(page.rows) == 50
            data = [one for one in recording.sent if "pg_relation_size" not in one[0]]
            assert len(data) == 1, (table.name, sort, place)
            assert "count(" not in data[0][0].lower()
            text = plan(owner, data[0])
            assert "Seq Scan" not in text, text
            removed = [int(line.split(":")[1]) for line in text.splitlines() if "Rows Removed" in line]
            assert sum(removed) < 500, text
            if sort in ([], [SortColumn("id", descending=True)]) and table is not keyless:
                assert "Sort" not in text, text


async def test_nulls_stand_where_the_index_has_them(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, n int); CREATE INDEX ON t (n DESC NULLS LAST)")
    owner.execute("INSERT INTO t VALUES (1, NULL), (2, 5), (3, 7), (4, NULL)")
    (table,) = await load_catalog(database)
    down = await read_page(database, table, sort=[SortColumn("n", descending=True)])
    up = await read_page(database, table, sort=[SortColumn("n")])
    assert [row[1] for row in down.rows] == [7, 5, None, None]
    assert [row[1] for row in up.rows] == [None, None, 5, 7]


async def test_a_table_without_any_key_is_paged_as_it_lies_on_disk_from_both_ends(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute(
        "CREATE TABLE t (n int, pad text); INSERT INTO t SELECT g, repeat('x', 500) FROM generate_series(1, 3000) g"
    )
    owner.execute("DELETE FROM t WHERE n BETWEEN 300 AND 2700")
    (table,) = await load_catalog(database)
    onward, back = await forward(database, table, 70), await backward(database, table, 70)
    assert [row[0] for row in joined(onward)] == [*range(1, 300), *range(2701, 3001)]
    assert joined(back) == joined(onward)
    assert "order on disk" in onward[0].note


async def test_a_unique_index_without_nulls_stands_in_for_a_missing_primary_key(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE t (code text NOT NULL, n int); CREATE UNIQUE INDEX by_code ON t (code)")
    owner.execute("INSERT INTO t SELECT 'c' || g, g FROM generate_series(1, 30) g")
    (table,) = await load_catalog(database)
    pages = await forward(database, table, 7)
    assert len(joined(pages)) == 30
    assert "unique index by_code" in pages[0].note


async def test_a_view_is_paged_by_the_whole_row_and_its_first_rows_come_unsorted_where_that_is_wanted(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE VIEW v AS SELECT g AS n FROM generate_series(1, 100) g")
    (view,) = await load_catalog(database)
    down = [SortColumn("n", descending=True)]
    assert [row[0] for row in joined(await forward(database, view, 7, sort=down))] == list(range(100, 0, -1))
    assert [row[0] for row in joined(await backward(database, view, 7))] == sorted(
        range(1, 101), key=lambda n: f"({n})"
    )
    page = await read_view(database, TableView(view, as_it_comes=True), limit=3)
    assert [row[0] for row in page.rows] == [1, 2, 3]
    assert page.has_more_after
    assert page.cursor_last is None
    assert "first rows only, in no order" in page.note
    assert "ORDER BY" not in page.sql
    with pytest.raises(UsageError):
        await read_view(database, TableView(view, as_it_comes=True), place=LAST)


async def test_long_values_are_cut_by_the_server_and_keys_never(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE t (id text PRIMARY KEY, t text, j jsonb, b bytea, a text[], short text)")
    owner.execute(
        """INSERT INTO t VALUES (repeat('k', 2000), repeat('ü', 500000), jsonb_build_object('a', repeat('x', 1000000)),
           decode(repeat('00ff', 500000), 'hex'), array_fill('abc'::text, ARRAY[100000]), 'fine')"""
    )
    (table,) = await load_catalog(database)
    ((key, text, document, data, array, short),) = (await read_page(database, table)).rows
    assert key == "k" * 2000
    assert text == Cut("ü" * 300, 1_000_000)
    assert isinstance(document, Cut)
    assert document.size == 1_000_009
    assert data == Cut(b"\x00\xff" * 150, 1_000_000)
    assert isinstance(array, Cut)
    assert short == "fine"


async def test_a_table_of_sixty_columns_and_a_value_of_each_odd_type_is_one_page(
    database: Database, owner: psycopg.Connection
) -> None:
    odd = {
        "'infinity'::timestamptz": "infinity",
        "'20000-01-01'::date": "20000-01-01",
        "'24:00:00'::time": "24:00:00",
        "'1 mon 3 days'::interval": "1 mon 3 days",
        '\'{"a": 1.10, "a": 1e400}\'::json': '{"a": 1.10, "a": 1e400}',
        "'[1,5)'::int4range": "[1,5)",
        "'10.0.0.1/8'::inet": "10.0.0.1/8",
        "'(1,2)'::point": "(1,2)",
        "'a fat cat'::tsvector": "'a' 'cat' 'fat'",
        "12345678901234567890.123456789::numeric": Decimal("12345678901234567890.123456789"),
        "B'101'": "101",
        "'[2:3]={1,2}'::int[]": "[2:3]={1,2}",
    }
    columns = ", ".join(f"{value} AS c{number}" for number, value in enumerate(odd))
    more = ", ".join(f"{number} AS n{number}" for number in range(60 - len(odd)))
    owner.execute(f"CREATE TABLE t AS SELECT {columns}, {more}")
    (table,) = await load_catalog(database)
    (row,) = (await read_page(database, table)).rows
    assert list(row[: len(odd)]) == list(odd.values())
    assert len(row) == 60


async def test_filters_are_typed_by_the_server_and_narrow_every_page(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, name varchar(5), tags text[], at timestamptz)")
    owner.execute(
        "INSERT INTO t SELECT g, 'n' || g % 10, ARRAY['t' || g % 3],"
        " nullif(g, 7) * interval '1 day' + '2024-01-01'::timestamptz"
        " FROM generate_series(1, 100) g"
    )
    (table,) = await load_catalog(database)

    async def ids(*filters: RowFilter) -> list[object]:
        return [row[0] for row in joined(await forward(database, table, 3, filters=filters))]

    assert await ids(RowFilter("name", Operator.EQUAL, "n4")) == list(range(4, 101, 10))
    assert await ids(RowFilter("name", Operator.EQUAL, "n4 longer than the column")) == []
    assert await ids(RowFilter("id", Operator.GREATER, "95"), RowFilter("name", Operator.NOT_EQUAL, "n8")) == [
        96,
        97,
        99,
        100,
    ]
    assert await ids(RowFilter("name", Operator.CONTAINS, "N4")) == list(range(4, 101, 10))
    assert await ids(RowFilter("name", Operator.CONTAINS, "%")) == []
    assert await ids(RowFilter("tags", Operator.CONTAINS, "t0")) == list(range(3, 101, 3))
    assert await ids(RowFilter("at", Operator.IS_NULL)) == [7]
    assert await ids(RowFilter("at", Operator.LESS, "2024-01-04")) == [1, 2]


async def test_a_cursor_of_another_order_is_refused(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)")
    catalog: Catalog = await load_catalog(database)
    page = await read_page(database, catalog.find("t"), limit=1)
    assert page.cursor_last is not None
    with pytest.raises(UsageError, match="another order"):
        await read_page(database, catalog.find("t"), sort=[SortColumn("n")], place=PagePlace.after(page.cursor_last))
