"""A view as a Prisma call finds the rows of the SQL beside it, in its order, or says that it cannot."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from engine_fixture import run_aside

from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import IndexColumn, Table, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.models import PrismaModel, load_models
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.query_engine import QueryEngine
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.filters import (
    NEEDS_NO_VALUE,
    TAKES_A_LIST,
    TAKES_A_PAIR,
    Operator,
    RowFilter,
    operators_for,
)
from soundcheck.stores.rows.record import Record, RecordField
from soundcheck.stores.rows.spelled.as_prisma import row_as_prisma
from soundcheck.stores.rows.spelled.prisma_where import count_as_prisma, view_as_prisma
from soundcheck.stores.rows.spelled.sql import view_sql
from soundcheck.stores.rows.view import TableView

SCHEMA = """
generator client {
  provider = "prisma-client-py"
  interface = "sync"
  output = "./calls_client"
  recursive_type_depth = 3
  enable_experimental_decimal = true
}
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
enum Role {
  LISTENER
  HOST @map("the host")
}
model Track {
  id      Int       @id @default(autoincrement())
  words   String?   @map("some words")
  short   String    @default("") @db.VarChar(12)
  padded  String?   @db.Char(5)
  ident   String?   @db.Uuid
  flag    Boolean?
  small   Int?      @db.SmallInt
  big     BigInt?
  real    Float?    @db.Real
  double  Float?
  exact   Decimal?  @db.Decimal(20, 5)
  blob    Bytes?
  meta    Json?
  at      DateTime? @db.Timestamp(6)
  instant DateTime? @db.Timestamptz(6)
  day     DateTime? @db.Date
  clock   DateTime? @db.Time(3)
  role    Role?
  texts   String[]
  wholes  Int[]
  @@index([instant(sort: Desc)])
  @@map("tracks")
}
model Linked {
  a String
  b Int
  @@id([a, b])
}
"""

ONE = "6d2ff1a0-5b0e-4a7b-9d0e-0a1b2c3d4e5f"
VALUES: dict[str, list[str]] = {
    "some words": ["Ana", "ana", "a_a", "50%", "5 0", "back\\slash", 'it\'s "quoted"', "Ünï", "", "x\ny", "a\u2028b"],
    "short": ["", "abc", "ABC", "a%"],
    "padded": ["ab", "ab   ", "abcde"],
    "ident": [ONE, ONE.upper(), "not-a-uuid"],
    "flag": ["true", "f", "YES", "maybe"],
    "small": ["-1", "0", " 7 ", "32767", "32768", "1.5"],
    "big": ["9223372036854775807", "-9007199254740993", "0"],
    "real": ["0.5", "0.1", "3", "1e3"],
    "double": ["0.1", "-2.5", "100", "NaN"],
    "exact": ["1.10000", "1.1", "-3", "123456789.12345"],
    "blob": ["\\x00ff", "\\x", "abc"],
    "meta": ['{"a": 1}', "a", "$.a ? (@ > 0)"],
    "at": ["2024-03-31", "2024-03-31T01:30:00", "2024-03-31 01:30:00+02", "2024-04-01 00:00:00.123456", "infinity"],
    "instant": ["2024-03-31", "2024-03-31T01:30:00", "2024-03-31 01:30:00+02", "2024-04-01T00:00:00.123Z", "today"],
    "day": ["2024-03-31", "2024-04-01", "2024-03-31 10:00"],
    "clock": ["10:00"],
    "role": ["LISTENER", "the host", "HOST"],
    "texts": ["a", "b c", "x"],
    "wholes": ["1", "2"],
    "id": ["1", "5"],
}
"""What is typed for each column; some of it nobody can compare, or not alike."""

CANNOT: set[str] = {"padded", "meta", "clock"}
"""Columns of which every condition on a value is refused."""

FILL = """
INSERT INTO tracks ("some words", short, padded, ident, flag, small, big, real, double, exact, blob, meta, at, instant,
  day, clock, role, texts, wholes)
