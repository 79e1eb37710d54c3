"""What the server says of itself, in one query over the probe's own connection, asked once a run for several checks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.checks.check import Context
from soundcheck.checks.database.failures import FAILURES, LATER
from soundcheck.checks.database.layers import database_probe, judge_failure, uses_local_database
from soundcheck.checks.evidence import from_json
from soundcheck.checks.explanation import Explanations, Judgement
from soundcheck.checks.finding import Json
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.layer import LayerError
from soundcheck.stores.probe.postgres import PostgresProbe, ProbeDeadlines

_STATE: Final = """
select current_user as role,
       (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as superuser,
       coalesce(pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace(pg_catalog.quote_ident(%s))::oid, 'CREATE'),
                pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')) as may_create,
       pg_catalog.current_setting('default_transaction_read_only') = 'on'
           or pg_catalog.pg_is_in_recovery() as read_only,
       pg_catalog.current_setting('max_connections')::int as max_connections,
       pg_catalog.current_setting('superuser_reserved_connections')::int
           + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) as reserved,
       (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend') as connections,
       pg_catalog.pg_database_size(pg_catalog.current_database()) as bytes,
       extract(epoch from pg_catalog.clock_timestamp())::float8 as server_time,
       extract(epoch from greatest(
           pg_catalog.pg_postmaster_start_time(),
           (select stats_reset from pg_catalog.pg_stat_database where datname = pg_catalog.current_database())
       ))::float8 as counted_since,
       (select coalesce(array_agg(case when n.nspname = %s then c.relname else n.nspname || '.' || c.relname end
                                  order by n.nspname, c.relname), '{}')
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e')) as tables,
       (select coalesce(json_agg(json_build_object(
                   'table', case when n.nspname = %s then c.relname else n.nspname || '.' || c.relname end,
                   'columns', (select json_agg(a.attname order by k.place)
                                 from unnest(x.indkey::int2[]) with ordinality as k (number, place)
                                 join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
                                where k.place <= x.indnkeyatts),
                   'name', i.relname,
                   'quoted', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(i.relname),
                   'unique', x.indisunique,
                   'valid', x.indisvalid and x.indisready,
                   'scans', coalesce(s.idx_scan, 0),
                   'rows', greatest(c.reltuples, 0)::int8)), '[]')
          from pg_catalog.pg_index x
          join pg_catalog.pg_class c on c.oid = x.indrelid
          join pg_catalog.pg_class i on i.oid = x.indexrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          left join pg_catalog.pg_stat_all_indexes s on s.indexrelid = i.oid
         where not x.indisprimary and x.indpred is null and x.indexprs is null
           and c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname !~ '^pg_' and n.nspname <> 'information_schema') as indexes
"""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The one query's row without its lists, and what the judgements need of the URL.

    Times are seconds since 1970, `our_time` is in the middle of the question. Where the query failed there are
    `status`, `code` and `text` instead of the row.
    """

    endpoint: str = ""
    host: str = ""
    user: str = ""
    database: str = ""
    neon: bool = False
    pooled: bool = False
    local: bool = False
    connection_limit: str | None = None
    schema: str = ""
    status: str = ""
    code: str | None = None
    text: str | None = None
    role: str | None = None
    superuser: bool = False
    may_create: bool = False
    read_only: bool = False
    max_connections: int | None = None
    reserved: int | None = None
    connections: int | None = None
    bytes: int | None = None
    server_time: float | None = None
    counted_since: float | None = None
    our_time: float | None = None
    took_ms: float | None = None

    @property
    def failed(self) -> Judgement | None:
        """Why there is no row, None where there is one."""
        if self.status == "ok":
            return None
        return judge_failure(self.code or "", self, neon=self.neon, local=self.local)


def state_endings(rows: Explanations) -> tuple[str, ...]:
    """What a check of the state can end with: its own rows, and what a query can fail with."""
    return tuple(code for code in rows if code not in FAILURES or code in LATER)


@dataclass(frozen=True, slots=True)
class Asked:
    """The state, and the lists of the same row, which are large: each check keeps what it judges of them."""

    state: ServerFacts
    tables: tuple[str, ...] = ()
    indexes: tuple[Mapping[str, Any], ...] = ()


def default_schema(url: PostgresUrl) -> str:
    """The schema that tables are named without: the one of the address, else `public`."""
    return url.param("schema") or "public"


async def server_state(context: Context, deadlines: ProbeDeadlines) -> Asked:
    """What the server says, asked once a run."""
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
        "schema": default_schema(url),
    }
    try:
        row = await asyncio.shield(asked)
    except LayerError as failure:
        problem = {"status": "failed", "code": failure.code, "text": failure.text}
        return Asked(from_json(ServerFacts, {**common, **problem}))
    state = from_json(ServerFacts, {**common, "status": "ok", **row})
    return Asked(state, tuple(row["tables"]), tuple(row["indexes"]))


def _ask(context: Context, probe: PostgresProbe) -> asyncio.Task[Mapping[str, Any]]:
    schema = default_schema(probe.url)
    task = asyncio.create_task(_timed(context, probe, schema), name="database state")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    context.at_end(end)
    return task


async def _timed(context: Context, probe: PostgresProbe, schema: str) -> Mapping[str, Any]:
    clock = context.services.clock
    wall, started = clock.now().timestamp(), clock.monotonic()
    row = await probe.fetch_one(_STATE, (schema, schema, schema))
    took = clock.monotonic() - started
    return {**row, "our_time": wall + took / 2, "took_ms": round(took * 1000, 1)}
