"""Set-up over other projects' schemas: the second time there is nothing to do, and no check has anything to say."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.schema_text import expected_tables
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup.database_step import apply_database, plan_database
from soundcheck.wizard.setup.push_lines import IN_SYNC, push_lines
from tests.wizard.foreign_schemas import FOREIGN_SCHEMAS, Foreign

CHECKS = ("prisma.schema", "database.tables", "database.drift", "database.indexes", "database.role", "database.limits")


def run(url: PostgresUrl, *statements: str) -> None:
    with psycopg.connect(**libpq_settings(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("name", FOREIGN_SCHEMAS)
async def test_the_second_time_nothing_is_to_be_done_and_no_check_warns(
    project: Project,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
    name: str,
) -> None:
    one: Foreign = FOREIGN_SCHEMAS[name]
    schema = project.root / "prisma" / "schema.prisma"
    schema.parent.mkdir()
    schema.write_text(one.text)
    services = Services(
        replace(project, schema=schema), SystemClock(), SystemResolver(),
        Credentials(database_url=database_url),
    )  # fmt: skip
    run(database_url, *one.before)

    first = await plan_database(services, engine, silent)
    assert first.push.missing_tables == expected_tables(schema), "what the checks look for is what a push makes"
    await apply_database(services, engine, first, Consent(), silent)
    run(database_url, *one.between)

    again = await plan_database(services, engine, silent)
    assert again.push.statements == ()
    assert IN_SYNC in [line.text for line in push_lines(again.push)]
    done = await apply_database(services, engine, again, Consent(), silent)
    assert done.push is not None
    assert done.push.executed == 0

    report = await run_checks(default_registry().select(CHECKS), services)
    findings = {outcome.check.id: outcome.finding for outcome in report.outcomes}
    told = {check: (findings[check].status, findings[check].summary) for check in CHECKS}
    assert {check for check in CHECKS if findings[check].status is not Status.OK} == set(), told
