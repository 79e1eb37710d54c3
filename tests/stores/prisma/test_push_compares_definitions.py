"""An index or a constraint is the same where its definition is: whatever a push would make weaker needs its name.

Every situation has a table of its own, so that one plan tells of them all, and one push does them all.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from engine_fixture import run_aside
from psycopg import sql
from pushed_database import Database

from soundcheck.stores.errors import Refused
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.prisma.statements import Effect

HEADER = """
generator client {
  provider = "prisma-client-py"
  recursive_type_depth = 5
}
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""
INDEX, UNIQUE, FOREIGN_KEY = "@@index([a])", "@@unique([a])", "r led? @relation(fields: [b], references: [id])"


@dataclass(frozen=True)
class Situation:
    """What the schema asks for beside the plain columns, what stands there, and what is lost: name and words.

    `T` stands for the table, which is called after the place in the list.
    """

    wanted: str
    there: str
    lost: dict[str, str]


def index(wanted: str, there: str, words: str, name: str = "T_a_idx") -> Situation:
    return Situation(wanted, there, {f"index:{name}": words})


def constraint(wanted: str, there: str, words: str, name: str = "T_a_idx") -> Situation:
    return Situation(wanted, there, {f"constraint:{name}": words})


PK_AGAIN = "ALTER TABLE T DROP CONSTRAINT T_pkey, ADD CONSTRAINT T_pkey"
FK = "ALTER TABLE T ADD CONSTRAINT T_b_fkey"
SITUATIONS = {
    "unique": index(INDEX, "CREATE UNIQUE INDEX T_a_idx ON T (a)", "loses uniqueness"),
    "NULLS NOT DISTINCT": index(
        UNIQUE, "CREATE UNIQUE INDEX T_a_key ON T (a) INCLUDE (b) NULLS NOT DISTINCT",
        "loses NULLS NOT DISTINCT, the included columns (b)", "T_a_key",
    ),
    "included columns": index(
        INDEX, "CREATE INDEX T_a_idx ON T (a) INCLUDE (b, c)", "loses the included columns (b, c)"
    ),
    "condition": index(INDEX, "CREATE INDEX T_a_idx ON T (a) WHERE b > 3", "loses its condition WHERE (b > 3)"),
    "condition of a unique one": index(
        UNIQUE, "CREATE UNIQUE INDEX T_a_key ON T (a) WHERE b > 3", "loses its condition WHERE (b > 3)", "T_a_key"
    ),
    "uniqueness on a condition": index(
        INDEX, "CREATE UNIQUE INDEX T_a_idx ON T (a) WHERE c IS NULL",
        "loses uniqueness, its condition WHERE (c IS NULL)",
    ),
    "expression": index(INDEX, "CREATE INDEX T_a_idx ON T (lower(a))", "loses the key columns (lower(a))"),
    "unique expression": index(
        UNIQUE, "CREATE UNIQUE INDEX T_a_key ON T (lower(a))", "loses the key columns (lower(a))", "T_a_key"
    ),
    "method": index(INDEX, "CREATE INDEX T_a_idx ON T USING hash (a)", "loses the method hash"),
    "order": index(INDEX, "CREATE INDEX T_a_idx ON T (a DESC)", "loses the order (a DESC)"),
    "order of NULLs": index(
        INDEX, "CREATE INDEX T_a_idx ON T (a DESC NULLS LAST)", "loses the order (a DESC NULLS LAST)"
    ),
    "operator class": index(
        INDEX, "CREATE INDEX T_a_idx ON T (a text_pattern_ops DESC)",
        "loses the order (a DESC), the operator classes (text_pattern_ops)",
    ),
    "operator class of another method": index(
        "@@index([j], type: Gin)", "CREATE INDEX T_j_idx ON T USING gin (j jsonb_path_ops)",
        "loses the operator classes (jsonb_path_ops)", "T_j_idx",
    ),
    "collation": index(
        INDEX, 'CREATE INDEX T_a_idx ON T (a COLLATE "C" DESC)', "loses the order (a DESC), the collations (C)"
    ),
    "more key columns": index(INDEX, "CREATE INDEX T_a_idx ON T (a, b)", "loses the key columns (a, b)"),
    "fewer columns to be unique": index(
        "@@unique([a, b])", "CREATE UNIQUE INDEX T_a_b_key ON T (a)", "loses the key columns (a)", "T_a_b_key"
    ),
    "columns in another order": index(
        "@@index([a, b])", "CREATE INDEX T_a_b_idx ON T (b, a)", "loses the key columns (b, a)", "T_a_b_idx"
    ),
    "storage options": index(
        INDEX, "CREATE INDEX T_a_idx ON T (a DESC) WITH (fillfactor = 50)",
        "loses the order (a DESC), its storage options (fillfactor=50)",
    ),
    "replica identity": Situation(
        INDEX,
        "ALTER TABLE T ALTER a SET NOT NULL; CREATE UNIQUE INDEX T_a_idx ON T (a); "
        "ALTER TABLE T REPLICA IDENTITY USING INDEX T_a_idx",
        {
            "index:T_a_idx": "loses uniqueness, its part as the table's replica identity",
            "not-null:T.a": "drop not null",
        },
    ),
    "index of another table": index(INDEX, "CREATE INDEX T_a_idx ON led (id)", "loses the index on led (id)"),
    "index of a table outside the schema": index(
        INDEX, "CREATE TABLE T_outside (x int); CREATE UNIQUE INDEX T_a_idx ON T_outside (x)",
        "loses the unique index on T_outside (x)",
    ),
    "unique constraint": constraint(INDEX, "ALTER TABLE T ADD CONSTRAINT T_a_idx UNIQUE (a)", "loses uniqueness"),
    "deferrable unique constraint": constraint(
        "@@unique([a, b])", "ALTER TABLE T ADD CONSTRAINT T_a_b_key UNIQUE (a) DEFERRABLE",
        "loses the constraint, of which only an index remains, DEFERRABLE, the key columns (a)", "T_a_b_key",
    ),
    "unique constraint that the schema does not name": constraint(
        "", "ALTER TABLE T ADD CONSTRAINT T_hand UNIQUE (a)", "drop constraint T_hand of T", "T_hand"
    ),
    "exclusion constraint": constraint(
        INDEX, "ALTER TABLE T ADD CONSTRAINT T_a_idx EXCLUDE USING hash (a WITH =)",
        "loses the exclusion constraint on T (a)",
    ),
    "primary key of more columns": Situation(
        "", f"{PK_AGAIN} PRIMARY KEY (id, a)",
        {"constraint:T_pkey": "loses the key columns (id, a)", "not-null:T.a": "drop not null"},
    ),
    "primary key that includes": constraint(
        "", f"{PK_AGAIN} PRIMARY KEY (id) INCLUDE (b)", "loses the included columns (b)", "T_pkey"
    ),
    "foreign key that deletes": constraint(
        FOREIGN_KEY, f"{FK} FOREIGN KEY (b) REFERENCES led ON DELETE CASCADE ON UPDATE CASCADE",
        "loses ON DELETE CASCADE", "T_b_fkey",
    ),
    "foreign key that restricts": constraint(
        FOREIGN_KEY, f"{FK} FOREIGN KEY (b) REFERENCES led ON DELETE RESTRICT DEFERRABLE",
        "loses ON DELETE RESTRICT, ON UPDATE NO ACTION, DEFERRABLE", "T_b_fkey",
    ),
    "foreign key of another column": constraint(
        FOREIGN_KEY, f"{FK} FOREIGN KEY (c) REFERENCES led", "loses FOREIGN KEY (c) REFERENCES led(id)", "T_b_fkey"
    ),
    "check": constraint(FOREIGN_KEY, f"{FK} CHECK (b > 0)", "loses CHECK ((b > 0))", "T_b_fkey"),
    "what rests on a column": Situation(
        "",
        "ALTER TABLE T ADD gone int; CREATE UNIQUE INDEX T_one ON T (a, gone);"
        "CREATE INDEX T_two ON T (a) WHERE gone > 1; CREATE INDEX T_three ON T ((gone + 1));"
        "ALTER TABLE T ADD CONSTRAINT T_four CHECK (gone > b)",
        {
            "T.gone": "drop column", "index:T_one": "drop index", "index:T_two": "drop index",
            "index:T_three": "drop index", "constraint:T_four": "drop constraint",
        },
    ),
    "primary key under a taken name": index(
        "", "DROP TABLE T; CREATE TABLE T_outside (x int); CREATE INDEX T_pkey ON T_outside (x)",
        "loses the index on T_outside (x)", "T_pkey",
    ),
    "nothing: a plain one becomes unique": Situation(UNIQUE, "CREATE INDEX T_a_key ON T (a)", {}),
    "nothing: a unique constraint becomes the primary key": Situation("", f"{PK_AGAIN} UNIQUE (id)", {}),
    "nothing: it is renamed": Situation(UNIQUE, "CREATE UNIQUE INDEX T_hand ON T (a) NULLS NOT DISTINCT", {}),
    "nothing: a column is made anew with its index": Situation(
        "@@unique([a, b])",
        "ALTER TABLE T DROP b, ADD b int[]; CREATE UNIQUE INDEX T_a_b_key ON T (a, b)",
        {"T.b": "drop column"},
    ),
}  # fmt: skip
TABLES = {name: f"t{number}" for number, name in enumerate(SITUATIONS)}


