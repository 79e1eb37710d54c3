"""Node, engine, schema, client and drift on the real thing; the machine's own checks on what they judge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks.backend.prisma import CLIENT, ENGINE, NODE
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Status
from soundcheck.checks.machine.packages import DISK, LOCAL, PYTHON
from soundcheck.checks.run import run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.services import Services
from tests.checks.conftest import CHECKS, MakeServices


async def outcomes_of(services: Services, *ids: str) -> dict[str, Outcome]:
    report = await run_checks(CHECKS.select(ids), services)
    return {o.check.id: o for o in report.outcomes}


async def test_after_a_push_nothing_drifts_and_a_changed_table_is_named(
    make_services: MakeServices,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    services = make_services(Credentials(database_url=database_url))
    before = await outcomes_of(services, "database.drift")
    assert before["database.drift"].finding.skipped_because == "database.tables"
    schema = packaged_schema()
    await engine.push(database_url, schema, await engine.plan_push(database_url, schema))
    pushed = await outcomes_of(services, "database.drift")
    assert {name: o.finding.status for name, o in pushed.items() if name.startswith("prisma")} == {
        "prisma.node": Status.OK,
        "prisma.engine": Status.OK,
        "prisma.schema": Status.OK,
    }
    assert pushed["database.tables"].finding.status is Status.OK
    assert pushed["database.drift"].finding.status is Status.OK
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute("ALTER TABLE users DROP COLUMN bio")
    changed = await outcomes_of(services, "database.drift")
    assert changed["database.drift"].finding.status is Status.WARN
    assert "bio" in changed["database.drift"].finding.summary


async def test_the_client_is_missed_found_and_told_to_be_old(
    make_services: MakeServices,
    engine: PrismaEngine,  # noqa: F811
) -> None:
    project = make_services().project
    schema = project.root / "prisma" / "schema.prisma"
    schema.parent.mkdir()
    schema.write_text(packaged_schema().read_text())
    services = make_services()
    services = replace(services, project=replace(project, schema=schema))
    missing = await outcomes_of(services, "prisma.client")
    assert missing["prisma.client"].finding.status is Status.FAIL
    assert missing["prisma.client"].finding.summary.startswith("Module not found")
    await generate_client(engine, schema, project.root)
    there = await outcomes_of(services, "prisma.client")
    assert there["prisma.client"].finding.status is Status.OK
    schema.write_text(schema.read_text() + "\nmodel Extra {\n  id String @id\n}\n")
    old = await outcomes_of(services, "prisma.client")
    assert old["prisma.client"].finding.status is Status.WARN


async def test_a_schema_that_cannot_be_read_stops_the_search_for_tables(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    services = make_services(Credentials(database_url=database_url))
    services = replace(services, project=replace(services.project, schema=Path("/nowhere/schema.prisma")))
    found = await outcomes_of(services, "database.tables")
    assert found["prisma.schema"].finding.status is Status.FAIL
    assert found["prisma.schema"].finding.hint
    assert found["database.tables"].finding.skipped_because == "prisma.schema"


async def test_a_schema_with_migrations_is_not_pushed_to(make_services: MakeServices, tmp_path: Path) -> None:
    schema = tmp_path / "prisma" / "schema.prisma"
    (schema.parent / "migrations" / "1_init").mkdir(parents=True)
    (schema.parent / "migrations" / "1_init" / "migration.sql").write_text("select 1")
    schema.write_text(packaged_schema().read_text())
    services = make_services()
    services = replace(services, project=replace(services.project, schema=schema))
    found = await outcomes_of(services, "prisma.schema")
    finding = found["prisma.schema"].finding
    assert finding.status is Status.OK, "no migration would make a warning go away"
    assert "come from its migrations" in finding.summary


def test_a_missing_node_engine_or_client_says_how_to_get_it() -> None:
    node = NODE.finding({"message": "Node is missing.", "hint": "Install Node 20 or newer from nodejs.org"})
    assert node.status is Status.FAIL
    assert "nodejs.org" in node.hint
    engine_missing = ENGINE.finding({"installed": False, "has_npm": False})
    assert "Module not found" in engine_missing.summary
    assert "npm is not" in engine_missing.cause
    assert CLIENT.finding({"state": "not_wanted"}).status is Status.OK
    assert CLIENT.finding({}).status is Status.FAIL


@pytest.mark.parametrize(
    ("major", "minor", "status"), [(3, 10, Status.FAIL), (3, 11, Status.OK), (3, 15, Status.OK), (3, 16, Status.WARN)]
)
def test_python_is_judged_by_what_was_tried(major: int, minor: int, status: Status) -> None:
    assert PYTHON.finding({"major": major, "minor": minor, "python": f"{major}.{minor}.0"}).status is status


@pytest.mark.parametrize(
    ("free", "status"), [(100_000_000, Status.FAIL), (500_000_000, Status.WARN), (5_000_000_000, Status.OK)]
)
def test_disk_space_is_judged_by_what_the_local_servers_need(free: int, status: Status) -> None:
    assert DISK.finding({"free_bytes": free}).status is status


def test_only_what_is_in_use_of_the_local_stack_has_to_run() -> None:
    down = {"postgres": "down", "redis": "up", "rest": "down"}
    assert LOCAL.finding(down).status is Status.SKIP
    finding = LOCAL.finding({**down, "database_in_use": True})
    assert finding.status is Status.FAIL
    assert "PostgreSQL" in finding.summary
    assert "REST" not in finding.summary
    assert "soundcheck local up" in finding.hint
    assert LOCAL.finding({**down, "cache_in_use": True, "redis": "up", "rest": "up"}).status is Status.OK


async def test_the_checks_of_this_machine_pass_on_this_machine(make_services: MakeServices) -> None:
    found = await outcomes_of(make_services(), "machine")
    assert {o.finding.status for o in found.values()} <= {Status.OK, Status.SKIP}
