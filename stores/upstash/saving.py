"""What the cache saves for one row: the same value read some times from each store, in turn."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from soundcheck.stores.errors import StepFailed

if TYPE_CHECKING:
    from soundcheck.stores.upstash.rest import RestClient

TIMES: Final = 20
"""Reads of each store: 20 Redis commands and 20 queries."""


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of whole reads in milliseconds, as this machine sees them."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Saving:
    """`was_cached` says whether every read of the cache found a value: a miss is answered sooner than a hit."""

    cache: Times
    database: Times
    number: int
    was_cached: bool


async def measure_saving(
    cache: RestClient, key: str, read_row: Callable[[], Awaitable[object]], number: int = TIMES
) -> Saving:
    """Read the key and the row in turn, so that a slow moment hits both. One read of each goes uncounted before.

    Raises `StepFailed` where the cache does not answer, and what `read_row` raises.
    """
    from_cache, from_database, found = [], [], True
    for turn in range(number + 1):
        reply = await cache.command("GET", key)
        if not reply.ok:
            raise StepFailed(f"The cache does not answer: {reply.error}", "Run `soundcheck doctor --only cache`.")
        started = perf_counter()
        await read_row()
        if turn:
            from_database.append((perf_counter() - started) * 1000)
            from_cache.append(reply.elapsed_ms)
            found = found and reply.value is not None
    return Saving(times_of(from_cache), times_of(from_database), number, found)


def commands_of(number: int = TIMES) -> int:
    """Redis commands that a measurement costs; as many queries go to the database."""
    return number + 1


def times_of(values: Sequence[float]) -> Times:
    """Median and 95th percentile by nearest rank."""
    ordered = sorted(values)
    rank = [ordered[max(0, math.ceil(len(ordered) * share) - 1)] for share in (0.5, 0.95)]
    return Times(*rank)
