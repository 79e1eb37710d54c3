"""A push: to an empty database, to one in sync, to one that changed, and several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from private_server import PrivateServer
from pushed_database import Database

from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.schema_text import expected_tables

ELEVEN = [
    "chat_messages",
    "libraries",
    "lyrics",
    "playlists",
    "recent_searches",
    "recently_played",
    "recommendations",
    "session_participants",
    "sessions",
    "user_settings",
    "users",
]

WriteSchema = Callable[[str], Path]


async def test_an_empty_database_gets_exactly_eleven_tables_and_is_then_left_alone(
    engine: PrismaEngine, database: Database, schema: Path
) -> None:
    plan = await engine.plan_push(database.url, schema)
    assert sorted(plan.created_tables) == list(plan.missing_tables) == ELEVEN
    assert plan.only_adds
    assert not plan.losses
    assert database.tables == []  # a plan writes nothing
    lines: list[str] = []
    result = await engine.push(database.url, schema, plan, report=lines.append)
    assert database.tables == ELEVEN == list(expected_tables(schema))
    assert len(lines) == result.executed == len(plan.statements)
    assert sorted(result.created_tables) == ELEVEN
    again = await engine.plan_push(database.url, schema)
    assert again.in_sync
    assert (await engine.push(database.url, schema, again)).executed == 0
    # A plain timestamp would shift between writers whose sessions differ in their time zone.
    times = "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'public' AND %s"
    assert database.names(times % "column_name IN ('createdAt', 'updatedAt', 'playedAt')") == [
        "timestamp with time zone"
    ]


async def test_postgres_15_gets_them_as_well(engine: PrismaEngine, postgres_15: PrivateServer, schema: Path) -> None:
    database = Database(postgres_15.url())
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    assert database.tables == ELEVEN
    assert (await engine.drift(database.url, schema)).in_sync
    version, encrypted = await engine.server_version(database.url)
    assert version.startswith("15.")
    assert not encrypted


async def test_an_empty_database_is_drift(engine: PrismaEngine, database: Database, schema: Path) -> None:
    drift = await engine.drift(database.url, schema)
    assert not drift.in_sync
    assert list(drift.missing_tables) == ELEVEN
    assert "+ create table users" in drift.lines


async def test_three_first_pushes_at_once_all_succeed(engine: PrismaEngine, database: Database, schema: Path) -> None:
    plan = await engine.plan_push(database.url, schema)
    results = await asyncio.gather(*(engine.push(database.url, schema, plan) for _ in range(3)))
    assert database.tables == ELEVEN
    assert sorted(result.executed for result in results) == [0, 0, len(plan.statements)]


async def test_a_push_waits_for_another_and_says_so_when_it_takes_too_long(
    engine: PrismaEngine, database: Database, schema: Path
) -> None:
    plan = await engine.plan_push(database.url, schema)
    with psycopg.connect(**libpq_settings(database.url)) as other:
        other.execute("SELECT pg_advisory_lock(72707369)")
        with pytest.raises(PrismaFailure, match="Another push is at work") as failed:
            await engine.push(database.url, schema, plan, lock_timeout=1)
        assert (await engine.plan_push(database.url, schema)).missing_tables  # a plan waits for nobody
    assert failed.value.code is FailureCode.PUSH_LOCK
    assert database.tables == []


async def test_a_cancelled_push_leaves_no_session_behind(
    engine: PrismaEngine, database: Database, schema: Path
) -> None:
    plan = await engine.plan_push(database.url, schema)
    with psycopg.connect(**libpq_settings(database.url), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(72707369)")
        pushing = asyncio.create_task(engine.push(database.url, schema, plan))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"
        await _until(lambda: other.execute(waiting).fetchone() == (1,))
        pushing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pushing
        other.execute("SELECT pg_advisory_unlock(72707369)")
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        await _until(lambda: other.execute(others).fetchone() == (0,))
    assert database.tables == []


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)


async def test_a_statement_that_fails_takes_the_whole_push_back(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run("CREATE TABLE a (id int PRIMARY KEY, name text)", "INSERT INTO a VALUES (1, 'x'), (2, 'x')")
    schema = write_schema("model a { \n id Int @id \n name String? @unique \n }\nmodel b { \n id Int @id \n }")
    plan = await engine.plan_push(database.url, schema)
    with pytest.raises(PrismaFailure, match="could not create unique index") as failed:
        await engine.push(database.url, schema, plan)
    assert failed.value.code is FailureCode.POSTGRES
    assert "CREATE UNIQUE INDEX" in failed.value.statement
    assert database.tables == ["a"]


async def test_what_the_rows_do_not_allow_is_told_before_the_push(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    database.run("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)")
    schema = write_schema("model a { \n id Int @id \n name String \n }")
    plan = await engine.plan_push(database.url, schema)
    assert not plan.in_sync
    assert not plan.only_adds
    assert "is required and has no default" in plan.blocked[0]
    with pytest.raises(PrismaFailure, match="Add a @default") as failed:
        await engine.push(database.url, schema, plan)
    assert failed.value.code is FailureCode.BLOCKED


async def test_a_schema_with_migrations_is_not_pushed(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema, tmp_path: Path
) -> None:
    schema = write_schema("model a { \n id Int @id \n }")
    migration = tmp_path / "migrations" / "20260101000000_first" / "migration.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text("SELECT 1;")
    plan = await engine.plan_push(database.url, schema)
    assert plan.has_migrations
    with pytest.raises(Refused, match="migrations folder"):
        await engine.push(database.url, schema, plan)
    assert database.tables == []


async def test_a_pooled_url_is_refused_before_anything_connects(engine: PrismaEngine, schema: Path) -> None:
    url = PostgresUrl.parse("postgresql://a:b@ep-x-1-pooler.c-2.eu-central-1.aws.neon.tech/neondb?sslmode=require")
    with pytest.raises(Refused, match="pooler") as refused:
        await engine.plan_push(url, schema)
    assert "direct" in refused.value.hint


async def test_a_schema_of_several_files_is_pushed_as_one(
    engine: PrismaEngine, database: Database, tmp_path: Path, write_schema: WriteSchema
) -> None:
    folder = tmp_path / "schema"
    (folder / "more").mkdir(parents=True)
    (folder / "base.prisma").write_text(write_schema("model A { \n id Int @id \n bs B[] \n }").read_text())
    (folder / "more" / "b.prisma").write_text("model B { \n id Int @id \n as A[] \n }")
    plan = await engine.plan_push(database.url, folder)
    assert sorted(plan.created_tables) == sorted(expected_tables(folder)) == ["A", "B", "_AToB"]
    await engine.push(database.url, folder, plan)
    assert database.tables == ["A", "B", "_AToB"]


async def test_the_schema_of_the_url_is_the_one_that_is_pushed_to(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    schema = write_schema("model a { \n id Int @id \n }")
    database.run("CREATE TABLE a (id text PRIMARY KEY, other int)")  # the same name in another schema
    url = database.url.with_params({"schema": "my app"})
    plan = await engine.plan_push(url, schema)
    assert plan.only_adds
    await engine.push(url, schema, plan)
    assert database.names("SELECT schemaname FROM pg_tables WHERE tablename = 'a'") == ["my app", "public"]
    assert (await engine.drift(url, schema)).in_sync


SETTINGS = {
    "DateStyle": "'German'",
    "IntervalStyle": "'sql_standard'",
    "TimeZone": "'America/New_York'",
    "standard_conforming_strings": "'off'",
    "quote_all_identifiers": "'on'",
    "bytea_output": "'escape'",
    "extra_float_digits": "'-10'",
    "array_nulls": "'off'",
}


async def test_what_a_database_has_set_changes_no_default_and_a_second_push_finds_nothing(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema
) -> None:
    for name, value in SETTINGS.items():
        database.run(f'ALTER DATABASE "{database.url.database}" SET {name} = {value}')
    schema = write_schema(
        """model Kept {
          id   Int      @id @default(autoincrement())
          path String   @default("a\\\\b'c")
          at   DateTime @default("2024-03-01T20:00:00Z") @db.Timestamptz(6)
          data Bytes    @default("3q2+7w==")
          rate Float    @default(0.30000000000000004)
          many String[] @default(["NULL", "x"])
          type String
          @@index([type, at])
        }"""
    )
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    database.run("SET TimeZone = 'UTC'", "INSERT INTO \"Kept\" (type) VALUES ('t')")
    found = database.rows(
        """SELECT path = E'a\\\\b''c', at = '2024-03-01 20:00:00+00', data = decode('deadbeef', 'hex'),
        rate = 0.30000000000000004, many[1] = 'NULL' FROM "Kept\""""
    )
    assert found == [(True,) * 5]
    assert (await engine.plan_push(database.url, schema)).in_sync
