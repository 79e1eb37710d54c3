"""What each statement of a push does to what is there; none that is not understood counts as harmless."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.column_types import keeps_every_value
from soundcheck.stores.prisma.definitions import ConstraintDefinition, IndexDefinition, Key
from soundcheck.stores.prisma.judging import judge
from soundcheck.stores.prisma.statements import Effect, LossKind, SchemaChange, created_tables

CATALOGUE = Catalogue(
    "public",
    {("public", "users", "age"): "integer", ("public", "users", "name"): "character varying(20)"},
    {("public", "Mood"): ("HAPPY", "SAD")},
)


def only(*statements: str) -> SchemaChange:
    (change,) = judge(statements, CATALOGUE)
    return change


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ('CREATE TABLE "users" (\n "id" TEXT DEFAULT \'; DROP TABLE "x"\'\n)', "create table users"),
        ('CREATE TABLE "crm"."users" ("id" TEXT)', "create table crm.users"),
        ('CREATE TABLE "public"."users" ("id" TEXT)', "create table users"),
        ("CREATE TYPE \"Mood\" AS ENUM ('A')", "create enum Mood"),
        ('CREATE INDEX "i" ON "users"("age" DESC)', "create index i"),
        ("ALTER TYPE \"Mood\" ADD VALUE 'MEH'", "add the value 'MEH' to enum Mood"),
        ('ALTER TABLE "users" ADD COLUMN     "nick" TEXT NOT NULL DEFAULT \',\'', "add column users.nick"),
        ('CREATE SCHEMA IF NOT EXISTS "crm"', "create schema crm"),
        ("CREATE SEQUENCE users_age_seq", "create sequence users_age_seq"),
    ],
)  # fmt: skip
def test_what_only_adds(statement: str, text: str) -> None:
    change = only(statement)
    assert (change.effect, change.text) == (Effect.ADDS, text)


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "users" ALTER COLUMN "age" SET NOT NULL',
        'ALTER TABLE "users" ALTER COLUMN "age" SET DEFAULT 3',
        'ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE BIGINT',
        'ALTER TABLE "users" ALTER COLUMN "name" SET DATA TYPE TEXT',
        'ALTER TABLE "users" ADD CONSTRAINT "f" FOREIGN KEY ("a") REFERENCES "b"("id")',
        'ALTER INDEX "a" RENAME TO "b"',
        'CREATE UNIQUE INDEX "i" ON "users"("name")',
    ],
)
def test_what_changes_something_that_is_there(statement: str) -> None:
    assert only(statement).effect is Effect.CHANGES


@pytest.mark.parametrize(
    ("statement", "kind", "name"),
    [
        ('DROP TABLE "orders"', LossKind.TABLE, "orders"),
        ('DROP TABLE "crm"."orders"', LossKind.TABLE, "crm.orders"),
        ('DROP INDEX "i"', LossKind.INDEX, "index:i"),
        ('DROP TYPE "Mood"', LossKind.ENUM, "enum:Mood"),
        ('ALTER TABLE "users" DROP COLUMN "age"', LossKind.COLUMN, "users.age"),
        ('ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE SMALLINT', LossKind.COLUMN_TYPE, "users.age"),
        ('ALTER TABLE "users" ALTER COLUMN "name" SET DATA TYPE VARCHAR(10)', LossKind.COLUMN_TYPE, "users.name"),
        ('ALTER TABLE "users" ALTER COLUMN "not_known" SET DATA TYPE TEXT', LossKind.COLUMN_TYPE, "users.not_known"),
        ('ALTER TABLE "users" DROP CONSTRAINT "f"', LossKind.CONSTRAINT, "constraint:f"),
        ('ALTER TABLE "users" ALTER COLUMN "age" DROP DEFAULT', LossKind.DEFAULT, "default:users.age"),
        ('ALTER TABLE "users" ALTER COLUMN "age" DROP NOT NULL', LossKind.NOT_NULL, "not-null:users.age"),
        ('DROP SEQUENCE "users_age_seq"', LossKind.SEQUENCE, "sequence:users_age_seq"),
        ('DROP EXTENSION "citext"', LossKind.OTHER, "extension:citext"),
        ("TRUNCATE users", LossKind.OTHER, "statement:1"),
        ('ALTER TABLE "users" DROP SOMETHING "x"', LossKind.OTHER, "statement:1"),
    ],
)
def test_what_loses_something_and_its_name(statement: str, kind: LossKind, name: str) -> None:
    change = only(statement)
    assert change.loss is not None
    assert (change.effect, change.loss.kind, change.loss.name) == (Effect.LOSES, kind, name)


def test_several_actions_in_one_statement_are_judged_one_by_one() -> None:
    changes = judge(
        ['ALTER TABLE "users" DROP COLUMN "a", ADD COLUMN "a" DECIMAL(10,2), ALTER COLUMN "age" SET DATA TYPE BIGINT'],
        CATALOGUE,
    )
    assert [change.effect for change in changes] == [Effect.LOSES, Effect.ADDS, Effect.CHANGES]


def test_only_a_drop_that_stands_alone_can_be_left_out() -> None:
    assert only('DROP INDEX "i"').loss.can_keep  # type: ignore[union-attr]
    assert only('ALTER TABLE "a" DROP CONSTRAINT "f"').loss.can_keep  # type: ignore[union-attr]
    together = judge(['ALTER TABLE "a" DROP CONSTRAINT "f", ALTER COLUMN "x" SET NOT NULL'], CATALOGUE)
    assert [change.loss.can_keep for change in together if change.loss] == [False]
    assert not only('DROP TABLE "a"').loss.can_keep  # type: ignore[union-attr]


FOREIGN_KEY = ConstraintDefinition("", ("x",), ("public", "b"), ("id",), "CASCADE")
THERE = replace(
    CATALOGUE,
    indexes={("public", "i"): IndexDefinition(("public", "a"), (Key("x", descending=True, nulls_first=True),))},
    constraints={("public", "a", "f"): FOREIGN_KEY},
)
REBUILT = (
    'ALTER TABLE "a" DROP CONSTRAINT "f"',
    'DROP INDEX "i"',
    'ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("x") REFERENCES "b"("id") ON DELETE CASCADE',
    'CREATE INDEX "i" ON "a"("x" DESC)',
)


def test_what_is_dropped_to_be_built_again_as_it_was_is_no_loss() -> None:
    changes = judge(REBUILT, THERE)
    assert [change.effect for change in changes].count(Effect.LOSES) == 0
    assert [change.effect for change in changes].count(Effect.CHANGES) == 3


@pytest.mark.parametrize(
    "changed",
    [
        ('"x" DESC', '"x" DESC NULLS LAST'),
        ('"x" DESC', '"x" DESC) WHERE ("x" > 1'),
        ('"x" DESC', '"x" DESC) INCLUDE ("y"'),
        ('"x" DESC', 'lower("x") DESC'),
        ('"x" DESC', '"x" something_new DESC'),
        ('"i" ON "a"', '"i" ON "crm"."a"'),
        ('"i" ON "a"', '"i" ON "other"'),
        ("ON DELETE CASCADE", "ON DELETE CASCADE NOT VALID"),
        ("ON DELETE CASCADE", "ON DELETE SET NULL"),
        ('REFERENCES "b"', 'REFERENCES "crm"."b"'),
        ('FOREIGN KEY ("x") REFERENCES "b"("id") ON DELETE CASCADE', 'CHECK ("x" > 0)'),
    ],
)  # fmt: skip
def test_what_is_built_again_as_anything_else_is_a_loss(changed: tuple[str, str]) -> None:
    changes = judge([statement.replace(*changed) for statement in REBUILT], THERE)
    assert [change.effect for change in changes].count(Effect.LOSES) == 1


def test_what_is_built_again_in_place_of_something_unknown_is_a_loss() -> None:
    assert [change.loss.name for change in judge(REBUILT, CATALOGUE) if change.loss] == ["constraint:f", "index:i"]


def test_a_constraint_s_name_says_its_table_where_another_table_has_one_of_that_name() -> None:
    constraints = {("public", "a", "f"): FOREIGN_KEY, ("public", "c", "f"): FOREIGN_KEY}
    there = replace(CATALOGUE, constraints=constraints)
    (change,) = judge(['ALTER TABLE "a" DROP CONSTRAINT "f"'], there)
    assert change.loss is not None
    assert change.loss.name == "constraint:a.f"


def test_enums_of_one_name_in_two_schemas_are_two() -> None:
    there = replace(CATALOGUE, enums={("public", "Mood"): ("HAPPY", "SAD"), ("crm", "Mood"): ("HAPPY", "ANGRY")})
    statements = [
        statement
        for schema, values in (("public", "'HAPPY', 'MEH'"), ("crm", "'HAPPY', 'SAD'"))
        for statement in (
            f'CREATE TYPE "{schema}"."Mood_new" AS ENUM ({values})',
            f'ALTER TYPE "{schema}"."Mood" RENAME TO "Mood_old"',
            f'ALTER TYPE "{schema}"."Mood_new" RENAME TO "Mood"',
            f'DROP TYPE "{schema}"."Mood_old"',
        )
    ]
    lost = [change.loss.name for change in judge(statements, there) if change.loss]
    assert lost == ["enum:Mood.SAD", "enum:crm.Mood.ANGRY"]


def test_a_rebuilt_enum_loses_the_values_that_are_gone() -> None:
    statements = [
        "BEGIN",
        "CREATE TYPE \"Mood_new\" AS ENUM ('HAPPY', 'MEH')",
        'ALTER TABLE "users" ALTER COLUMN "mood" TYPE "Mood_new" USING ("mood"::text::"Mood_new")',
        'ALTER TYPE "Mood" RENAME TO "Mood_old"',
        'ALTER TYPE "Mood_new" RENAME TO "Mood"',
        'DROP TYPE "public"."Mood_old"',
        "COMMIT",
    ]
    (change,) = judge(statements, CATALOGUE)
    assert change.loss is not None
    assert change.loss.name == "enum:Mood.SAD"


def test_what_a_new_table_gets_only_adds() -> None:
    changes = judge(
        [
            'CREATE TABLE "a" ("id" INT)',
            'CREATE UNIQUE INDEX "u" ON "a"("id")',
            'ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("id") REFERENCES "b"("id")',
        ],
        CATALOGUE,
    )
    assert {change.effect for change in changes} == {Effect.ADDS}


names = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(names)
def test_a_table_of_any_name_is_named_as_it_is(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    assert created_tables([f"CREATE TABLE {quoted} ({quoted} INT)"], "public") == (name,)
    assert only(f"DROP TABLE {quoted}").loss.name == name  # type: ignore[union-attr]
    assert only(f"ALTER TABLE {quoted} DROP COLUMN {quoted}").loss.name == f"{name}.{name}"  # type: ignore[union-attr]


@given(st.text(max_size=60))
def test_a_statement_that_is_not_understood_is_a_loss(text: str) -> None:
    known = ("BEGIN", "COMMIT", "CREATE", "DROP", "ALTER")
    changes = judge([f"x{text}" if text.strip().upper().startswith(known) else text], CATALOGUE)
    assert [change.effect for change in changes] == [Effect.LOSES]


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("character varying(20)", "varchar(20)"),
        ("character varying(20)", "varchar(100)"),
        ("character varying(20)", "text"),
        ("character varying(20)[]", "text[]"),
        ("integer", "bigint"),
        ("integer", "double precision"),
        ("smallint", "integer"),
        ("numeric(10,2)", "decimal(12,3)"),
        ("numeric(10,2)", "decimal"),
        ("timestamp(3) without time zone", "timestamp(6)"),
        ("timestamp(3) with time zone", "timestamptz(3)"),
        ("uuid", "text"),
    ],
)
def test_types_into_which_every_value_fits(now: str, wanted: str) -> None:
    assert keeps_every_value(now, wanted)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("text", "varchar(100)"),
        ("character varying(20)", "varchar(19)"),
        ("character varying", "varchar(19)"),
        ("text", "text[]"),
        ("text", "integer"),
        ("bigint", "integer"),
        ("bigint", "double precision"),
        ("double precision", "real"),
        ("numeric(10,2)", "decimal(10,3)"),
        ("numeric", "decimal(10,3)"),
        ("timestamp(3) with time zone", "timestamp(3)"),
        ("timestamp(3) without time zone", "timestamptz(3)"),
        ("timestamp(6) without time zone", "timestamp(3)"),
        ("json", "jsonb"),
        ("character(5)", "text"),
        ("unknown", "text"),
        ('"Mood"', "text[]"),
    ],
)
def test_types_into_which_not_every_value_fits_or_nobody_knows(now: str, wanted: str) -> None:
    assert not keeps_every_value(now, wanted)
