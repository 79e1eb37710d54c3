"""A second push finds nothing to do, however the catalogue spells a default; a default that differs is still set."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from engine_fixture import run_aside
from psycopg import sql
from pushed_database import Database

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.plan import PushPlan

HEADER = """
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["postgresqlExtensions"]
}
datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  extensions = [citext, hstore]
}
enum Mood {
  GLAD
  SAD
  OTHER @map("Other One")
}
"""

UUID = "5f1c9d5a-0000-4000-8000-000000000000"
FIELDS = r"""
String[] @default(["x","it's","a,b","say \"hi\"","back\\slash","{}","","NULL","MiXed"])
String[] @default(["a"]) @db.VarChar(20)
String[] @default(["A"]) @db.Char(3)
String[] @default(["UUID"]) @db.Uuid
String[] @default(["10.0.0.1"]) @db.Inet
String[] @default(["Abc"]) @db.Citext
String[] @default([])
String[] @default(dbgenerated("ARRAY['x'::text]"))
String[] @default(dbgenerated("'{}'"))
Boolean[] @default([true,false])
Int[] @default([1,-2])
Int[] @default([1]) @db.SmallInt
BigInt[] @default([1])
BigInt[] @default([-9223372036854775808,9223372036854775807])
BigInt[] @default([])
Float[] @default([1.5,-2])
Float[] @default([1]) @db.Real
Decimal[] @default([1.5,-2])
Decimal[] @default([1.5]) @db.Decimal(10,2)
DateTime[] @default(["2024-01-01T00:00:00Z"])
DateTime[] @default(["2024-01-01T00:00:00Z"]) @db.Date
DateTime[] @default(["2024-01-01T00:00:00Z"]) @db.Timestamptz(6)
DateTime[] @default(["2024-01-01T00:00:00Z"]) @db.Time(3)
Json[] @default(["{\"a\":1}","[]"])
Json[] @default(["{}"]) @db.Json
Bytes[] @default(["Zm9v"])
Mood[] @default([GLAD,SAD,OTHER])
Mood[] @default([])
String @default("it's \"q\" \\ x")
String @default("")
String @default("line\nbreak\ttab")
String @default("Ünï ☃")
String @default("x") @db.Char(3)
String @default("UUID") @db.Uuid
String @default("101") @db.VarBit(8)
String @default("10.0.0.1") @db.Inet
String @default(uuid())
String @default(dbgenerated("gen_random_uuid()")) @db.Uuid
String @default(dbgenerated("'A-' || lower('X')"))
String @default(dbgenerated("'x'"))
String @default(dbgenerated("concat('a', ')', ',') /* told */"))
Int @default(autoincrement())
Int @default(dbgenerated("1"))
Int @default(-7) @db.SmallInt
BigInt @default(-5)
BigInt @default(9223372036854775807)
Decimal @default(-1.50)
Decimal @default(12.5) @db.Decimal(12,4)
Decimal @default(0.00000001)
Decimal @default(5) @db.Money
Float @default(-1.0)
Float @default(1.1) @db.Real
DateTime @default(now()) @db.Timestamptz(6)
DateTime @default(dbgenerated("(now() + interval '1 day')"))
DateTime @default(dbgenerated("CURRENT_TIMESTAMP"))
DateTime @default("2024-01-01T00:00:00+02:00")
DateTime @default("2024-01-01T00:00:00.123456Z") @db.Timestamptz(6)
DateTime @default("2024-01-01T00:00:00Z") @db.Date
DateTime @default("2024-01-01T00:00:00Z") @db.Time(0)
Json @default("{\"a\": [1, 2]}")
Json @default("[]") @db.Json
Json @default("\"x\"")
Bytes @default("Zm9v")
Mood @default(OTHER)
Unsupported("hstore") @default(dbgenerated("'a=>1'::hstore"))
String @@index([f(ops: raw("text_pattern_ops"))])
String @@index([f(ops: raw("varchar_pattern_ops"), sort: Desc)])
String @@index([f(ops: raw("text_ops"))])
""".replace("UUID", UUID).strip().splitlines()  # fmt: skip
TABLES = {field: f"t{number}_" for number, field in enumerate(FIELDS)}

DIFFERENT = [
    ("BigInt[] @default([1])", "BigInt[] @default([2])", "set default ARRAY[2]::BIGINT[]"),
    ("BigInt[] @default([1])", "BigInt[] @default([1,1])", "set default ARRAY[1, 1]::BIGINT[]"),
    ("Float[] @default([1.5])", "Float[] @default([-1.5])", "set default ARRAY[-1.5]::DOUBLE PRECISION[]"),
    ("String @default(dbgenerated(\"'x'\"))", "String @default(dbgenerated(\"'X'\"))", "set default 'X'"),
    ('String @default("a")', 'String @default("It\'s A, \\"B\\"")', "set default 'It''s A, \"B\"'"),
    ("Mood @default(GLAD)", "Mood @default(OTHER)", "set default 'Other One'"),
    ("Int @default(1)", "Int", "drop default"),
    ("Int", "Int @default(1)", "set default 1"),
    ("BigInt[]", "BigInt[] @default([1])", "set default ARRAY[1]::BIGINT[]"),
    ("Int[] @default([1])", "BigInt[] @default([1])", "from integer[] to bigint[]"),
]


def models(fields: list[str], tables: list[str]) -> str:
    """A model for each field; an index of the model stands behind a field's type."""
    made = []
    for field, table in zip(fields, tables, strict=True):
        own, _, index = field.partition(" @@")
        made.append(f"model {table} {{\n id Int @id\n f {own}\n {'@@' * bool(index)}{index}\n}}\n")
    return HEADER + "".join(made)


