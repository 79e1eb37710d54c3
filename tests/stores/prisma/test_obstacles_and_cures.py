"""What a push cannot do is told with its cure before anything runs, and the cure works."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pushed_database import Database

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.obstacles import in_words

WriteSchema = Callable[[str], Path]

THERE = (
    "CREATE TABLE {0} (id int PRIMARY KEY, s text, req int NOT NULL, t text NOT NULL)",
    "INSERT INTO {0} VALUES (1, NULL, 1, 'x'), (2, 'y', 2, 'y')",
)
FIELDS = {"id": "Int @id", "s": "String?", "req": "Int", "t": "String"}


@dataclass(frozen=True)
class Obstacle:
    """Fields that the rows do not allow, the words for it, and the cure: SQL to run, or fields in their place."""

    fields: dict[str, str]
    words: str
    cure: str
    sql: str = ""
    instead: dict[str, str] | None = None


OBSTACLES = {
    "a required column without a default": Obstacle(
        {"x": "String"}, "is required and has no default, so the 2 rows", "Add a @default",
        instead={"x": 'String @default("")'},
    ),
    "a required column that is made optional": Obstacle(
        {"x": "String"}, "is required and has no default", "make the field optional", instead={"x": "String?"}
    ),
    "a default of the client": Obstacle(
        {"x": "String @default(uuid())"}, "only Prisma's client makes its default", "Make the field optional",
        instead={"x": "String?"},
    ),
    "a time of the client": Obstacle(
        {"x": "DateTime @updatedAt"}, "is required and has no default", "Add a @default",
        instead={"x": "DateTime @default(now()) @updatedAt"},
    ),
    "a column that becomes required": Obstacle(
        {"s": "String"}, "becomes required, and it is NULL in 1 row", 'UPDATE … WHERE "s" IS NULL',
        sql="""UPDATE {0} SET s = '' WHERE "s" IS NULL""",
    ),
    "a type without a cast": Obstacle(
        {"t": "Int"}, "gets a type that its values cannot be cast to", "Add a field of the new type",
        instead={"t": "String", "t2": "Int?"},
    ),
}  # fmt: skip


def model(table: str, fields: dict[str, str]) -> str:
    listed = "".join(f" {name} {kind}\n" for name, kind in {**FIELDS, **fields}.items())
    return f"model {table} {{\n{listed}}}\n"


async def test_the_rows_stand_in_the_way_and_the_cures_let_it_through(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    """A table for each obstacle."""
    tables = {f"table{number}": one for number, one in enumerate(OBSTACLES.values())}
    database.run(*(statement.format(table) for table in tables for statement in THERE))
    schema = write_schema("".join(model(table, one.fields) for table, one in tables.items()))
    plan = await engine.plan_push(database.url, schema)
    assert len(plan.blocked) == len(tables)
    for table, one in tables.items():
        (told,) = (line for line in plan.blocked if f"`{table}`" in line)
        assert one.words in told
        assert one.cure in told
    assert "not possible" not in " ".join(plan.lines)
    with pytest.raises(PrismaFailure) as failed:
        await engine.push(database.url, schema, plan)
    assert failed.value.code is FailureCode.BLOCKED
    database.run(*(one.sql.format(table) for table, one in tables.items() if one.sql))
    schema = write_schema("".join(model(table, one.instead or one.fields) for table, one in tables.items()))
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    assert (await engine.plan_push(database.url, schema)).in_sync


def test_a_reason_that_is_not_known_stays_as_the_engine_gives_it() -> None:
    assert in_words("Something `else` of a later engine.") == "Something `else` of a later engine."


# ── extensions ──

CITEXT = "model a {\n id Int @id\n f String @db.Citext\n}\n"
TRIGRAMS = 'model b {\n id Int @id\n f String\n @@index([f(ops: raw("gin_trgm_ops"))], type: Gin)\n}'
DISTANCE = "model c {\n id Int @id\n f Int @default(dbgenerated(\"levenshtein('a', 'b')\"))\n}"


MOVABLE = {"citext": CITEXT, "pg_trgm": TRIGRAMS, "fuzzystrmatch": DISTANCE}


@pytest.mark.parametrize(("where", "superuser"), [("other", True), ("Other Place", False)])
async def test_an_extension_in_another_schema_is_named_with_the_way_to_move_it(
    engine: PrismaEngine,
    database: Database,
    superuser_url: PostgresUrl,
    write_schema: WriteSchema,
    where: str,
    superuser: bool,
) -> None:
    database.run(f'CREATE SCHEMA "{where}"', *(f'CREATE EXTENSION {one} SCHEMA "{where}"' for one in MOVABLE))
    schema = write_schema("\n".join(MOVABLE.values()))
    plan = await engine.plan_push(database.url, schema)
    assert len(plan.blocked) == len(MOVABLE)
    for extension in MOVABLE:
        words = f"the extension {extension}, which is installed in the schema {where}"
        (told,) = (line for line in plan.blocked if words in line)
        move, again = re.findall(r"ALTER EXTENSION [^;]+;|DROP EXTENSION .+;", told)
        if superuser:
            Database(replace(superuser_url, database=database.url.database)).run(move)
        else:
            database.run(again)
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    assert (await engine.plan_push(database.url, schema)).in_sync


async def test_an_extension_elsewhere_that_nothing_needs_is_no_obstacle(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run("CREATE SCHEMA other", "CREATE EXTENSION citext SCHEMA other")
    plan = await engine.plan_push(
        database.url, write_schema('model citext {\n id Int @id\n f String @default("citext")\n}')
    )
    assert plan.blocked == ()


async def test_an_extension_that_may_not_be_created_is_created_once_by_one_who_may(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema, superuser_url: PostgresUrl
) -> None:
    schema = write_schema("model a {\n id Int @id\n}")
    text = schema.read_text().replace("url ", "extensions = [pageinspect]\n  url ")
    text = text.replace("recursive_type_depth", 'previewFeatures = ["postgresqlExtensions"]\n  recursive_type_depth')
    schema.write_text(text)
    plan = await engine.plan_push(database.url, schema)
    with pytest.raises(PrismaFailure, match="permission denied to create extension") as failed:
        await engine.push(database.url, schema, plan)
    assert 'CREATE EXTENSION "pageinspect";' in failed.value.hint
    assert "grant USAGE" not in failed.value.hint
    Database(replace(superuser_url, database=database.url.database)).run('CREATE EXTENSION "pageinspect"')
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    assert (await engine.plan_push(database.url, schema)).in_sync


NOT_THERE = {
    "citext": CITEXT,
    "pg_trgm": TRIGRAMS,
    "hstore": 'model a {\n id Int @id\n f Unsupported("hstore")?\n}',
    "vector": 'model a {\n id Int @id\n f Unsupported("vector(3)")?\n}',
    "uuid-ossp": 'model a {\n id Int @id\n f String @default(dbgenerated("uuid_generate_v4()")) @db.Uuid\n}',
}


async def test_a_type_whose_extension_is_not_there_says_which_one_to_create(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    for extension, models in NOT_THERE.items():
        schema = write_schema(models)
        with pytest.raises(PrismaFailure, match="does not exist") as failed:
            await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
        assert f'CREATE EXTENSION "{extension}";' in failed.value.hint, extension


def test_an_extension_that_the_server_does_not_have_is_told_so() -> None:
    said = 'extension "postgis" is not available'
    failure = PrismaFailure(FailureCode.POSTGRES, said)
    assert failure.hint.startswith("This server does not have postgis")
