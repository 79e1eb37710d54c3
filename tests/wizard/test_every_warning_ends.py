"""Each warning about tables and indexes names an action, and that action makes it go away."""

from __future__ import annotations

from dataclasses import dataclass, replace

import psycopg
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.database.indexes import INDEXES
from soundcheck.checks.finding import Finding, Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup.database_step import apply_database, plan_database

SCHEMA = """
generator client {
  provider = "prisma-client-js"
  previewFeatures = ["multiSchema"]
}
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
  schemas = ["public", "Other Place"]
}
model Song {
  id Int @id
  title String @default("None")
  plays Int
  @@index([plays], map: "Song by plays")
  @@schema("public")
}
model Tag {
  id Int @id
  name String @unique
  @@map("tags")
  @@schema("Other Place")
}
"""


@dataclass(frozen=True)
class Desk:
    services: Services
    superuser: PostgresUrl
    engine: PrismaEngine

    def run(self, *statements: str) -> None:
        with psycopg.connect(**libpq_settings(self.superuser), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    async def set_up(self) -> None:
        plan = await plan_database(self.services, self.engine, silent)
        consent = Consent(frozenset(plan.push.loss_names), plan.intent.target.name)
        await apply_database(self.services, self.engine, plan, consent, silent)

    async def finding(self, check: str) -> Finding:
        return (await self.findings(check))[check]

    async def findings(self, *checks: str) -> dict[str, Finding]:
        report = await run_checks(default_registry().select(checks), self.services)
        found = {outcome.check.id: outcome.finding for outcome in report.outcomes}
        return {check: found[check] for check in checks}


@pytest.fixture
def desk(
    project: Project,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
    superuser_url: PostgresUrl,
) -> Desk:
    schema = project.root / "schema.prisma"
    schema.write_text(SCHEMA)
    services = Services(
        replace(project, schema=schema), SystemClock(), SystemResolver(),
        Credentials(database_url=database_url),
    )  # fmt: skip
    return Desk(services, replace(superuser_url, database=database_url.database), engine)


BROKEN = {
    "an index is missing": ('DROP INDEX "Song by plays"', ("database.indexes", "database.drift"), Status.WARN),
    "an index in another schema is gone": (
        'DROP INDEX "Other Place"."tags_name_key"', ("database.indexes",), Status.WARN,
    ),
    "a table of another schema is missing": ('DROP TABLE "Other Place".tags', ("database.tables",), Status.FAIL),
    "a table is missing": ('DROP TABLE "Song"', ("database.tables",), Status.FAIL),
    "a default differs": ('ALTER TABLE "Song" ALTER title SET DEFAULT \'none\'', ("database.drift",), Status.WARN),
    "a column may be NULL": ('ALTER TABLE "Song" ALTER title DROP NOT NULL', ("database.drift",), Status.WARN),
    "a type differs": ('ALTER TABLE "Song" ALTER plays TYPE smallint', ("database.drift",), Status.WARN),
    "a column is missing": ('ALTER TABLE "Song" DROP title', ("database.drift",), Status.WARN),
}  # fmt: skip
LOOKS = ("database.tables", "database.indexes", "database.drift")


async def test_what_set_up_is_said_to_mend_is_mended_by_set_up(desk: Desk) -> None:
    """In one database: it is as it was after each."""
    await desk.set_up()
    assert {check: one.status for check, one in (await desk.findings(*LOOKS)).items()} == dict.fromkeys(
        LOOKS, Status.OK
    )
    for name, (statement, checks, status) in BROKEN.items():
        desk.run(statement)
        for check, finding in (await desk.findings(*checks)).items():
            assert finding.status is status, (name, check)
            assert "soundcheck setup" in finding.hint, (name, check)
        await desk.set_up()
        for check, finding in (await desk.findings(*checks)).items():
            assert finding.status is Status.OK, (name, check)


INVALID = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{}'::regclass"


async def test_the_statement_for_a_broken_index_mends_it(desk: Desk) -> None:
    await desk.set_up()
    for index in ('public."Song by plays"', '"Other Place".tags_name_key'):
        desk.run(INVALID.format(index))
        finding = await desk.finding("database.indexes")
        assert finding.status is Status.WARN, index
        desk.run(finding.hint.partition("psql: ")[2])
        assert (await desk.finding("database.indexes")).status is Status.OK, index


async def test_a_gap_of_a_project_with_migrations_ends_with_a_migration(desk: Desk) -> None:
    await desk.set_up()
    desk.run('DROP INDEX "Song by plays"')
    migration = desk.services.project.root / "migrations" / "1_init" / "migration.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text('CREATE INDEX "Song by plays" ON "Song" (plays);')
    for finding in (await desk.findings("database.indexes", "database.drift")).values():
        assert finding.status is Status.WARN
        assert "migrate deploy. If no migration makes it, add one: npx prisma@6 migrate dev" in finding.hint
        assert "soundcheck setup" not in finding.hint, "which pushes nothing here"
        assert finding.fixes == ()
    desk.run(migration.read_text())
    for check, finding in (await desk.findings("prisma.schema", "database.indexes", "database.drift")).items():
        assert finding.status is Status.OK, check


async def test_a_connection_limit_that_is_lowered_is_not_warned_of(desk: Desk) -> None:
    url = desk.services.credentials.database_url
    assert url is not None

    async def limited(limit: str) -> Finding:
        credentials = Credentials(database_url=url.with_params({"connection_limit": limit}))
        return await replace(desk, services=replace(desk.services, credentials=credentials)).finding("database.limits")

    warned = await limited("500")
    assert warned.status is Status.WARN
    assert "lower connection_limit" in warned.hint
    assert (await limited("100")).status is Status.OK, "what set-up writes for the local stack"


def test_an_index_that_nothing_reads_ends_with_the_schema_and_the_index() -> None:
    row = {"index": "Song (plays)", "name": 'public."Song by plays"', "valid": True, "scans": 0, "rows": 20_000}
    evidence = {
        "status": "ok", "expected": ["Song (plays)"], "there": [row], "our_time": 8 * 86_400.0, "counted_since": 0.0,
    }  # fmt: skip
    finding = INDEXES.finding(evidence)
    assert finding.status is Status.WARN
    assert 'remove its @@index from the schema and type in psql: DROP INDEX public."Song by plays";' in finding.hint
    assert INDEXES.finding({**evidence, "expected": [], "there": []}).status is Status.OK
