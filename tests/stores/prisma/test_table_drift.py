"""A push, told table by table: every statement belongs to the tables that it is about, and losses say what stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pushed_database import Database

from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.statements import Subject, subject
from soundcheck.stores.prisma.table_drift import drift_of_table, pushed

MODELS = """
enum Mood {
  HAPPY
  SAD
}
model users {
  id    String  @id
  nick  String?
  songs songs[]
}
model songs {
  id     String @id
  title  String
  mood   Mood   @default(HAPPY)
  userId String
  user   users  @relation(fields: [userId], references: [id])

  @@index([title])
}
"""
LIVE = """
CREATE TYPE "Mood" AS ENUM ('HAPPY');
CREATE TABLE users (id text PRIMARY KEY, age int);
CREATE INDEX by_hand ON users (id DESC);
CREATE TABLE songs (id text PRIMARY KEY, title varchar(9) NOT NULL, mood "Mood" NOT NULL DEFAULT 'HAPPY',
    "userId" text NOT NULL);
CREATE TABLE other (id int PRIMARY KEY);
"""


@pytest.mark.parametrize(
    ("statement", "about"),
    [
        ('CREATE TABLE "public"."a b" ("id" TEXT)', (Subject.TABLE, "a b")),
        ('ALTER TABLE "crm"."users" DROP COLUMN "a"', (Subject.TABLE, "crm.users")),
        ('CREATE UNIQUE INDEX "i" ON "public"."users"("a")', (Subject.TABLE, "users")),
        ('CREATE INDEX "ON" ON "on"("a")', (Subject.TABLE, "on")),
        ('DROP INDEX "public"."i"', (Subject.INDEX, "i")),
        ('DROP TABLE "users"', (Subject.TABLE, "users")),
        ("ALTER TYPE \"Mood\" ADD VALUE 'SAD'", (Subject.ENUM, "Mood")),
        ("BEGIN", (Subject.OTHER, "")),
        ('CREATE SCHEMA IF NOT EXISTS "crm"', (Subject.OTHER, "")),
    ],
)
def test_what_a_statement_is_about(statement: str, about: tuple[Subject, str]) -> None:
    assert subject(statement, "public") == about


async def test_each_table_gets_its_own_part_of_the_plan(
    engine: PrismaEngine, database: Database, write_schema: Callable[[str], Path]
) -> None:
    database.run(*LIVE.split(";\n"))
    plan = await engine.plan_push(database.url, write_schema(MODELS))
    users = drift_of_table(plan, ("public", "users"), "public", indexes=["by_hand", "users_pkey"])
    assert {change.text for change in users.changes} == {"drop column users.age", "add column users.nick"}
    assert [loss.name for loss in users.lost] == ["users.age"]
    assert [loss.name for loss in users.kept] == ["index:by_hand"]
    assert all("users" in one for one in users.statements)
    assert not any("by_hand" in one for one in users.statements), "what stays is not run"
    songs = drift_of_table(plan, ("public", "songs"), "public", enums=["Mood"])
    told = " / ".join(change.text for change in songs.changes)
    for said in ("Mood", "songs.title", "create index songs_title_idx", "songs_userId_fkey"):
        assert said in told
    other = drift_of_table(plan, ("public", "other"), "public")
    assert other.in_sync
    assert not other.in_schema
    parts = {*users.statements, *songs.statements}
    assert parts == {one for one in pushed(plan).statements if subject(one, "public") != (Subject.OTHER, "")}
    assert "index:by_hand" in pushed(plan).kept


async def test_a_table_that_is_as_the_schema_says_has_no_statement(
    engine: PrismaEngine, database: Database, schema: Path
) -> None:
    await engine.push(database.url, schema, await engine.plan_push(database.url, schema))
    database.run("ALTER TABLE lyrics DROP COLUMN source")
    plan = await engine.plan_push(database.url, schema)
    assert drift_of_table(plan, ("public", "users"), "public").in_sync
    lyrics = drift_of_table(plan, ("public", "lyrics"), "public")
    assert [change.text for change in lyrics.changes] == ["add column lyrics.source"]
    assert not lyrics.lost
