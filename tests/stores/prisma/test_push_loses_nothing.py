"""What a push leaves alone, what it names as a loss, and what it does once the names are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pushed_database import Database

from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.statements import LossKind

WriteSchema = Callable[[str], Path]

ANOTHER_APP = (
    "CREATE TYPE mood AS ENUM ('happy', 'sad')",
    "CREATE TABLE orders (id int PRIMARY KEY, mood mood)",
    'CREATE TABLE "Order Items" (id int PRIMARY KEY, "order" int REFERENCES orders (id))',
    "CREATE INDEX orders_by_hand ON orders (mood, id)",
)


async def test_another_app_s_empty_tables_enum_and_index_are_all_still_there(
    engine: PrismaEngine, database: Database, schema: Path
) -> None:
    database.run(*ANOTHER_APP)
    plan = await engine.plan_push(database.url, schema)
    assert plan.only_adds
    assert plan.losses == ()
    assert set(plan.kept) == {"orders", "Order Items", "enum:mood"}
    assert plan.extra_tables == ("Order Items", "orders")
    await engine.push(database.url, schema, plan)
    assert {"orders", "Order Items", "users"} <= set(database.tables)
    assert database.enums == ["mood"]
    assert "orders_by_hand" in database.indexes
    assert (await engine.drift(database.url, schema)).in_sync


async def test_a_hand_made_index_on_our_own_table_is_a_loss_that_needs_its_name(
    engine: PrismaEngine, database: Database, schema: Path
) -> None:
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    database.run('CREATE INDEX by_hand ON users (name, "createdAt")')
    plan = await engine.plan_push(database.url, schema)
    assert plan.loss_names == ("index:by_hand",)
    assert not plan.only_adds
    with pytest.raises(Refused, match="index:by_hand") as refused:
        await engine.push(database.url, schema, plan)
    assert "--accept-data-loss index:by_hand" in refused.value.hint
    assert "by_hand" in database.indexes
    await engine.push(database.url, schema, plan, accepted=frozenset({"index:by_hand"}))
    assert "by_hand" not in database.indexes


async def test_an_index_that_is_to_be_kept_stays_and_the_rest_is_pushed(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run("CREATE TABLE a (id int PRIMARY KEY)", "CREATE INDEX by_hand ON a (id DESC)")
    schema = write_schema("model a { \n id Int @id \n name String? \n }")
    plan = await engine.plan_push(database.url, schema, keep=frozenset({"index:by_hand"}))
    assert plan.losses == ()
    assert plan.kept == ("index:by_hand",)
    assert plan.only_adds
    await engine.push(database.url, schema, plan)
    assert "by_hand" in database.indexes
    assert database.names("SELECT column_name FROM information_schema.columns WHERE table_name = 'a'") == ["id", "name"]


BEFORE = (
    "CREATE TYPE \"Mood\" AS ENUM ('HAPPY', 'SAD')",
    'CREATE TABLE a (id int PRIMARY KEY, gone int, "longName" varchar(50), age bigint, mood "Mood")',
    """ALTER TABLE a ALTER COLUMN mood SET DEFAULT 'HAPPY'""",
    "CREATE TABLE b (id int PRIMARY KEY, a int, CONSTRAINT b_by_hand FOREIGN KEY (a) REFERENCES a (id))",
)
AFTER = """
enum Mood {
  HAPPY
  MEH
}
model a {
  id Int @id
  longName String? @db.VarChar(20)
  age Int?
  mood Mood? @default(HAPPY)
}
model b {
  id Int @id
  a Int?
}
"""


async def test_every_loss_is_named_and_each_name_is_needed(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run(*BEFORE)
    schema = write_schema(AFTER)
    plan = await engine.plan_push(database.url, schema)
    assert {(loss.kind, loss.name) for loss in plan.losses} == {
        (LossKind.COLUMN, "a.gone"),
        (LossKind.COLUMN_TYPE, "a.longName"),
        (LossKind.COLUMN_TYPE, "a.age"),
        (LossKind.ENUM_VALUE, "enum:Mood.SAD"),
        (LossKind.CONSTRAINT, "constraint:b_by_hand"),
    }
    for name in plan.loss_names:
        with pytest.raises(Refused, match=name.replace(".", r"\.")):
            await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names) - {name})
    await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names))
    assert (await engine.drift(database.url, schema)).in_sync
    assert database.names('SELECT unnest(enum_range(NULL::"Mood"))') == ["HAPPY", "MEH"]


async def test_a_table_outside_the_schema_goes_only_when_it_is_named_twice(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run(*ANOTHER_APP)
    schema = write_schema("model a { \n id Int @id \n }")
    named = frozenset({"orders", "Order Items", "enum:mood"})
    plan = await engine.plan_push(database.url, schema, drop=named)
    assert {loss.name for loss in plan.losses if loss.kind in {LossKind.TABLE, LossKind.ENUM}} == named
    with pytest.raises(Refused):
        await engine.push(database.url, schema, plan)
    assert {"orders", "Order Items"} <= set(database.tables)
    await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names))
    assert database.tables == ["a"]
    assert database.enums == []


async def test_a_loss_that_came_up_after_the_plan_is_refused(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    schema = write_schema("model a { \n id Int @id \n }\nmodel b { \n id Int @id \n }")
    plan = await engine.plan_push(database.url, schema)
    database.run("CREATE TABLE a (id int PRIMARY KEY, precious text)")
    with pytest.raises(Refused, match=r"a\.precious"):
        await engine.push(database.url, schema, plan)
    assert database.tables == ["a"]


async def test_a_harmless_change_after_the_plan_is_taken_into_account(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    schema = write_schema("model a { \n id Int @id \n }\nmodel b { \n id Int @id \n }")
    plan = await engine.plan_push(database.url, schema)
    database.run("CREATE TABLE a (id int, CONSTRAINT a_pkey PRIMARY KEY (id))", "CREATE TABLE other (id int)")
    result = await engine.push(database.url, schema, plan)
    assert result.created_tables == ("b",)
    assert database.tables == ["a", "b", "other"]


async def test_a_new_enum_value_can_be_a_default_at_once(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    first = write_schema("enum E { \n A \n }\nmodel a { \n id Int @id \n e E @default(A) \n }")
    await engine.push(database.url, first, await engine.plan_push(database.url, first))
    second = write_schema("enum E { \n A \n B \n }\nmodel a { \n id Int @id \n e E @default(B) \n f Int? \n }")
    plan = await engine.plan_push(database.url, second)
    assert plan.losses == ()
    await engine.push(database.url, second, plan)
    assert (await engine.drift(database.url, second)).in_sync


async def test_a_table_that_belongs_to_another_role_is_a_matter_of_rights(
    engine: PrismaEngine, database: Database, superuser_url: PostgresUrl, write_schema: WriteSchema
) -> None:
    Database(replace(superuser_url, database=database.url.database)).run("CREATE TABLE a (id int PRIMARY KEY)")
    schema = write_schema("model a { \n id Int @id \n name String? \n }")
    with pytest.raises(PrismaFailure, match="The role may not do that") as failed:
        await engine.plan_push(database.url, schema)
    assert failed.value.code is FailureCode.PERMISSION_DENIED
    assert "owns the database" in failed.value.hint
