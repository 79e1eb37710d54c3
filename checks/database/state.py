"""What the role may do, and how much room is left: connections and storage."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.facts import server_state
from soundcheck.checks.database.layers import judge_failure
from soundcheck.checks.finding import Blame, Evidence, Finding, fail, flag, number, ok, text, warn
from soundcheck.checks.fixes import POOL
from soundcheck.stores.probe.postgres import ProbeDeadlines

FREE_BYTES: Final = 512 * 1024 * 1024
"""What the free plan of Neon holds (neon.com/docs, plans: 0.5 GB for each project)."""

_ALMOST: Final = 0.8


def database_state_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.role` and `database.limits`."""

    async def collect(context: Context) -> Evidence:
        return await server_state(context, deadlines)

    seconds, rests_on = deadlines.query + 1, ("database.query",)
    return (
        Check("database.role", Group.DATABASE, "the role may create tables", collect, judge_role, rests_on, seconds),
        Check("database.limits", Group.DATABASE, "there is room left", collect, judge_limits, rests_on, seconds),
    )


def judge_role(evidence: Evidence) -> Finding:
    """`database.role`."""
    if text(evidence, "status") != "ok":
        return judge_failure(evidence)
    role = text(evidence, "role")
    if flag(evidence, "read_only"):
        return fail(
            f"{role} can only read here.",
            cause="The server is a read replica, or the role is set to read-only.",
            blame=Blame.YOU,
            hint="Use the address of the primary compute, and a role that may write.",
        )
    if not flag(evidence, "may_create"):
        return fail(
            f"{role} may not create tables.",
            cause="The role lacks the CREATE right on the schema, so push would be refused.",
            blame=Blame.YOU,
            hint="Use the role that owns the database (neondb_owner at Neon), or have CREATE granted.",
        )
    if flag(evidence, "superuser") and not flag(evidence, "local"):
        return warn(
            f"{role} is a superuser.",
            cause="An application that connects as a superuser can break the whole server.",
            blame=Blame.YOU,
            hint="Create a role of its own for the application.",
        )
    return ok(f"{role} may create tables.")


def judge_limits(evidence: Evidence) -> Finding:
    """`database.limits`: connections, and storage against the free plan."""
    if text(evidence, "status") != "ok":
        return judge_failure(evidence)
    usable = int((number(evidence, "max_connections") or 0) - (number(evidence, "reserved") or 0))
    used, size = number(evidence, "connections") or 0, number(evidence, "bytes") or 0
    summary = f"{used:.0f} of {usable} connections in use, {size / 1_000_000:.0f} MB stored."
    limit = text(evidence, "connection_limit")
    if limit.isdigit() and int(limit) > usable and not flag(evidence, "pooled"):
        return warn(
            f"connection_limit={limit} is more than the {usable} connections this server gives.",
            cause="Without the pooler each connection of the application is one of the server's.",
            blame=Blame.YOU,
            hint="Use the pooled address (with -pooler), or lower connection_limit.",
            fixes=(POOL,) if flag(evidence, "neon") else (),
        )
    if flag(evidence, "neon") and size > _ALMOST * FREE_BYTES:
        return warn(
            f"{size / 1_000_000:.0f} MB are stored; Neon's free plan holds {FREE_BYTES / 1_000_000:.0f} MB.",
            cause="A full project refuses every write.",
            blame=Blame.YOU,
            hint="Delete what you do not need (`soundcheck seed --remove` for sample data), or upgrade the plan.",
        )
    if used > _ALMOST * usable and not flag(evidence, "pooled"):
        return warn(
            summary,
            cause="Nearly all connections are taken.",
            blame=Blame.YOU,
            hint="Stop idle programs, or use the pooled address.",
            fixes=(POOL,) if flag(evidence, "neon") else (),
        )
    return ok(summary)