@dataclass(frozen=True)
class Pushed:
    database: Database
    again: PushPlan


@pytest.fixture(scope="module")
def pushed(
    stack: LocalStack, administrator: psycopg.Connection, engine_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pushed]:
    application = stack.credentials()
    assert application is not None
    assert application.database_url is not None
    database = Database(replace(application.database_url, database=f"test_{secrets.token_hex(6)}"))
    name, owner = sql.Identifier(database.url.database), sql.Identifier(database.url.user)
    administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    schema = tmp_path_factory.mktemp("schema") / "schema.prisma"
    schema.write_text(models(FIELDS, list(TABLES.values())))

    async def twice() -> PushPlan:
        engine = PrismaEngine(engine_folder, find_node())
        await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
        return await engine.plan_push(database.url, schema)

    yield Pushed(database, run_aside(twice()))
    administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_was_pushed_is_not_pushed_again(pushed: Pushed, field: str) -> None:
    assert [one for one in pushed.again.statements if f'"{TABLES[field]}' in one] == []


def test_nothing_else_is_left_to_do_either(pushed: Pushed) -> None:
    assert pushed.again.in_sync
    assert pushed.again.lines == ()


async def test_what_differs_is_still_pushed_and_told_as_it_is_written(
    engine: PrismaEngine, database: Database, tmp_path: Path
) -> None:
    schema, tables = tmp_path / "schema.prisma", [f"t{number}_" for number in range(len(DIFFERENT))]
    schema.write_text(models([before for before, _, _ in DIFFERENT], tables))
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    schema.write_text(models([after for _, after, _ in DIFFERENT], tables))
    plan = await engine.plan_push(database.url, schema)
    for table, (_, after, words) in zip(tables, DIFFERENT, strict=True):
        assert any(f"{table}.f" in line and line.endswith(words) for line in plan.lines), (after, plan.lines)
    await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names))
    assert (await engine.plan_push(database.url, schema)).in_sync


async def test_only_the_unchanged_part_of_a_statement_is_left_out(
    engine: PrismaEngine, database: Database, write_schema: Callable[[str], Path]
) -> None:
    schema = write_schema("model a {\n id Int @id\n f BigInt[] @default([1])\n}")
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    schema = write_schema("model a {\n id Int @id\n f BigInt[] @default([1])\n g BigInt[] @default([1])\n}")
    plan = await engine.plan_push(database.url, schema)
    assert plan.lines == ("+ add column a.g",)
    await engine.push(database.url, schema, plan)
    assert (await engine.plan_push(database.url, schema)).in_sync


async def test_a_default_is_read_by_the_server_and_never_run(
    engine: PrismaEngine, database: Database, write_schema: Callable[[str], Path]
) -> None:
    """`dbgenerated` takes any text: what a plan asks the server of it must not write."""
    database.run("CREATE TABLE a (id int PRIMARY KEY, f text NOT NULL DEFAULT 'x')", "CREATE SEQUENCE used")
    for text in ("'x'); DROP TABLE a; SELECT ('x'", "nextval('used')::text", "'x'::text); COMMIT; DROP TABLE a; --"):
        schema = write_schema(f'model a {{\n id Int @id\n f String @default(dbgenerated("{text}"))\n}}')
        plan = await engine.plan_push(database.url, schema)
        assert not plan.in_sync
    assert database.tables == ["a"]
    assert database.rows("SELECT is_called FROM used") == [(False,)]
