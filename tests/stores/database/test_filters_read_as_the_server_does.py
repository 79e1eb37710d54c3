"""A filter's text and SQL's text are one: what we write, and what SQL writes, finds what the server itself finds."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from soundcheck.stores.catalog.families import Family, family, is_sortable
from soundcheck.stores.catalog.tables import Column, Table, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.filters import (
    NEEDS_NO_VALUE,
    TAKES_A_LIST,
    TAKES_A_PAIR,
    Operator,
    RowFilter,
    operators_for,
    parse_filter,
)
from soundcheck.stores.rows.paging import TableView, read_view
from soundcheck.stores.rows.typed_value import checked
from soundcheck.stores.rows.value_text import read_value

TEXTS = [
    "", " ", "it's", "''", "'", '"', '"it\'s"', "a, b", "(a, b)", "a)", "{a,b}", "NULL", "null", "a and b", "\\", "\\'",
    "a\\b", "10%", "10_", "E'x'", "$$", "$1", "🎵", "é", "e\u0301", " x ", "a\nb", "\t", "\u202e", "--", ";", "A", "a",
    "is null", "true", "-5",
]  # fmt: skip
VALUES = {
    "text": TEXTS,
    "varchar(9)": [value for value in TEXTS if len(value) < 10],
    "char(4)": ["", "a", "a b", "it's", "NULL", "10%"],
    "name": ["a", "it's", "A b"],
    '"char"': ["a", "'", " ", "\\"],
    "int2": ["-32768", "-5", "0", "7"],
    "int4": ["-5", "0", "+7", "2147483647"],
    "int8": ["-9223372036854775808", "7"],
    "numeric": ["1.0", "1.00", "-0.5", "NaN", "Infinity", "1e3", ".5"],
    "float4": ["0.1", "-Infinity", "NaN", "1e-30"],
    "float8": ["0.1", "-0", "0", "NaN"],
    "bool": ["true", "f", "of", "1"],
    "uuid": ["6f1c0e1e-1111-4222-8333-444455556666", "{6F1C0E1E111142228333444455556667}"],
    "date": ["2024-03-31", "infinity", "0044-03-15 BC", "1/2/2024"],
    "timestamp": ["2024-03-31 18:30", "infinity", "2024-03-31T18:30:00.000001"],
    "timestamptz": ["2024-03-31 18:30+02", "-infinity", "2024-03-31 16:30", "Mar 31 2024 16:30 UTC"],
    "time": ["18:30", "24:00", "06:30 PM"],
    "interval": ["1 mon", "30 days", "-04:00", "P1D"],
    "bytea": ["\\x", "\\xdeadBEEF", "\\x27"],
    "inet": ["10.0.0.1/8", "::1"],
    "bit(3)": ["101", "000"],
    "int4range": ["[1,5)", "empty", "(,3]"],
    "text[]": ['{a,NULL,"b c"}', "{}", '{"it\'s","\\"q\\"","a,b","NULL"}', "[2:3]={x,y}"],
    "int[]": ["{1,2}", "{{1,2},{3,4}}"],
    "jsonb": ['{"a": "it\'s"}', "[1, 2.0]", '"x"', "null"],
    "mood": ["glad", "it's", "so, so"],
    "pair": ['(1,"a, b")', "(,)", "(2,it's)"],
}
"""For each type what a row may hold and a filter may say."""
NAMES = ["plain", "mixedCase", 'qu"ote', "two words", "select", "größe", "in", "not in", "a = b"]


@pytest.fixture(scope="module")
def mixed(superuser_url: PostgresUrl) -> Iterator[tuple[PostgresUrl, Table]]:
    """A column of each type, named in every awkward way, and rows that hold every value."""
    url = replace(superuser_url, database=f"filters_{secrets.token_hex(4)}")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database}".encode())
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('glad', 'it''s', 'so, so'); CREATE TYPE pair AS (a int, b text)")
        names = [NAMES[at] if at < len(NAMES) else f"c{at}" for at in range(len(VALUES))]
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
            for name, kind in zip(names, VALUES, strict=True)
        )
        connection.execute(sql.SQL("CREATE TABLE t (id int PRIMARY KEY, {})").format(columns))
        for row in range(max(map(len, VALUES.values())) + 1):
            values = [sql.Literal(one[row % (len(one) + 1)] if row % (len(one) + 1) < len(one) else None)
                      for one in VALUES.values()]  # fmt: skip
            connection.execute(sql.SQL("INSERT INTO t VALUES ({}, {})").format(row, sql.SQL(", ").join(values)))

    async def load() -> Table:
        database = Database(url, SystemResolver())
        try:
            return (await load_catalog(database)).find("t")
        finally:
            await database.close()

    yield url, asyncio.run(load())
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)".encode())


def operators_of_sql(column: Column) -> list[Operator]:
    """Those that SQL has a word for; jsonb is compared by typing it."""
    ours = {Operator.CONTAINS, Operator.STARTS_WITH, Operator.JSON_PATH}
    offered = [*operators_for(column), *([Operator.EQUAL, Operator.IN] if family(column) is Family.JSON else [])]
    return [one for one in offered if one not in ours]


@st.composite
def wanted(draw: st.DrawFn) -> tuple[int, int, list[str]]:
    """A column, one of its operators, and values for it; texts also such as nobody thought of."""
    at = draw(st.integers(0, len(VALUES) - 1))
    pool = list(VALUES.values())[at]
    value = st.sampled_from(pool)
    if at < 2:
        value = value | st.text(alphabet="'\"\\,(){}[]$eE&aN \n%_", max_size=6)
    return at, draw(st.integers(0, 30)), draw(st.lists(value, min_size=2, max_size=3))


def condition(column: Column, operator: Operator, literals: list[sql.Composable]) -> sql.Composable:
    """As one would type it into psql."""
    name = sql.Identifier(column.name)
    if operator in NEEDS_NO_VALUE:
        return sql.SQL("{} {}").format(name, sql.SQL(operator))
    if operator in TAKES_A_LIST:
        return sql.SQL("{} {} ({})").format(name, sql.SQL(operator), sql.SQL(", ").join(literals))
    if operator in TAKES_A_PAIR:
        return sql.SQL("{} {} {} AND {}").format(name, sql.SQL(operator), *literals[:2])
    symbol = "IS DISTINCT FROM" if operator is Operator.NOT_EQUAL else operator
    return sql.SQL("{} {} {}").format(name, sql.SQL(symbol), literals[0])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=wanted())
@example(chosen=(0, 0, ["it's", "it's"]))
@example(chosen=(0, 4, ["both ' and \"", "it's", "a, b"]))
def test_a_filter_finds_what_the_same_words_find_in_psql(
    mixed: tuple[PostgresUrl, Table], chosen: tuple[int, int, list[str]]
) -> None:
    url, table = mixed
    at, number, values = chosen
    column = table.columns[at + 1]
    assert is_sortable(column)
    operators = operators_of_sql(column)
    operator = operators[number % len(operators)]
    if operator in NEEDS_NO_VALUE:
        ours = RowFilter(column.name, operator)
    elif operator in TAKES_A_LIST:
        ours = RowFilter(column.name, operator, values=tuple(values))
    elif operator in TAKES_A_PAIR:
        ours = RowFilter(column.name, operator, values=(values[0], values[1]))
    else:
        ours = RowFilter(column.name, operator, values[0])
    with psycopg.connect(url.reveal(), autocommit=True) as psql:
        psql.execute("SET timezone = 'UTC'")
        literals: list[sql.Composable] = [sql.Literal(value) for value in values]
        written = condition(column, operator, literals).as_string(psql)
        if column.type_name == "pair":  # psql reads a row only where it is told of which type
            literals = [sql.SQL("{}::pair").format(literal) for literal in literals]
        said = condition(column, operator, literals)
        refusal: psycopg.Error | None = None
        try:
            expected = psql.execute(sql.SQL("SELECT id FROM t WHERE {} ORDER BY id").format(said)).fetchall()
        except psycopg.DataError as error:  # a pattern that ends with a backslash
            refusal = error

    async def check() -> None:
        database = Database(url, SystemResolver())
        try:
            for text in (str(ours), written):
                read = parse_filter(text, table.columns)
                view = TableView(table, filters=(checked(read, column),))
                if refusal is not None:
                    with pytest.raises(UsageError):
                        await read_view(database, view, limit=1000)
                    continue
                if _is_whole_day(column, ours):
                    continue
                page = await read_view(database, view, limit=1000)
                assert [row[:1] for row in page.rows] == expected, text
        finally:
            await database.close()

    asyncio.run(check())


def _is_whole_day(column: Column, ours: RowFilter) -> bool:
    return column.type_name.startswith("timestamp") and "2024-03-31" in (ours.value, *ours.values)


ALPHABET = "'\\nxu0041Ed8é \n$"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inside=st.text(alphabet=ALPHABET, max_size=10), form=st.sampled_from(["'{}'", "E'{}'", "$${}$$", "U&'{}'"]))
@example(inside="\\xc3\\xa9", form="E'{}'")
@example(inside="\\ud83d\\ude00", form="E'{}'")
@example(inside="\\d83d\\de00", form="U&'{}'")
@example(inside="a'\n'b", form="'{}'")
@example(inside="\\xc3'\n'\\xa9", form="E'{}'")
@example(inside="a'\n'b", form="U&'{}'")
def test_a_quoted_value_is_what_the_server_makes_of_it(
    mixed: tuple[PostgresUrl, Table], inside: str, form: str
) -> None:
    url, _ = mixed
    literal = form.replace("{}", inside)
    with psycopg.connect(url.reveal(), autocommit=True) as psql:
        try:
            (there,) = psql.execute(b"SELECT (" + literal.encode() + b")::text").fetchone()  # type: ignore[misc]
        except psycopg.Error:
            there = None
    try:
        here: str | None = read_value(literal)
    except UsageError:
        here = None
    if there is None:
        assert here is None or here == literal, "refused, or taken for a bare value"
    else:
        assert here == there
