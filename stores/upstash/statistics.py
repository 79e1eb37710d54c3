"""What the cache is doing, out of one INFO a look: the hit rate of the interval, not of the server's whole life.

Every look is one billed command, so a look is one INFO and nothing else. INFO of Upstash and of Valkey differ in their
fields, and counters may start again at zero: nothing is taken for granted.

The text of Redis' INFO as fields, whoever sent it: Redis, Valkey, Upstash, or our gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from soundcheck.stores.clock import Clock
from soundcheck.stores.upstash.own_reads import ReadTally
from soundcheck.stores.upstash.reply import Reply


def read_info(text: str) -> dict[str, str]:
    """The `name:value` lines; headings and whatever else stands in it are passed over."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[name.strip()] = value.strip()
    return fields


def server_identity(fields: Mapping[str, str]) -> tuple[str, str, bool]:
    """Name, version, and whether it is Upstash itself: our local gateway has Valkey's version beside Upstash's."""
    if valkey := fields.get("valkey_version"):
        return "Valkey", valkey, False
    if upstash := fields.get("upstash_version"):
        return "Upstash", upstash, True
    return "Redis", fields.get("redis_version", ""), False


_MAX_DIGITS: Final = 20


class CacheClient(Protocol):
    """What the meter needs of a client: commands, and the count of our own."""

    @property
    def tally(self) -> ReadTally:
        """Our own commands, hits and misses so far."""
        ...

    async def command(self, *arguments: str) -> Reply:
        """Run one command; never raises for an expected failure."""
        ...


@dataclass(frozen=True, slots=True)
class CacheSnapshot:
    """One look at the cache. What the server does not tell is None.

    `hit_rate` (0 to 1), `hits`, `misses` and `operations_per_second` are of the time since the last look, less our own
    commands; they are None at the first look, after a restart of the server, and `hit_rate` also where nobody read.
    `interval` is that time in seconds. Sizes are bytes; `max_memory` is None where there is no limit. `evicted` and
    `expired` count since the server's start. `latency_ms` is the time of our own call. `commands_used` is all that
    this process has sent.
    """

    hit_rate: float | None
    hits: int | None
    misses: int | None
    operations_per_second: float | None
    interval: float | None
    keys: int | None
    used_memory: int | None
    max_memory: int | None
    evicted: int | None
    expired: int | None
    latency_ms: float
    commands_used: int
    server: str
    version: str
    is_upstash: bool
    policy: str = ""
    """What happens when it is full: `noeviction` refuses writes; "" where it is not told."""


@dataclass(frozen=True, slots=True)
class CacheUnavailable:
    """No look was possible. `reason` is one plain sentence; the next look starts a new interval."""

    reason: str
    latency_ms: float
    commands_used: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """Counters at one moment: the server's, and our own share of them."""

    at: float
    hits: int | None
    misses: int | None
    commands: int | None
    uptime: int | None
    own_hits: int
    own_misses: int
    own_commands: int


class CacheMeter:
    """Takes looks at one cache, and remembers the last one to tell what changed."""

    def __init__(self, client: CacheClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._last: _Mark | None = None

    async def read(self) -> CacheSnapshot | CacheUnavailable:
        """One look: exactly one command."""
        tally = self._client.tally
        own = (tally.hits, tally.misses, tally.commands)
        reply = await self._client.command("INFO")
        if not reply.ok or not isinstance(reply.value, str):
            self._last = None
            return CacheUnavailable(reply.error or "it did not answer INFO", reply.elapsed_ms, tally.commands)
        fields = read_info(reply.value)
        mark = _Mark(
            self._clock.monotonic(),
            _count(fields, "keyspace_hits"),
            _count(fields, "keyspace_misses"),
            _count(fields, "total_commands_processed"),
            _count(fields, "uptime_in_seconds"),
            *own,
        )
        last, self._last = self._last, mark
        return _snapshot(fields, last, mark, reply.elapsed_ms, tally.commands)


def _snapshot(
    fields: Mapping[str, str], last: _Mark | None, mark: _Mark, latency_ms: float, commands_used: int
) -> CacheSnapshot:
    hits = misses = None
    rate = operations = interval = None
    if last is not None and not _restarted(last, mark):
        interval = max(mark.at - last.at, 0.0)
        hits = _change(last.hits, mark.hits, mark.own_hits - last.own_hits)
        misses = _change(last.misses, mark.misses, mark.own_misses - last.own_misses)
        if hits is not None and misses is not None and hits + misses > 0:
            rate = hits / (hits + misses)
        done = _change(last.commands, mark.commands, mark.own_commands - last.own_commands)
        if done is not None and interval > 0:
            operations = done / interval
    server, version, is_upstash = server_identity(fields)
    return CacheSnapshot(
        hit_rate=rate,
        hits=hits,
        misses=misses,
        operations_per_second=operations,
        interval=interval,
        keys=_keys(fields),
        used_memory=_first(fields, "total_data_size" if is_upstash else "used_memory", "used_memory"),
        max_memory=_first(fields, "max_data_size" if is_upstash else "maxmemory", "maxmemory") or None,
        evicted=_count(fields, "evicted_keys"),
        expired=_count(fields, "expired_keys"),
        latency_ms=latency_ms,
        commands_used=commands_used,
        server=server,
        version=version,
        is_upstash=is_upstash,
        policy=fields.get("maxmemory_policy", "")[:40],
    )


def _restarted(last: _Mark, mark: _Mark) -> bool:
    """Whether a counter went backwards, which says that the two looks do not belong to the same life."""
    pairs = (
        (last.hits, mark.hits),
        (last.misses, mark.misses),
        (last.commands, mark.commands),
        (last.uptime, mark.uptime),
    )
    return any(before is not None and after is not None and after < before for before, after in pairs)


def _change(before: int | None, after: int | None, own: int) -> int | None:
    """What others did: the counter's growth less our own share, never below zero."""
    return None if before is None or after is None else max(after - before - own, 0)


def _count(fields: Mapping[str, str], name: str) -> int | None:
    value = fields.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < _MAX_DIGITS else None


def _first(fields: Mapping[str, str], *names: str) -> int | None:
    return next((count for name in names if (count := _count(fields, name)) is not None), None)


def _keys(fields: Mapping[str, str]) -> int | None:
    """`total_keys`, else the sum over `dbN:keys=…`; a server with an empty keyspace section has none."""
    total = _count(fields, "total_keys")
    if total is not None:
        return total
    parts = [
        _count(dict(part.partition("=")[::2] for part in value.split(",")), "keys")
        for name, value in fields.items()
        if name.startswith("db") and name[2:].isdigit()
    ]
    if parts or "keyspace_hits" in fields:
        return sum(part or 0 for part in parts)
    return None
