"""Filters and searches: every offered operator works on every type, values mean themselves, refusals name the type."""

from __future__ import annotations

import psycopg
import pytest

from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.tables import Column, Table, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.rows.filters import (
    NEEDS_NO_VALUE,
    TAKES_A_LIST,
    TAKES_A_PAIR,
    Operator,
    RowFilter,
    operators_for,
    parse_filter,
)
from soundcheck.stores.rows.paging import FIRST, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.search import MOST_COLUMNS, plan_search
from soundcheck.stores.rows.typed_value import checked, expected

ODD = {
    "int2": "-3",
    "int8": "9223372036854775807",
    "numeric(38,18)": "12345678901234567890.000000000000000001",
    "numeric": "NaN",
    "float4": "0.1",
    "float8": "Infinity",
    "money": "12.50",
    "bool": "yes",
    "text": "NULL",
    "varchar(5)": "é",
    "char(3)": "ab",
    "name": "n",
    '"char"': "c",
    "citext_like": "x",
    "uuid": "6f1c0e1e-1111-4222-8333-444455556666",
    "date": "0044-03-15 BC",
    "timestamp": "294276-12-31 23:59:59",
    "timestamptz": "infinity",
    "time": "24:00:00",
    "timetz": "18:30+02",
    "interval": "1 mon 3 days -04:00",
    "json": '{"a": 1, "a": 1e400}',
    "jsonb": '[{"emoji": "x"}]',
    "xml": "<a>b</a>",
    "bytea": "\\xdeadbeef",
    "inet": "10.0.0.1/8",
    "cidr": "10.0.0.0/8",
    "macaddr": "08:00:2b:01:02:03",
    "int4range": "[1,5)",
    "int4multirange": "{[1,3),[5,7)}",
    "tstzrange": "[-infinity,2024-01-01)",
    "point": "(1,2)",
    "box": "(2,2),(1,1)",
    "polygon": "((0,0),(1,1),(2,0))",
    "bit(3)": "101",
    "varbit": "10",
    "tsvector": "'a' 'fat'",
    "tsquery": "'a' & 'b'",
    "pg_lsn": "16/B374D848",
    "xid": "7",
    "oid": "4294967295",
    "regclass": "pg_class",
    "jsonpath": '$."a"',
    "mood": "glad",
    "posint": "7",
    "posposint": "8",
    "text[]": '{a,NULL,"b c"}',
    "int[]": "[2:3]={1,2}",
    "mood[]": "{glad}",
    "json[]": '{"{\\"a\\": 1}"}',
    "bytea[]": '{"\\\\x00ff"}',
    "timestamptz[]": '{infinity,"0044-03-15 00:00:00+00 BC"}',
    "pair": '(1,"a b")',
    "pair[]": '{"(1,a)"}',
    "interval[]": '{"1 mon"}',
    "numeric[]": "{NaN,1.10}",
}


@pytest.fixture
async def odd(database: Database, owner: psycopg.Connection) -> Table:
    """A column of each type with a value, and the same as NULL in a second row."""
    owner.execute(
        """CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE pair AS (a int, b text);
        CREATE DOMAIN posint AS int CHECK (value > 0); CREATE DOMAIN posposint AS posint CHECK (value > 1);
        CREATE DOMAIN citext_like AS text COLLATE "C" """
    )
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(ODD))
    owner.execute(f"CREATE TABLE odd (id int PRIMARY KEY, {columns})".encode())
    values = list(ODD.values())
    values[list(ODD).index("xml")] = None if not _has_xml(owner) else values[list(ODD).index("xml")]
    places = ", ".join(f"${number + 2}" for number in range(len(values)))
    with psycopg.RawCursor(owner) as cursor:
        cursor.execute(f"INSERT INTO odd VALUES ($1, {places})".encode(), ["1", *values])
    owner.execute("INSERT INTO odd (id) VALUES (2)")
    return (await load_catalog(database)).find("odd")


def _has_xml(owner: psycopg.Connection) -> bool:
    try:
        owner.execute("SELECT '<a/>'::xml")
    except psycopg.Error:
        return False
    return True


async def test_every_offered_operator_works_on_every_type(
    database: Database, owner: psycopg.Connection, odd: Table
) -> None:
    tried = 0
    for column, value in zip(odd.columns[1:], ODD.values(), strict=True):
        if column.type_name == "xml" and not _has_xml(owner):
            continue
        for operator in operators_for(column):
            typed = _example(column, operator, value)
            page = await read_view(database, TableView(odd, filters=(checked(typed, column),)))
            if operator in {
                Operator.EQUAL,
                Operator.IN,
                Operator.BETWEEN,
                Operator.GREATER_OR_EQUAL,
                Operator.CONTAINS,
            }:
                assert [row[0] for row in page.rows] == [1], (column, typed)
            tried += 1
    assert tried > 250


