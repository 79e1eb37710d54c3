"""The indexes of the schema: there, usable, and used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database import findings
from soundcheck.checks.database.facts import ServerFacts, server_state, state_endings
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.schema_engine import Migrations, migrations_of
from soundcheck.stores.probe.postgres import ProbeDeadlines

MANY_ROWS: Final = 10_000
"""Below this the server reads the table itself, so an index without use says nothing."""

LONG_ENOUGH: Final = 7 * 86_400
"""Seconds for which uses must have been counted before "never used" is said."""

_UNNAMED: Final = "NAME"
"""In a command, where older evidence does not name the index."""


def index_check(deadlines: ProbeDeadlines) -> Check:
    """`database.indexes`, out of the one query that other checks share."""

    async def collect(context: Context) -> IndexesEvidence:
        return await _indexes(context, deadlines)

    title, after = "the indexes of the schema are there", ("database.tables",)
    return INDEXES.check("database.indexes", Group.DATABASE, title, collect, after, deadlines.query + 1)


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """One index: as the schema has it (`table (columns)`), its own name quoted for psql, and how it is used."""

    index: str = ""
    name: str = ""
    valid: bool = False
    unique: bool = False
    scans: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class IndexesEvidence:
    """The indexes that the schema describes, and those that are there on its tables."""

    state: ServerFacts = field(default_factory=ServerFacts, metadata=SPREAD)
    migrations: Migrations = field(default_factory=Migrations, metadata=SPREAD)
    expected: tuple[str, ...] = ()
    there: tuple[IndexFacts, ...] = ()


async def _indexes(context: Context, deadlines: ProbeDeadlines) -> IndexesEvidence:
    from soundcheck.stores.prisma.models import expected_indexes
    from soundcheck.stores.prisma.schema_text import schema_in_use

    asked = await server_state(context, deadlines)
    schema = schema_in_use(context.services.project)
    wanted = expected_indexes(schema, asked.state.schema)
    tables = {index.table for index in wanted}
    return IndexesEvidence(
        asked.state,
        migrations_of(schema),
        tuple(str(index) for index in wanted),
        tuple(_told(row) for row in asked.indexes if row["table"] in tables),
    )


def _told(row: Mapping[str, Any]) -> IndexFacts:
    return IndexFacts(
        index=f"{row['table']} ({', '.join(row['columns'] or ())})",
        name=row["quoted"],
        valid=row["valid"],
        unique=row["unique"],
        scans=row["scans"],
        rows=row["rows"],
    )


def judge_indexes(evidence: IndexesEvidence) -> Judgement:
    """`database.indexes`: a missing or broken one is a warning, and so is one that large tables never used."""
    expected, there, state, migrations = evidence.expected, evidence.there, evidence.state, evidence.migrations
    if state.failed:
        return state.failed
    usable = {one.index for one in there if one.valid}
    broken = tuple(one.index for one in there if not one.valid and one.index not in usable)
    missing = tuple(name for name in expected if name not in usable and name not in broken)
    if missing:
        return said(
            "not_migrated" if migrations.migrations else "missing",
            count=len(missing),
            expected=len(expected),
            indexes=missing,
            deploy=migrations.deploy,
            develop=migrations.develop,
        )
    if broken:
        return said("invalid", count=len(broken), indexes=broken, name=_name(there, broken[0]))
    counted = (state.our_time or 0.0) - state.counted_since if state.counted_since is not None else 0.0
    unused = tuple(
        one.index
        for one in there
        if one.index in expected and not one.unique and one.scans == 0 and (one.rows or 0) >= MANY_ROWS
    )
    if unused and counted >= LONG_ENOUGH:
        days = counted / 86_400
        return said("unused", count=len(unused), days=days, indexes=unused, name=_name(there, unused[0]))
    return said("there" if expected else "none", count=len(expected))


def _name(there: Sequence[IndexFacts], index: str) -> str:
    """The index's own name, quoted for psql; a placeholder where older evidence has none."""
    return next((one.name for one in there if one.index == index), "") or _UNNAMED


INDEXES: Final = Judging(IndexesEvidence, judge_indexes, findings.INDEXES, state_endings(findings.INDEXES))