def told(text: str, name: str) -> str:
    """`T` as the table's name, in SQL and in the names of losses alike."""
    return re.sub(r"\bT(?=[_. ;)]|$)", TABLES[name], text)


def schema_text() -> str:
    """One model for each situation, and the one that foreign keys lead to."""
    models, back = [], []
    for name, one in SITUATIONS.items():
        table, wanted = TABLES[name], one.wanted
        back += [f"{table}s {table}[]"] * ("led?" in wanted)
        models.append(f"model {table} {{\n id Int @id\n a String?\n b Int?\n c Int?\n j Json?\n {wanted}\n}}")
    return "\n".join([HEADER, *models, "model led {\n id Int @id\n " + "\n ".join(back) + "\n}"])


@dataclass(frozen=True)
class Planned:
    database: Database
    schema: Path
    plan: PushPlan


@pytest.fixture(scope="module")
def planned(
    stack: LocalStack, administrator: psycopg.Connection, engine_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planned]:
    application = stack.credentials()
    assert application is not None
    assert application.database_url is not None
    database = Database(replace(application.database_url, database=f"test_{secrets.token_hex(6)}"))
    name, owner = sql.Identifier(database.url.database), sql.Identifier(database.url.user)
    administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    database.run("CREATE TABLE led (id int PRIMARY KEY)")
    for situation, one in SITUATIONS.items():
        table = TABLES[situation]
        database.run(
            f"CREATE TABLE {table} (id int CONSTRAINT {table}_pkey PRIMARY KEY, a text, b int, c int, j jsonb)",
            *told(one.there, situation).split(";"),
        )
    schema = tmp_path_factory.mktemp("schema") / "schema.prisma"
    schema.write_text(schema_text())
    plan = run_aside(PrismaEngine(engine_folder, find_node()).plan_push(database.url, schema))
    yield Planned(database, schema, plan)
    administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_weaker_or_gone_is_named(planned: Planned, situation: str) -> None:
    table = TABLES[situation]
    mine = {
        loss.name: loss.text
        for loss in planned.plan.losses
        if loss.name.rpartition(":")[2].startswith((f"{table}_", f"{table}."))
    }
    expected = {told(name, situation): told(words, situation) for name, words in SITUATIONS[situation].lost.items()}
    assert mine.keys() == expected.keys()
    for name, words in expected.items():
        assert words in mine[name]
        assert mine[name].endswith(words) or words.startswith("drop")


