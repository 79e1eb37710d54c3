"""The tables: those of the schema are there, and they are as it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.facts import server_state
from soundcheck.checks.database.layers import judge_failure
from soundcheck.checks.finding import Blame, Evidence, Finding, fail, flag, ok, text, texts, warn
from soundcheck.checks.fixes import PUSH_TABLES
from soundcheck.checks.schema_engine import address_for_engine, migration_evidence, migration_hint, schema_engine
from soundcheck.stores.backend.prisma_cli import migrate_line
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.probe.postgres import ProbeDeadlines

DRIFT_DEADLINE: Final = 30.0
"""Seconds. Drift takes a second locally and many dependent round trips besides (2.1 s in all at 80 ms each)."""


def database_table_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.tables` and `database.drift`."""

    async def collect(context: Context) -> Evidence:
        return await _tables(context, deadlines)

    return (
        Check(
            "database.tables",
            Group.DATABASE,
            "the tables of the schema are there",
            collect,
            judge_tables,
            ("database.query", "prisma.schema"),
            deadlines.query + 1,
        ),
        Check(
            "database.drift",
            Group.DATABASE,
            "the tables are as the schema says",
            _collect_drift,
            judge_drift,
            ("database.tables", "prisma.engine"),
            DRIFT_DEADLINE,
        ),
    )


async def _tables(context: Context, deadlines: ProbeDeadlines) -> Evidence:
    from soundcheck.stores.prisma.schema_text import OTHERS, expected_tables, schema_in_use

    evidence = await server_state(context, deadlines)
    there = evidence.get("tables")
    evidence["tables"] = [name for name in there if name != OTHERS] if isinstance(there, list) else []
    schema = schema_in_use(context.services.project)
    evidence["expected"] = list(expected_tables(schema, text(evidence, "schema")))
    evidence |= migration_evidence(schema)
    return evidence


def judge_tables(evidence: Evidence) -> Finding:
    """`database.tables`: a missing table is a failure that names it; those outside the schema are named."""
    if text(evidence, "status") != "ok":
        return judge_failure(evidence)
    expected, there = texts(evidence, "expected"), texts(evidence, "tables")
    missing = [name for name in expected if name not in there]
    extra = [name for name in there if name not in expected]
    if missing and flag(evidence, "migrations"):
        return fail(
            f"Table doesn't exist: {_listed(missing)}.",
            cause=f"{text(evidence, 'database')} has {len(expected) - len(missing)} of the schema's {len(expected)}"
            " tables. This project's tables come from its migrations, and nothing is pushed past them.",
            blame=Blame.YOU,
            hint=f"Run `{text(evidence, 'migrate') or migrate_line()}` with this DATABASE_URL, then run"
            " `soundcheck doctor` again.",
        )
    if missing:
        return fail(
            f"Table doesn't exist: {_listed(missing)}.",
            cause=f"{text(evidence, 'database')} has {len(expected) - len(missing)} of the schema's {len(expected)}"
            " tables: `prisma db push` has not been run there, or ran on another database.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`: it goes on at the step Database and creates them.",
            fixes=(PUSH_TABLES,),
        )
    if extra:  # no warning: another program's tables may stay there for good, and a push leaves them alone
        return ok(f"Found {len(expected)} tables, and {len(extra)} outside the schema: {_listed(extra)}.")
    return ok(f"Found {len(expected)} tables.")


async def _collect_drift(context: Context) -> Evidence:
    from soundcheck.stores.prisma.schema_text import schema_in_use

    services = context.services
    url = services.credentials.direct
    assert url is not None  # noqa: S101 - database.url passed
    engine = await schema_engine(services)
    address = await address_for_engine(services, url)
    if address is None:
        return {"message": f"{url.host} was not found.", "hint": "See database.pooling."}
    schema = schema_in_use(services.project)
    try:
        drift = await engine.drift(url, schema, hostaddr=address)
    except SoundcheckError as problem:
        return {"message": problem.message, "hint": problem.hint}
    found: Evidence = {"in_sync": drift.in_sync, "differences": list(drift.lines), "kept": list(drift.kept)}
    return {**found, **migration_evidence(schema)}


def judge_drift(evidence: Evidence) -> Finding:
    """`database.drift`: what set-up keeps where it is, as an index made by hand, is no difference."""
    if flag(evidence, "in_sync"):
        kept = texts(evidence, "kept")
        return ok(f"The tables are as the schema says{f'; kept beside it: {_listed(kept, 3)}' if kept else ''}.")
    if message := text(evidence, "message"):
        return fail(
            f"Database and schema could not be compared: {message}",
            cause="The comparison goes over the direct address (DIRECT_URL), with Prisma's own engine.",
            blame=Blame.YOU,
            hint=text(evidence, "hint") or "Run `soundcheck setup`: the step Database shows what is wrong.",
        )
    differences = texts(evidence, "differences")
    return warn(
        f"The database differs from the schema: {_listed(differences, 3)}.",
        cause="The schema was changed after the last push, or someone changed the tables by hand.",
        blame=Blame.YOU,
        hint=migration_hint(evidence)
        or "Run `soundcheck setup`: the step Database shows what a push would do before it does it.",
    )


def _listed(names: Sequence[str], most: int = 11) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