def _example(column: Column, operator: Operator, value: str) -> RowFilter:
    if operator in NEEDS_NO_VALUE:
        return RowFilter(column.name, operator)
    if operator is Operator.JSON_PATH:
        return RowFilter(column.name, operator, "$.a")
    if operator in TAKES_A_LIST | TAKES_A_PAIR:
        return RowFilter(column.name, operator, values=(value, value))
    if operator is Operator.CONTAINS:
        if column.type_name.endswith("[]"):
            inside = {
                "text[]": "b c",
                "int4[]": "2",
                "mood[]": "glad",
                "json[]": '{"a": 1}',
                "bytea[]": "\\x00ff",
                "timestamptz[]": "infinity",
                "pair[]": "(1,a)",
                "interval[]": "1 mon",
                "numeric[]": "1.1",
            }
            return RowFilter(column.name, operator, inside[column.type_name])
        return RowFilter(column.name, operator, {"jsonb": "EMOJI", "json": "1e400"}.get(column.type_name, value[1:3]))
    return RowFilter(column.name, operator, value)


async def test_every_type_is_sorted_by_or_refused_in_words(database: Database, odd: Table) -> None:
    for column in odd.columns:
        view = TableView(odd, (SortColumn(column.name, descending=True),))
        if not is_sortable(column):
            with pytest.raises(UsageError, match="has no order"):
                await read_view(database, view)
            continue
        page = await read_view(database, view, limit=1)
        assert page.cursor_last is not None
        second = await read_view(database, view, place=PagePlace.after(page.cursor_last), limit=1)
        assert {page.rows[0][0], second.rows[0][0]} == {1, 2}, column


HOSTILE = [
    "%",
    "_",
    "\\",
    "a\\%b",
    "'",
    '"',
    "';DROP TABLE t;--",
    "$1",
    "{}",
    "%s",
    "\x1b[31m",
    "E'\\x'",
    "NULL",
    " ",
    "--",
    "🎵",
    "\u202e",
]


async def test_hostile_values_mean_themselves(database: Database, owner: psycopg.Connection) -> None:
    owner.execute('CREATE TABLE t (id int PRIMARY KEY, "we\'ird""; {} %s $1" text, tags text[])')
    for number, value in enumerate(HOSTILE):
        owner.execute("INSERT INTO t VALUES (%s, %s, %s)", [number, f"<{value}>", [value, "x"]])
    (table,) = await load_catalog(database)
    name = table.columns[1].name

    async def ids(row_filter: RowFilter) -> list[int]:
        return [row[0] for row in (await read_view(database, TableView(table, filters=(row_filter,)))).rows]

    for number, value in enumerate(HOSTILE):
        contained = [place for place, other in enumerate(HOSTILE) if value.lower() in f"<{other}>".lower()]
        assert await ids(RowFilter(name, Operator.CONTAINS, value)) == contained
        assert await ids(RowFilter(name, Operator.EQUAL, f"<{value}>")) == [number]
        assert await ids(RowFilter(name, Operator.IN, values=(f"<{value}>", "none"))) == [number]
        assert number in await ids(RowFilter(name, Operator.STARTS_WITH, f"<{value}"))
        assert await ids(RowFilter("tags", Operator.CONTAINS, value)) == [number]
        found = await read_view(database, TableView(table, search=f"<{value}>"))
        assert [row[0] for row in found.rows] == [number]


async def test_json_is_filtered_by_path_by_part_and_by_text(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, j jsonb)")
    owner.execute("""INSERT INTO t VALUES (1, '[{"emoji": "x", "n": 3}]'), (2, '{"a": {"b": "$ == "}}'), (3, NULL)""")
    (table,) = await load_catalog(database)

    async def ids(text: str) -> list[int]:
        row_filter = checked(parse_filter(text, table.columns), table.columns[1])
        return [row[0] for row in (await read_view(database, TableView(table, filters=(row_filter,)))).rows]

    assert await ids('j json path $[*].emoji == "x"') == [1]
    assert await ids("j json path $[*] ? (@.n > 2)") == [1]
    assert await ids("j json path $.a.b") == [2]
    assert await ids('j json path exists($.a ? (@.b == "$ == "))') == [2]
    assert await ids('j contains {"a": {"b": "$ == "}}') == [2]
    assert await ids("j contains EMOJI") == [1]
    with pytest.raises(UsageError, match="jsonpath"):
        await ids("j json path $[*] ==")
    with pytest.raises(UsageError, match="JSON path"):
        await ids("j json path nonsense")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c0 = 40000", "c0 takes a whole number from -32768 to 32767; '40000' is none"),
        ("c2 = ten", "a number"),
        ("c7 = maybe", "true or false"),
        ("c14 = 12", "a UUID"),
        ("c15 = 2024-02-30", "a date, as 2024-03-31"),
        ("c17 = soon", "a date or a time"),
        ("c24 = xyz", "bytes in hex"),
        ("mood = angry", "one of sad, glad"),
        ("c43 between 1", "between takes two values"),
        ("id in 1, x", "whole number"),
    ],
)
async def test_a_value_of_the_wrong_type_is_refused_by_name_before_anything_is_sent(
    odd: Table, text: str, said: str
) -> None:
    text = text.replace("mood", f"c{list(ODD).index('mood')}")

    def typed() -> RowFilter:
        row_filter = parse_filter(text, odd.columns)
        return checked(row_filter, odd.column(row_filter.column))

    with pytest.raises(UsageError) as caught:
        typed()
    assert said in caught.value.message


