"""The indexes of the schema: there, usable, and used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.facts import server_state
from soundcheck.checks.database.layers import judge_failure
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, flag, number, ok, text, texts, warn
from soundcheck.checks.fixes import PUSH_TABLES
from soundcheck.checks.schema_engine import migration_evidence, migration_hint
from soundcheck.stores.probe.postgres import ProbeDeadlines

MANY_ROWS: Final = 10_000
"""Below this the server reads the table itself, so an index without use says nothing."""

LONG_ENOUGH: Final = 7 * 86_400
"""Seconds for which uses must have been counted before "never used" is said."""


def index_check(deadlines: ProbeDeadlines) -> Check:
    """`database.indexes`, out of the one query that other checks share."""

    async def collect(context: Context) -> Evidence:
        return await _indexes(context, deadlines)

    title = "the indexes of the schema are there"
    rests_on = ("database.tables",)
    return Check("database.indexes", Group.DATABASE, title, collect, judge_indexes, rests_on, deadlines.query + 1)


async def _indexes(context: Context, deadlines: ProbeDeadlines) -> Evidence:
    from soundcheck.stores.prisma.models import expected_indexes
    from soundcheck.stores.prisma.schema_text import schema_in_use

    evidence = await server_state(context, deadlines, bulky=True)
    schema = schema_in_use(context.services.project)
    wanted = expected_indexes(schema, text(evidence, "schema"))
    tables = {index.table for index in wanted}
    there = evidence.pop("indexes", [])
    evidence.pop("tables", None)
    evidence["expected"] = [str(index) for index in wanted]
    evidence["there"] = [_told(row) for row in _rows(there) if row.get("table") in tables]
    return evidence | migration_evidence(schema)


def _told(row: Evidence) -> dict[str, Json]:
    columns = row.get("columns")
    names = ", ".join(map(str, columns)) if isinstance(columns, list) else ""
    return {
        "index": f"{text(row, 'table')} ({names})",
        "name": text(row, "quoted"),
        "valid": flag(row, "valid"),
        "unique": flag(row, "unique"),
        "scans": number(row, "scans"),
        "rows": number(row, "rows"),
    }


def judge_indexes(evidence: Evidence) -> Finding:
    """`database.indexes`: a missing or broken one is a warning, and so is one that large tables never used."""
    if text(evidence, "status") != "ok":
        return judge_failure(evidence)
    expected, there = texts(evidence, "expected"), _rows(evidence.get("there"))
    usable = {text(row, "index") for row in there if flag(row, "valid")}
    broken = [text(row, "index") for row in there if not flag(row, "valid") and text(row, "index") not in usable]
    missing = [name for name in expected if name not in usable and name not in broken]
    if missing:
        return warn(
            f"{_count(missing)} of the schema's {len(expected)} {_is(missing)} missing: {_listed(missing)}.",
            cause="Without it the server reads the whole table for a page that should take milliseconds.",
            blame=Blame.YOU,
            hint=migration_hint(evidence)
            or "Run `soundcheck setup`: the step Database shows what a push would add, and adds it.",
            fixes=() if flag(evidence, "migrations") else (PUSH_TABLES,),
        )
    if broken:
        return warn(
            f"{_count(broken)} cannot be used: {_listed(broken)}.",
            cause="A CREATE INDEX CONCURRENTLY was interrupted; the server keeps such an index up and never reads it.",
            blame=Blame.YOU,
            hint=f"Type in psql: REINDEX INDEX CONCURRENTLY {_name(there, broken[0])};",
        )
    since = number(evidence, "counted_since")
    counted = (number(evidence, "our_time") or 0) - since if since is not None else 0.0
    unused = [
        text(row, "index")
        for row in there
        if text(row, "index") in expected
        and not flag(row, "unique")
        and number(row, "scans") == 0
        and (number(row, "rows") or 0) >= MANY_ROWS
    ]
    if unused and counted >= LONG_ENOUGH:
        return warn(
            f"{_count(unused)} not used in {counted / 86_400:.0f} days: {_listed(unused)}.",
            cause="Every write keeps it up, and no query has read it since the server began to count.",
            blame=Blame.YOU,
            hint="If no query of the backend needs it, remove its @@index from the schema and type in psql:"
            f" DROP INDEX {_name(there, unused[0])};",
        )
    return ok(f"{_count(expected)} of the schema, all there." if expected else "The schema asks for no index.")


def _name(there: Sequence[Evidence], index: str) -> str:
    """The index's own name, quoted for psql; a placeholder where older evidence has none."""
    return next((text(row, "name") for row in there if text(row, "index") == index), "") or "NAME"


def _rows(value: object) -> list[Evidence]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [row for row in value if isinstance(row, Mapping)]


def _count(names: Sequence[str]) -> str:
    return "1 index" if len(names) == 1 else f"{len(names)} indexes"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: Sequence[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + more
