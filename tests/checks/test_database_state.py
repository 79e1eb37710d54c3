"""Against the real server: layers, rights, limits, and the tables that are missing or too many."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from soundcheck.checks.check import Outcome
from soundcheck.checks.database import pooling, state, tables
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.schema_text import expected_tables, packaged_schema
from soundcheck.stores.probe.layer import LayerFinished, LayerName, LayerStarted, LayerStatus
from soundcheck.stores.resolver import ResolveFailure, SystemResolver
from tests.checks.conftest import CHECKS, NEON_HOST, Authority, FakeResolver, MakeServices
from tests.checks.faults import failed
from tests.fake_postgres import FakePostgres
from tests.probing import probe_postgres

TABLES = expected_tables(packaged_schema())


async def outcomes_of(make: MakeServices, url: PostgresUrl, *ids: str) -> dict[str, Outcome]:
    services = make(Credentials(database_url=url))
    report = await run_checks(CHECKS.select(ids), services)
    return {o.check.id: o for o in report.outcomes}


def create(url: PostgresUrl, *tables: str) -> None:
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        for table in tables:
            connection.execute(f'CREATE TABLE "{table}" (id text PRIMARY KEY)')


async def test_every_layer_of_a_real_server_passes_with_its_facts(database_url: PostgresUrl) -> None:
    events: list[object] = []
    layers = await probe_postgres(database_url, SystemResolver(), observer=events.append)
    assert [layer.status for layer in layers] == [
        LayerStatus.OK,
        LayerStatus.OK,
        LayerStatus.SKIPPED,
        LayerStatus.OK,
        LayerStatus.OK,
    ]
    facts = {layer.name: layer.facts for layer in layers}
    assert facts[LayerName.DNS]["address"] == "127.0.0.1"
    assert facts[LayerName.AUTHENTICATION]["user"] == database_url.user
    assert str(facts[LayerName.QUERY]["server_version"]).startswith("18")
    started = [event.name for event in events if isinstance(event, LayerStarted)]
    finished = [event.layer.name for event in events if isinstance(event, LayerFinished)]
    assert started == finished == [layer.name for layer in layers]


async def test_a_wrong_password_is_told_by_the_real_server(make_services: MakeServices, database_url) -> None:
    wrong = PostgresUrl.parse(database_url.reveal().replace("@", "x@"))
    found = await outcomes_of(make_services, wrong, "database.query")
    assert found["database.authentication"].evidence["code"] == "password"
    assert found["database.query"].finding.skipped_because == "database.authentication"


async def test_a_database_that_is_not_there_is_told_by_the_real_server(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    found = await outcomes_of(make_services, replace(database_url, database="nowhere"), "database.query")
    assert found["database.authentication"].evidence["code"] == "database_missing"


async def test_all_tables_there_is_fine(make_services: MakeServices, database_url: PostgresUrl) -> None:
    create(database_url, *TABLES, "_prisma_migrations")
    found = await outcomes_of(make_services, database_url, "database.tables", "database.role", "database.limits")
    assert found["database.tables"].finding.summary == "Found 11 tables."
    assert list(found["database.tables"].evidence["tables"]) == list(TABLES)
    assert found["database.role"].finding.status is Status.OK
    assert found["database.limits"].finding.status is Status.OK


async def test_missing_tables_fail_by_name(make_services: MakeServices, database_url: PostgresUrl) -> None:
    create(database_url, *[name for name in TABLES if name not in {"lyrics", "users"}])
    found = await outcomes_of(make_services, database_url, "database.tables")
    finding = found["database.tables"].finding
    assert finding.status is Status.FAIL
    assert finding.summary == "Table doesn't exist: lyrics, users."
    assert "9 of the schema's 11" in finding.cause


async def test_tables_outside_the_schema_are_named_and_no_warning(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    create(database_url, *TABLES, "wp_posts")
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute("CREATE TABLE shop.orders (id int) PARTITION BY RANGE (id)")
        connection.execute("CREATE TABLE shop.orders_1 PARTITION OF shop.orders FOR VALUES FROM (1) TO (2)")
        connection.execute("CREATE VIEW glance AS SELECT 1 AS one")
    found = await outcomes_of(make_services, database_url, "database.tables")
    finding = found["database.tables"].finding
    assert finding.status is Status.OK
    assert finding.summary == "Found 11 tables, and 2 outside the schema: wp_posts, shop.orders."


async def test_a_role_that_may_not_create_is_told(
    make_services: MakeServices, database_url: PostgresUrl, superuser_url: PostgresUrl
) -> None:
    with psycopg.connect(
        replace(superuser_url, database=database_url.database).reveal(), autocommit=True
    ) as connection:
        connection.execute(f'ALTER SCHEMA public OWNER TO "{superuser_url.user}"')
        connection.execute(f'REVOKE CREATE ON SCHEMA public FROM PUBLIC, "{database_url.user}"')
    found = await outcomes_of(make_services, database_url, "database.role")
    assert found["database.role"].finding.status is Status.FAIL
    assert "may not create tables" in found["database.role"].finding.summary


async def test_a_schema_that_is_not_there_yet_may_be_created_by_the_owner(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    found = await outcomes_of(make_services, database_url.with_params({"schema": "music"}), "database.role")
    assert found["database.role"].finding.status is Status.OK


async def test_a_superuser_of_a_server_that_is_not_ours_is_a_warning(
    make_services: MakeServices, superuser_url: PostgresUrl
) -> None:
    found = await outcomes_of(make_services, superuser_url, "database.role")
    assert found["database.role"].finding.status is Status.WARN


async def test_the_local_stack_is_known_and_spared_what_concerns_the_cloud(
    make_services: MakeServices, stack: LocalStack
) -> None:
    credentials = stack.credentials()
    assert credentials is not None
    services = make_services(credentials)
    services.project.state.mkdir(parents=True, exist_ok=True)
    services.project.local.symlink_to(stack.places.folder)
    wanted = CHECKS.select(["database.role", "database.limits", "database.pooling", "cache", "machine.local"])
    report = await run_checks(wanted, services)
    found = {o.check.id: o.finding for o in report.outcomes}
    assert failed(report) == []
    assert found["database.url"].status is Status.OK
    assert found["database.tls"].status is Status.SKIP
    assert found["database.pooling"].skipped_because == "the local stack has no pooler"
    assert found["cache.tls"].status is Status.SKIP
    assert found["cache.write"].status is Status.OK
    assert found["machine.local"].summary == "The local stack runs."


async def test_the_probe_leaves_no_session_behind(
    make_services: MakeServices, database_url: PostgresUrl, superuser_url: PostgresUrl
) -> None:
    create(database_url, *TABLES)
    await outcomes_of(make_services, database_url, "database.tables")
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        left = 1
        while left:  # the server notices the farewell in its own time
            left = connection.execute(count, (database_url.database,)).fetchone()[0]


async def test_the_direct_address_is_probed_where_it_is_another_host(
    make_services: MakeServices, authority: Authority
) -> None:
    pooled = NEON_HOST.replace(".", "-pooler.", 1)
    tls = authority.server(authority.ca.issue_cert(NEON_HOST, pooled))
    async with FakePostgres("endpoint is disabled", severity="ERROR", tls=tls) as server:
        url = PostgresUrl.parse(f"postgresql://singer:pw-of-singer@{pooled}:{server.port}/songs?sslmode=require")
        resolver = FakeResolver(failing={NEON_HOST: ResolveFailure.UNKNOWN_NAME})
        services = make_services(Credentials(database_url=url), resolver=resolver)
        report = await run_checks(CHECKS.select(["database.pooling", "database.query"]), services)
    found = {o.check.id: o for o in report.outcomes}
    assert found["database.pooling"].evidence["code"] == "unknown_name"
    assert found["database.pooling"].finding.skipped_because.startswith("database.")
    assert failed(report)[0] in {"database.tls", "database.authentication"}


POOLING = [
    ({"direct_pooled": True}, Status.FAIL, "goes through the pooler"),
    ({"status": "failed", "code": "refused", "pooled_code": ""}, Status.FAIL, "push cannot"),
    ({"status": "failed", "code": "refused", "pooled_code": "refused"}, Status.SKIP, "direct address fails as well"),
    ({"status": "ok", "pooled_code": "too_many_connections"}, Status.WARN, "the direct one works"),
    ({"same_database": False}, Status.WARN, "different databases"),
    ({"pooled": False}, Status.WARN, "past the pooler"),
    ({"neon": False, "pooled": False}, Status.SKIP, "Not needed"),
    ({"local": True}, Status.SKIP, "Not needed"),
    ({}, Status.OK, "uses the pooler"),
]


@pytest.mark.parametrize(("change", "status", "words"), POOLING)
def test_the_two_addresses_are_judged_together(change: dict, status: Status, words: str) -> None:
    evidence = {"neon": True, "pooled": True, "direct_pooled": False, "same_database": True, "local": False, **change}
    finding = pooling.POOLING.finding(evidence)
    assert finding.status is status
    assert words in finding.summary


STATE = {
    "status": "ok",
    "role": "singer",
    "may_create": True,
    "read_only": False,
    "superuser": False,
    "max_connections": 104,
    "reserved": 7,
    "connections": 5,
    "bytes": 30_000_000,
    "neon": True,
    "pooled": False,
}

LIMITS = [
    ({}, Status.OK, "5 of 97 connections in use, 30 MB stored"),
    ({"connection_limit": "100"}, Status.WARN, "connection_limit=100 is more than the 97"),
    ({"connection_limit": "100", "pooled": True}, Status.OK, "97"),
    ({"bytes": 500_000_000}, Status.WARN, "500 MB are stored"),
    ({"bytes": 500_000_000, "neon": False}, Status.OK, "500 MB"),
    ({"connections": 90}, Status.WARN, "90 of 97"),
]


@pytest.mark.parametrize(("change", "status", "words"), LIMITS)
def test_limits_are_judged_by_the_plan_and_the_server(change: dict, status: Status, words: str) -> None:
    finding = state.LIMITS.finding({**STATE, **change})
    assert finding.status is status
    assert words in finding.summary


def test_a_read_replica_cannot_be_used() -> None:
    finding = state.ROLE.finding({**STATE, "read_only": True})
    assert finding.status is Status.FAIL
    assert finding.blame is Blame.YOU


def test_where_migrations_make_the_tables_nobody_is_sent_to_a_push() -> None:
    found = tables.TABLES.finding(
        {"status": "ok", "database": "db", "expected": ["users"], "tables": [], "migrations": True}
    )
    assert found.status is Status.FAIL
    assert found.summary == "Table doesn't exist: users."
    assert "npx prisma@6 migrate deploy" in found.hint
    assert "Database" not in found.hint
    assert found.fixes == ()


def test_old_evidence_without_a_field_is_judged_and_never_passes_for_fine() -> None:
    assert tables.TABLES.finding({}).status is Status.FAIL
    assert state.ROLE.finding({}).status is Status.FAIL
    assert tables.DRIFT.finding({}).status is Status.WARN