async def test_what_only_the_server_can_judge_is_refused_in_the_same_words(database: Database, odd: Table) -> None:
    for name, value in (("interval", "3 blue days"), ("inet", "10.0.0.0.1"), ("int4range", "[5,1)"), ("pair", "(x)")):
        column = odd.columns[1 + list(ODD).index(name)]
        row_filter = checked(RowFilter(column.name, Operator.EQUAL, value), column)
        with pytest.raises(UsageError) as caught:
            await read_view(database, TableView(odd, filters=(row_filter,)))
        assert value in caught.value.message
        assert f"{column.name} takes {expected(column)}" in caught.value.hint


async def test_a_search_reads_the_type_from_the_term(database: Database, owner: psycopg.Connection) -> None:
    owner.execute(
        """CREATE TYPE mood AS ENUM ('sad', 'Glad');
        CREATE TABLE t (id int PRIMARY KEY, name text, n numeric, at timestamptz, u uuid, mood mood, tags text[],
            "apiToken" text, small int2)"""
    )
    owner.execute(
        """INSERT INTO t VALUES (1, 'Ana 42', 42.0, '2024-03-31 22:00Z', '6f1c0e1e-1111-4222-8333-444455556666', 'sad',
            '{x,rock}', 'tok-42', 1), (42, 'Bob', 7, NULL, NULL, 'Glad', NULL, NULL, 2)"""
    )
    (table,) = await load_catalog(database)

    async def ids(term: str, **how: object) -> list[int]:
        return [row[0] for row in (await read_view(database, TableView(table, search=term, **how))).rows]  # type: ignore[arg-type]

    assert await ids("42") == [1, 42]
    assert await ids("2024-03-31") == [1]
    assert await ids("6F1C0E1E-1111-4222-8333-444455556666") == [1]
    assert await ids("gla") == [42]
    assert await ids("rock") == [1]
    assert await ids("bOb") == [42]
    assert await ids("99999999999999999999") == []
    assert await ids("tok-") == []
    assert await ids("tok-", reveal=frozenset({"apiToken"})) == [1]
    plan = plan_search(table, "42")
    assert plan.columns == ("id", "name", "n", "tags", "small")
    assert plan.left_out == ("apiToken",)
    assert plan.read_as == "a number or text"
    with pytest.raises(UsageError):
        plan_search(table, "  ")


async def test_a_search_asks_a_bounded_number_of_columns_and_stops_in_time(
    database: Database, owner: psycopg.Connection
) -> None:
    columns = ", ".join(f"c{number} text" for number in range(60))
    owner.execute(f"CREATE TABLE wide (id int PRIMARY KEY, {columns})".encode())
    owner.execute("CREATE VIEW slow AS SELECT g AS id, pg_sleep(0.2)::text AS t FROM generate_series(1, 100) g")
    catalog = await load_catalog(database)
    plan = plan_search(catalog.find("wide"), "7")
    assert (len(plan.columns), len(plan.left_out)) == (MOST_COLUMNS, 61 - MOST_COLUMNS)
    assert "id" in plan.columns
    with pytest.raises(DatabaseProblem) as caught:
        await read_view(database, TableView(catalog.find("slow"), search="x"), timeout=0.3)
    assert caught.value.trouble is Trouble.TIMEOUT


async def test_a_value_to_begin_at_is_refused_like_any_other(database: Database, odd: Table) -> None:
    with pytest.raises(UsageError, match="value to begin at"):
        await read_view(database, TableView(odd, (SortColumn("id"),)), place=PagePlace.at("soon"))
    assert (await read_view(database, TableView(odd, (SortColumn("id"),)), place=PagePlace.at("2"))).rows[0][0] == 2
    assert FIRST.cursor is None
