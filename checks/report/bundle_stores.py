"""What a bundle says of the two stores: times, structure, statistics. Reads structure and counters, never a value."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from soundcheck.checks.database.tables import DriftEvidence, TablesEvidence
from soundcheck.checks.evidence import from_json
from soundcheck.checks.finding import Json, Status
from soundcheck.checks.run import Report
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.services import Services

BOUNDS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Upper ends of the parts of a histogram; the last part has none."""

DATABASE_TRIPS: Final = 30
CACHE_TRIPS: Final = 20
"""Each is one billed command."""

_SECONDS: Final = 8.0
_KEYS_SHOWN: Final = 200


async def latency_part(report: Report, services: Services) -> Json:
    """Histograms: of the checks of the run, and of a few round trips to each store that answered."""
    checks: Json = [
        {"check": o.check.id, "ms": o.duration_ms, "layer_ms": o.evidence.get("elapsed_ms")} for o in report.outcomes
    ]
    answered = {o.check.id for o in report.outcomes if o.finding.passes}
    database, cache = services.database, services.cache
    trips: dict[str, Json] = {}
    if database is not None and "database.query" in answered:

        async def query() -> float:
            return (await database.fetch("SELECT 1", timeout=5.0)).elapsed_ms

        trips["database"] = histogram(await _measure(query, DATABASE_TRIPS))
    if cache is not None and "cache.ping" in answered:

        async def ping() -> float:
            reply = await cache.command("PING")
            if not reply.ok:
                raise SoundcheckError("it stopped answering")
            return reply.elapsed_ms

        trips["cache"] = histogram(await _measure(ping, CACHE_TRIPS))
    times = [o.duration_ms for o in report.outcomes if o.finding.status is not Status.SKIP]
    return {"run_ms": report.duration_ms, "checks": checks, "all_checks": histogram(times), "round_trips": trips}


def histogram(times: Sequence[float]) -> Json:
    """Counts by upper bound in milliseconds, and the quantiles. Pure."""
    ordered = sorted(times)
    counts: list[Json] = []
    below = 0
    for bound in BOUNDS_MS:
        upto = sum(time <= bound for time in ordered)
        counts.append({"up_to_ms": bound, "count": upto - below})
        below = upto
    counts.append({"up_to_ms": None, "count": len(ordered) - below})
    return {
        "count": len(ordered),
        "p50_ms": _quantile(ordered, 0.5),
        "p95_ms": _quantile(ordered, 0.95),
        "max_ms": round(ordered[-1], 2) if ordered else None,
        "parts": counts,
    }


def _quantile(ordered: Sequence[float], part: float) -> float | None:
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2) if ordered else None


async def _measure(once: Callable[[], Awaitable[float]], count: int) -> list[float]:
    """Times of `count` calls one after another; fewer where the time is up or one fails. The first one opens."""
    times: list[float] = []
    try:
        async with asyncio.timeout(_SECONDS):
            for number in range(count + 1):
                took = await once()
                if number:
                    times.append(took)
    except (TimeoutError, SoundcheckError):
        pass
    return times


async def database_part(report: Report, services: Services) -> Json:
    """The tables as they are, and how they differ from the schema. No row, no default, no comment."""
    from soundcheck.stores.catalog.tables import load_catalog

    facts = {outcome.check.id: outcome for outcome in report.outcomes}
    drift, wanted = facts.get("database.drift"), facts.get("database.tables")
    told: dict[str, Json] = {
        "differences": list(from_json(DriftEvidence, drift.evidence).differences) if drift else [],
        "drift": drift.finding.status.value if drift else None,
        "expected": list(from_json(TablesEvidence, wanted.evidence).expected) if wanted else [],
    }
    query = facts.get("database.query")
    if services.database is None or query is None or not query.finding.passes:
        return {**told, "tables": None, "problem": "the database did not answer in this run"}
    try:
        async with asyncio.timeout(_SECONDS):
            catalog = await load_catalog(services.database)
    except (SoundcheckError, TimeoutError) as problem:
        return {**told, "tables": None, "problem": getattr(problem, "message", "no answer in time")}
    tables: list[Json] = [
        {
            "table": catalog.label(table),
            "kind": table.kind.value,
            "rows": str(table.rows),
            "bytes": table.total_bytes,
            "primary_key": list(table.primary_key),
            "columns": [{"column": c.name, "type": c.type, "nullable": c.nullable} for c in table.all_columns],
            "indexes": [
                {"index": i.name, "unique": i.unique, "columns": [c.name for c in i.columns]} for i in table.indexes
            ],
        }
        for table in catalog
    ]
    return {**told, "tables": tables, "problem": None}


async def cache_part(report: Report, services: Services) -> Json:
    """The server's counters, and the names of some keys with all that is a person's hashed. Two billed commands.

    The key of the hash is made here and thrown away: equal terms look equal in one bundle, and nothing can be
    tried against it.
    """
    from soundcheck.stores.upstash.statistics import CacheMeter, CacheUnavailable

    answered = {o.check.id for o in report.outcomes if o.finding.passes}
    cache = services.cache
    if cache is None or "cache.ping" not in answered:
        return {"available": False, "problem": "the cache did not answer in this run"}
    seen = await CacheMeter(cache, services.clock).read()
    if isinstance(seen, CacheUnavailable):
        return {"available": False, "problem": seen.reason}
    reply = await cache.command("SCAN", "0", "COUNT", 1000)
    page = reply.value if reply.ok and isinstance(reply.value, list) else []
    keys = page[1] if len(page) == 2 and isinstance(page[1], list) else []
    salt = secrets.token_bytes(16)
    hashed = [hashed_key(str(key), salt) for key in keys]
    kinds = Counter(name.partition("#")[0].rstrip(":") or "other" for name in hashed)
    return {
        "available": True,
        "server": f"{seen.server} {seen.version}",
        "keys": seen.keys,
        "used_memory_bytes": seen.used_memory,
        "max_memory_bytes": seen.max_memory,
        "evicted": seen.evicted,
        "expired": seen.expired,
        "latency_ms": seen.latency_ms,
        "sample": {
            "keys": len(keys),
            "by_kind": [{"begins": kind, "count": count} for kind, count in sorted(kinds.items())],
            "names": sorted(hashed)[:_KEYS_SHOWN],
        },
    }


def hashed_key(key: str, salt: bytes) -> str:
    """A key of the cache with every part hashed that the plan of keys does not spell out. Pure.

    `user:42:library` becomes `user:#1f3a9c02:library`, `search:love songs` becomes `search:#77ab01ce`.
    """
    from soundcheck.stores.keys import KEY_PLAN

    for rule in sorted(KEY_PLAN, key=lambda rule: -len(rule.pattern)):
        head, _, rest = rule.pattern.partition("{")
        tail = rest.partition("}")[2]
        if key.startswith(head) and key.endswith(tail) and len(key) > len(head) + len(tail):
            return f"{head}#{_hash(key[len(head) : len(key) - len(tail)], salt)}{tail}"
    return f"#{_hash(key, salt)}"


def _hash(value: str, salt: bytes) -> str:
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=salt, digest_size=4).hexdigest()