SELECT
  (ARRAY['Ana', 'ANA MARIA', 'a_a', 'aXa', '50% off', '500', '5 0', E'back\\\\slash', 'it''s "quoted"', 'Ünïcode', '',
    E'x\\ny', NULL])[1 + n % 13],
  (ARRAY['', 'abc', 'ABC', 'a%', 'ab'])[1 + n % 5],
  (ARRAY['ab', 'abcde', NULL])[1 + n % 3],
  CASE WHEN n % 4 = 0 THEN NULL WHEN n % 4 = 1 THEN 'ONE'::uuid ELSE gen_random_uuid() END,
  (ARRAY[true, false, NULL])[1 + n % 3],
  (ARRAY[-1, 0, 7, 32767, NULL])[1 + n % 5],
  (ARRAY[9223372036854775807, -9007199254740993, 0, NULL])[1 + n % 4],
  (ARRAY[0.5, 0.1, 3, NULL])[1 + n % 4],
  (ARRAY[0.1, -2.5, 100, 1e300, NULL])[1 + n % 5],
  (ARRAY[1.1, -3, 123456789.12345, NULL])[1 + n % 4],
  (ARRAY['\\x00ff', '\\x', NULL]::bytea[])[1 + n % 3],
  (ARRAY['{"a": 1}', '"a"', NULL]::jsonb[])[1 + n % 3],
  (ARRAY['2024-03-30 23:59:59.999999', '2024-03-31', '2024-03-31 01:30', '2024-04-01', '2024-04-01 00:00:00.123456',
    NULL]::timestamp[])[1 + n % 6],
  (ARRAY['2024-03-30 23:59:59.999999Z', '2024-03-31Z', '2024-03-31 01:30Z', '2024-03-30 23:30Z', '2024-04-01Z',
    '2024-04-01 00:00:00.123Z', NULL]::timestamptz[])[1 + n % 7],
  (ARRAY['2024-03-31', '2024-04-01', NULL]::date[])[1 + n % 3],
  '10:00',
  (ARRAY['LISTENER', 'the host', NULL]::"Role"[])[1 + n % 3],
  (ARRAY['{}', '{a}', '{"b c",a}']::text[])[1 + n % 3]::text[],
  (CASE WHEN n % 2 = 0 THEN '{1,2}' ELSE '{}' END)::int[]
FROM generate_series(1, 60) AS n
"""


@dataclass(frozen=True)
class Ground:
    """The filled table, a connected client, and psycopg."""

    table: Table
    models: tuple[PrismaModel, ...]
    names: dict[str, Any]
    judge: psycopg.Connection[Any]

    def found(self, call: str) -> Any:
        """What the client answers."""
        return eval(call.removeprefix("await "), dict(self.names))


@pytest.fixture(scope="module")
def ground(
    engine_folder: Path, superuser_url: PostgresUrl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    root = tmp_path_factory.mktemp("calls")
    schema = root / "schema.prisma"
    schema.write_text(SCHEMA)
    engine = PrismaEngine(engine_folder, find_node())
    url = replace(superuser_url, database=f"calls_{os.getpid()}")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database}")  # type: ignore[arg-type]
    query_engine = QueryEngine(engine_folder, find_node())

    async def prepare() -> Table:
        await query_engine.install()
        await generate_client(engine, schema, root)
        await engine.push(url, schema, await engine.plan_push(url, schema))
        with psycopg.connect(url.reveal(), autocommit=True) as connection:
            connection.execute(FILL.replace("ONE", ONE))  # type: ignore[arg-type]
        database = Database(url, SystemResolver())
        try:
            return (await load_catalog(database)).find("tracks")
        finally:
            await database.close()

    table = run_aside(prepare())
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(root)
    patch.setenv("PRISMA_QUERY_ENGINE_BINARY", str(query_engine.launcher))
    package = importlib.import_module("calls_client")
    db = package.Prisma(use_dotenv=False, datasource={"url": url.reveal()})
    db.connect()
    names = {"db": db, "datetime": datetime, "Decimal": Decimal, "Base64": package.fields.Base64}
    with psycopg.connect(url.reveal(), autocommit=True, options="-c TimeZone=UTC") as judge:
        yield Ground(table, load_models(schema), names, judge)
    db.disconnect()
    patch.undo()
    for name in [name for name in sys.modules if name.partition(".")[0] == "calls_client"]:
        del sys.modules[name]
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)")  # type: ignore[arg-type]


def _query(view: TableView, limit: int) -> str:
    """The query alone: a line before it sets the zone, which is the judge's already."""
    return view_sql(view, limit=limit).removeprefix("SET TIME ZONE 'UTC';\n")


def compare(ground: Ground, view: TableView, limit: int = 50) -> bool:
    """Whether the view has a call, which then finds the same rows in the same order as its SQL."""
    try:
        call = view_as_prisma(view, ground.models, limit=limit)
    except UsageError:
        return False
    rows = ground.judge.execute(_query(view, limit)).fetchall()  # type: ignore[arg-type]
    assert [row.id for row in ground.found(call)] == [row[0] for row in rows], call
    counted = ground.judge.execute(
        f"SELECT count(*) FROM ({_query(view, 10_000).rstrip(';')}) AS found"  # type: ignore[arg-type]
    ).fetchone()
    assert counted is not None
    assert ground.found(count_as_prisma(view, ground.models)) == counted[0]
    return True