async def test_every_name_is_needed_and_with_all_of_them_the_push_goes_through(
    planned: Planned, engine: PrismaEngine
) -> None:
    database, plan = planned.database, planned.plan
    before = database.rows("SELECT indexdef FROM pg_indexes ORDER BY 1")
    names = frozenset(plan.loss_names)
    assert names == {told(loss, name) for name, one in SITUATIONS.items() for loss in one.lost}
    for name in names:
        with pytest.raises(Refused, match=name):
            await engine.push(database.url, planned.schema, plan, accepted=names - {name})
    assert database.rows("SELECT indexdef FROM pg_indexes ORDER BY 1") == before
    await engine.push(database.url, planned.schema, plan, accepted=names)
    assert (await engine.drift(database.url, planned.schema)).in_sync


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("view", "playlists"),
        ("composite type", "playlists"),
        ("table", "playlists_pkey"),
        ("materialized view", "playlists_pkey"),
        ("sequence", "playlists_isPublic_idx"),
    ],
)
async def test_a_name_that_something_else_than_an_index_has_is_never_made_free(
    engine: PrismaEngine, database: Database, kind: str, name: str
) -> None:
    what = {"table": "(id int)", "composite type": "AS (id int)", "sequence": ""}.get(kind, "AS SELECT 1 AS id")
    database.run(f'CREATE {kind.removeprefix("composite ")} "{name}" {what}')
    plan = await engine.plan_push(database.url, packaged_schema())
    assert not plan.only_adds
    assert f"The name {name} is needed, and a {kind} in the database has it." in plan.blocked


async def test_what_goes_with_a_column_is_not_said_to_be_kept(engine: PrismaEngine, database: Database) -> None:
    await engine.push(database.url, packaged_schema(), await engine.plan_push(database.url, packaged_schema()))
    database.run("ALTER TABLE users ADD gone int", "CREATE UNIQUE INDEX by_hand ON users (name, gone)")
    plan = await engine.plan_push(database.url, packaged_schema(), keep=frozenset({"index:by_hand"}))
    assert "index:by_hand" not in plan.kept
    assert set(plan.loss_names) == {"users.gone", "index:by_hand"}


async def test_the_server_s_own_name_of_the_database_comes_with_the_plan(
    engine: PrismaEngine, database: Database
) -> None:
    plan = await engine.plan_push(database.url, packaged_schema())
    assert plan.database == database.url.database
    assert plan.changes[0].effect is Effect.ADDS
