"""The tables: those of the schema are there, and they are as it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database import findings
from soundcheck.checks.database.facts import ServerFacts, server_state, state_endings
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.schema_engine import Migrations, address_for_engine, migrations_of, schema_engine
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.probe.postgres import ProbeDeadlines

DRIFT_DEADLINE: Final = 30.0
"""Seconds. Drift takes a second locally and many dependent round trips besides (2.1 s in all at 80 ms each)."""


def database_table_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.tables` and `database.drift`."""

    async def collect(context: Context) -> TablesEvidence:
        return await _tables(context, deadlines)

    group, seconds = Group.DATABASE, deadlines.query + 1
    title, after = "the tables of the schema are there", ("database.query", "prisma.schema")
    drift, rests_on = "the tables are as the schema says", ("database.tables", "prisma.engine")
    return (
        TABLES.check("database.tables", group, title, collect, after, seconds),
        DRIFT.check("database.drift", group, drift, _collect_drift, rests_on, DRIFT_DEADLINE),
    )


@dataclass(frozen=True, slots=True)
class TablesEvidence:
    """The tables that are there, and those that the schema describes."""

    state: ServerFacts = field(default_factory=ServerFacts, metadata=SPREAD)
    migrations: Migrations = field(default_factory=Migrations, metadata=SPREAD)
    tables: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


async def _tables(context: Context, deadlines: ProbeDeadlines) -> TablesEvidence:
    from soundcheck.stores.prisma.schema_text import OTHERS, expected_tables, schema_in_use

    asked = await server_state(context, deadlines)
    schema = schema_in_use(context.services.project)
    return TablesEvidence(
        state=asked.state,
        migrations=migrations_of(schema),
        tables=tuple(name for name in asked.tables if name != OTHERS),
        expected=tuple(expected_tables(schema, asked.state.schema)),
    )


def judge_tables(evidence: TablesEvidence) -> Judgement:
    """`database.tables`: a missing table is a failure that names it; those outside the schema are named.

    They are no warning: another program's tables may stay there for good, and a push leaves them alone.
    """
    expected, there = evidence.expected, evidence.tables
    if evidence.state.failed:
        return evidence.state.failed
    missing = tuple(name for name in expected if name not in there)
    extra = tuple(name for name in there if name not in expected)
    if missing:
        return said(
            "not_migrated" if evidence.migrations.migrations else "missing",
            tables=missing,
            database=evidence.state.database,
            there=len(expected) - len(missing),
            expected=len(expected),
            deploy=evidence.migrations.deploy,
        )
    return said("extra" if extra else "there", expected=len(expected), count=len(extra), tables=extra)


TABLES: Final = Judging(TablesEvidence, judge_tables, findings.TABLES, state_endings(findings.TABLES))


@dataclass(frozen=True, slots=True)
class DriftEvidence:
    """What differs, and what set-up keeps beside the schema; or the error that comparing ended with."""

    migrations: Migrations = field(default_factory=Migrations, metadata=SPREAD)
    in_sync: bool = False
    differences: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    message: str | None = None
    hint: str | None = None


async def _collect_drift(context: Context) -> DriftEvidence:
    from soundcheck.stores.prisma.schema_text import schema_in_use

    services = context.services
    url = services.credentials.direct
    assert url is not None  # noqa: S101 - database.url passed
    engine = await schema_engine(services)
    address = await address_for_engine(services, url)
    if address is None:
        return DriftEvidence(message=f"{url.host} was not found.", hint="See database.pooling.")
    schema = schema_in_use(services.project)
    try:
        drift = await engine.drift(url, schema, hostaddr=address)
    except SoundcheckError as problem:
        return DriftEvidence(message=problem.message, hint=problem.hint)
    return DriftEvidence(migrations_of(schema), drift.in_sync, tuple(drift.lines), tuple(drift.kept))


def judge_drift(evidence: DriftEvidence) -> Judgement:
    """`database.drift`: what set-up keeps where it is, as an index made by hand, is no difference."""
    migrations = evidence.migrations
    if evidence.in_sync:
        return said("in_sync_kept" if evidence.kept else "in_sync", kept=evidence.kept)
    if evidence.message:
        code = "not_compared" if evidence.hint else "not_compared_unhinted"
        return said(code, message=evidence.message, hint=evidence.hint or "")
    code = "differs_migrated" if migrations.migrations else "differs"
    return said(code, differences=evidence.differences, deploy=migrations.deploy, develop=migrations.develop)


DRIFT: Final = Judging(DriftEvidence, judge_drift, findings.DRIFT)
