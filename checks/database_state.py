"""What the database is like once a query is answered: the role's rights, connections, storage, and what tables it has.

All of it comes from one query over the probe's own connection, asked once a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from checks.check import Check, Context, Group
from checks.database_layers import database_probe, judge_failure
from checks.evidence import flag, number, text
from checks.finding import Blame, Evidence, Finding, Json, fail, ok, warn
from checks.local_use import uses_local_database
from stores.probe.layer import LayerError
from stores.probe.postgres import PostgresProbe, ProbeDeadlines

FREE_BYTES: Final = 512 * 1024 * 1024
"""What the free plan of Neon holds (neon.com/docs, plans: 0.5 GB for each project)."""

_ALMOST: Final = 0.8

_STATE: Final = """
select current_user as role,
       (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as superuser,
       coalesce(pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace(%s)::oid, 'CREATE'),
                pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')) as may_create,
       pg_catalog.current_setting('default_transaction_read_only') = 'on'
           or pg_catalog.pg_is_in_recovery() as read_only,
       pg_catalog.current_setting('max_connections')::int as max_connections,
       pg_catalog.current_setting('superuser_reserved_connections')::int
           + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) as reserved,
       (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend') as connections,
       pg_catalog.pg_database_size(pg_catalog.current_database()) as bytes,
       (select coalesce(array_agg(case when n.nspname = %s then c.relname else n.nspname || '.' || c.relname end
                                  order by n.nspname, c.relname), '{}')
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e')) as tables
"""


def database_state_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.role` and `database.limits`."""

    async def collect(context: Context) -> Evidence:
        return await server_state(context, deadlines)

    seconds, rests_on = deadlines.query + 1, ("database.query",)
    return (
        Check("database.role", Group.DATABASE, "the role may create tables", collect, judge_role, rests_on, seconds),
        Check("database.limits", Group.DATABASE, "there is room left", collect, judge_limits, rests_on, seconds),
    )


async def server_state(context: Context, deadlines: ProbeDeadlines) -> dict[str, Json]:
    """The one query's row, asked once a run, with what the judgements need of the URL."""
    probe = database_probe(context, deadlines)
    asked = context.share("database state", lambda: _ask(context, probe))
    url = probe.url
    common: dict[str, Json] = {
        "endpoint": url.endpoint,
        "host": url.host,
        "user": url.user,
        "database": url.database,
        "neon": url.is_neon,
        "pooled": url.is_pooled,
        "local": uses_local_database(context),
        "connection_limit": url.param("connection_limit"),
    }
    try:
        return {**common, "status": "ok", **await asyncio.shield(asked)}
    except LayerError as failure:
        return {**common, "status": "failed", "code": failure.code, "text": failure.text}


def _ask(context: Context, probe: PostgresProbe) -> asyncio.Task[Mapping[str, Any]]:
    schema = probe.url.param("schema") or "public"
    task = asyncio.create_task(probe.fetch_one(_STATE, (schema, schema)), name="database state")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    context.at_end(end)
    return task


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
        )
    return ok(summary)