def conditions(table: Table, name: str) -> Iterator[RowFilter]:
    """Every operator that the column offers, with every value, and with two of them."""
    for operator in operators_for(table.column(name)):
        values = VALUES[name]
        if operator in NEEDS_NO_VALUE:
            yield RowFilter(name, operator)
        elif operator in TAKES_A_LIST:
            yield from (RowFilter(name, operator, values=tuple(values[at : at + 2])) for at in range(len(values)))
            yield RowFilter(name, operator)
        elif operator in TAKES_A_PAIR:
            yield from (RowFilter(name, operator, values=(values[at - 1], values[at])) for at in range(len(values)))
        else:
            yield from (RowFilter(name, operator, value) for value in values)


@pytest.mark.parametrize("name", list(VALUES))
def test_every_condition_finds_the_same_rows_or_is_refused(ground: Ground, name: str) -> None:
    said = [one for one in conditions(ground.table, name) if compare(ground, TableView(ground.table, filters=(one,)))]
    on_values = [one for one in said if one.value or one.values]
    assert bool(on_values) is (name not in CANNOT)


def test_several_conditions_hold_together(ground: Ground) -> None:
    two = (RowFilter("small", Operator.GREATER, "-1"), RowFilter("small", Operator.LESS, "8"))
    other = RowFilter("flag", Operator.NOT_EQUAL, "true")
    no_words = RowFilter("some words", Operator.NOT_EQUAL, "Ana")
    assert compare(ground, TableView(ground.table, filters=two))
    assert compare(ground, TableView(ground.table, filters=(*two, other, no_words)))
    assert compare(ground, TableView(ground.table, filters=(RowFilter("id", Operator.LESS, "9"), other)))


@pytest.mark.parametrize(
    "sort",
    [
        (),
        (SortColumn("id", True),),
        (SortColumn("small"),),
        (SortColumn("small", True), SortColumn("short")),
        (SortColumn("day", True), SortColumn("role")),
        (SortColumn("short", True), SortColumn("id")),
    ],
    ids=str,
)
def test_the_order_is_the_same_with_its_nulls(ground: Ground, sort: tuple[SortColumn, ...]) -> None:
    assert compare(ground, TableView(ground.table, sort), limit=33)


def test_an_order_whose_nulls_stand_elsewhere_is_said(ground: Ground) -> None:
    """An index that was made by hand may have its NULLs where the client has no word for."""
    sort = (SortColumn("instant", True),)
    assert compare(ground, TableView(ground.table, sort))
    index = next(one for one in ground.table.indexes if one.columns[0].name == "instant")
    by_hand = replace(index, columns=(IndexColumn("instant", descending=True, nulls_first=False),))
    with pytest.raises(UsageError, match="no word for where NULLs stand"):
        view_as_prisma(TableView(replace(ground.table, indexes=(by_hand,)), sort), ground.models)


def test_a_view_without_a_key_has_no_call(ground: Ground) -> None:
    table = replace(ground.table, primary_key=(), indexes=())
    with pytest.raises(UsageError, match="its order is that on disk"):
        view_as_prisma(TableView(table), ground.models)


def test_a_row_is_found_by_its_own_call(ground: Ground) -> None:
    columns = ground.table.columns
    row = ground.judge.execute("SELECT * FROM tracks WHERE id = 7").fetchone()
    assert row is not None
    fields = tuple(RecordField(column, value) for column, value in zip(columns, row, strict=True))
    found = ground.found(row_as_prisma(Record(ground.table, ("7",), fields, 0.0, ""), ground.models))
    assert (found.id, found.words) == (7, row[1])


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_a_page_takes_as_many(ground: Ground, limit: int) -> None:
    assert compare(ground, TableView(ground.table), limit=limit)


def test_a_search_reads_json_which_the_client_cannot(ground: Ground) -> None:
    assert not compare(ground, TableView(ground.table, search="ana"))


def test_a_table_without_a_model_is_named(ground: Ground) -> None:
    table = replace(ground.table, name="elsewhere")
    with pytest.raises(UsageError, match="no model for the table elsewhere"):
        view_as_prisma(TableView(table), ground.models)
