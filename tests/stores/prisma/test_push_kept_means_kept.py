"""What is kept is there after the push, what goes along is named, and the plan holds until the last moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from pushed_database import Database

from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure

WriteSchema = Callable[[str], Path]

A = 'model a {\n id Int @id(map: "a_pkey")\n b Int?\n}\n'
WAITING = "SELECT FROM pg_stat_activity WHERE application_name = 'soundcheck' AND wait_event_type = 'Lock'"


async def test_what_goes_with_a_column_is_named_though_no_statement_tells_of_it(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run(
        "CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int, gone serial)",
        "CREATE UNIQUE INDEX once ON a (b) WHERE gone > 1",
        "ALTER TABLE a ADD CONSTRAINT sane CHECK (b < gone), ADD CONSTRAINT apart EXCLUDE USING btree (gone WITH =)",
        "CREATE STATISTICS paired ON b, gone FROM a",
        "CREATE TABLE heir () INHERITS (a)",
    )
    schema = write_schema(A)
    plan = await engine.plan_push(database.url, schema)
    names = {
        "a.gone", "heir.gone", "index:once", "constraint:a.sane", "constraint:heir.sane", "constraint:apart",
        "sequence:a_gone_seq", "statistics:paired",
    }  # fmt: skip
    assert set(plan.loss_names) == names
    for name in names:
        with pytest.raises(Refused, match=name):
            await engine.push(database.url, schema, plan, accepted=frozenset(names) - {name})
    await engine.push(database.url, schema, plan, accepted=frozenset(names))
    assert database.indexes == ["a_pkey"]


async def test_a_constraint_that_goes_with_its_table_is_not_said_to_be_kept(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run(
        "CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int)",
        "CREATE TABLE old (id int PRIMARY KEY, a int, CONSTRAINT led FOREIGN KEY (a) REFERENCES a)",
    )
    drop, keep = frozenset({"old"}), frozenset({"constraint:led"})
    plan = await engine.plan_push(database.url, write_schema(A), drop=drop, keep=keep)
    assert "constraint:led" not in plan.kept
    assert set(plan.loss_names) == {"old", "constraint:led"}
    assert [loss.parts for loss in plan.losses if loss.name == "old"] == [("constraint:old_pkey",)]
    assert any("drop table old, with constraint:old_pkey" in line for line in plan.lines)


async def test_a_constraint_that_would_hold_up_the_push_is_not_said_to_be_kept(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run(
        "CREATE TABLE old (id int PRIMARY KEY)",
        "CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int CONSTRAINT led REFERENCES old)",
    )
    drop, keep = frozenset({"old"}), frozenset({"constraint:led"})
    schema = write_schema(A)
    plan = await engine.plan_push(database.url, schema, drop=drop, keep=keep)
    assert set(plan.loss_names) == {"old", "constraint:led"}
    await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names))
    assert database.tables == ["a"]


async def test_every_one_of_those_that_are_kept_is_still_there(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run(
        "CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int, c int)",
        "CREATE INDEX by_b ON a (b DESC)",
        "CREATE INDEX by_c ON a (c)",
        "ALTER TABLE a ADD CONSTRAINT pair UNIQUE (id, b)",
    )
    schema = write_schema(A)
    plan = await engine.plan_push(database.url, schema)
    keep = frozenset(loss.name for loss in plan.losses if loss.can_keep)
    assert keep == {"index:by_b", "constraint:pair"}
    plan = await engine.plan_push(database.url, schema, keep=keep)
    assert set(plan.kept) == keep
    assert plan.loss_names == ("index:by_c", "a.c") or plan.loss_names == ("a.c", "index:by_c")
    await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names))
    assert database.indexes == ["a_pkey", "by_b", "pair"]


async def test_a_default_and_a_not_null_are_losses_and_a_default_for_another_is_a_change(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run("CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int NOT NULL DEFAULT 7, c int DEFAULT 1)")
    plan = await engine.plan_push(database.url, write_schema(A.replace("}", " c Int? @default(2)\n}")))
    assert set(plan.loss_names) == {"default:a.b", "not-null:a.b"}
    assert "~ alter column a.c instead of 1: set default 2" in plan.lines
    assert "- alter column a.b, which loses its default 7: drop default" in plan.lines
    assert plan.words_for("not-null:a.b") == "alter column a.b: drop not null"


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ("CREATE VIEW seen AS SELECT c FROM a", "column c of table a cannot be dropped: view seen"),
        ("CREATE POLICY own ON a USING (c > 1)", "column c of table a cannot be dropped: policy own on table a"),
        ("CREATE VIEW seen AS SELECT b FROM a", "type of column b of table a cannot be changed: view seen"),
    ],
)  # fmt: skip
async def test_what_would_have_to_go_first_is_said_before_the_push(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema, there: str, reason: str
) -> None:
    database.run("CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b smallint, c int)", there)
    schema = write_schema(A)
    plan = await engine.plan_push(database.url, schema)
    assert plan.blocked == (f"The {reason} would have to go first.",)
    with pytest.raises(PrismaFailure) as failed:
        await engine.push(database.url, schema, plan, accepted=frozenset(plan.loss_names))
    assert failed.value.code is FailureCode.BLOCKED


async def test_what_came_onto_a_column_after_the_plan_is_asked_for(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run("CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int, c int)")
    schema = write_schema(A)
    plan = await engine.plan_push(database.url, schema)
    database.run("CREATE INDEX late ON a (b) WHERE c > 1")
    with pytest.raises(Refused, match="index:late"):
        await engine.push(database.url, schema, plan, accepted=frozenset({"a.c"}))
    assert "late" in database.indexes


async def test_what_comes_onto_a_column_during_the_push_is_asked_for(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    """An open transaction has made an index already, and nobody else sees it yet."""
    database.run("CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY, b int, c int)")
    schema = write_schema(A)
    plan = await engine.plan_push(database.url, schema)
    with psycopg.connect(**libpq_settings(database.url)) as other:
        other.execute("CREATE INDEX late ON a (b) WHERE c > 1")
        push = asyncio.create_task(engine.push(database.url, schema, plan, accepted=frozenset({"a.c"})))
        while not push.done() and not database.rows(WAITING):
            await asyncio.sleep(0.05)
        other.commit()
    with pytest.raises(Refused, match="index:late"):
        await push
    assert "late" in database.indexes
