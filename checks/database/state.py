"""What the role may do, and how much room is left: connections and storage."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database import findings
from soundcheck.checks.database.facts import ServerFacts, server_state, state_endings
from soundcheck.checks.database.findings import FREE_BYTES
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.stores.probe.postgres import ProbeDeadlines

_ALMOST: Final = 0.8


def database_state_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.role` and `database.limits`."""

    async def collect(context: Context) -> ServerFacts:
        return (await server_state(context, deadlines)).state

    group, seconds, after = Group.DATABASE, deadlines.query + 1, ("database.query",)
    return (
        ROLE.check("database.role", group, "the role may create tables", collect, after, seconds),
        LIMITS.check("database.limits", group, "there is room left", collect, after, seconds),
    )


def judge_role(evidence: ServerFacts) -> Judgement:
    """`database.role`."""
    role = evidence.role or ""
    if evidence.failed:
        return evidence.failed
    if evidence.read_only:
        return said("read_only", role=role)
    if not evidence.may_create:
        return said("may_not_create", role=role)
    return said("superuser" if evidence.superuser and not evidence.local else "may_create", role=role)


ROLE: Final = Judging(ServerFacts, judge_role, findings.ROLE, state_endings(findings.ROLE))


def judge_limits(evidence: ServerFacts) -> Judgement:
    """`database.limits`: connections, and storage against the free plan."""
    if evidence.failed:
        return evidence.failed
    usable = (evidence.max_connections or 0) - (evidence.reserved or 0)
    used, size, limit = evidence.connections or 0, evidence.bytes or 0, evidence.connection_limit or ""
    fixes = None if evidence.neon else ()  # elsewhere nobody knows the pooler's address
    if limit.isdigit() and int(limit) > usable and not evidence.pooled:
        return said("limit_too_high", limit=limit, usable=usable, fixes=fixes)
    if evidence.neon and size > _ALMOST * FREE_BYTES:
        return said("nearly_full", megabytes=size / 1_000_000)
    code = "nearly_all_taken" if used > _ALMOST * usable and not evidence.pooled else "room"
    return said(code, used=used, usable=usable, megabytes=size / 1_000_000, fixes=fixes)


LIMITS: Final = Judging(ServerFacts, judge_limits, findings.LIMITS, state_endings(findings.LIMITS))
