"""Which way to L2 is faster from here: each is tried a few times, the better one is taken, and why is told."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import Fault, LevelFault, SharedLevel
from soundcheck.stores.resolver import Resolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

SAMPLES: Final = 5
"""Measured commands a level, after one that opens the connection: six billed commands for each."""

DEADLINE: Final = 2.0
"""Seconds for one command. A port that a firewall swallows costs this once."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One way and its median round trip in milliseconds, None where it does not work; then `fault` says why."""

    name: str
    median_ms: float | None
    commands: int
    fault: LevelFault | None = None


@dataclass(frozen=True, slots=True)
class FastestWay:
    """The way that was taken (empty where none works), all that was measured, and the reason in one sentence."""

    name: str
    measured: tuple[Measured, ...]
    reason: str

    @property
    def commands(self) -> int:
        """Commands that the measuring cost."""
        return sum(way.commands for way in self.measured)


def ways(
    url: RestUrl, token: Secret, address: RespAddress | None = None, *, resolver: Resolver | None = None
) -> tuple[SharedLevel, ...]:
    """What there is to measure, REST first. Without an `address` Upstash's own is tried; on loopback there is none."""
    rest = RestLevel(url, token, resolver=resolver)
    if address is None and url.is_loopback:
        return (rest,)
    return (rest, RespLevel(address or RespAddress.beside(url, token), resolver=resolver))


async def fastest(
    levels: Sequence[SharedLevel], *, samples: int = SAMPLES, deadline: float = DEADLINE
) -> tuple[SharedLevel, FastestWay]:
    """The level to use and why; the others are closed. Where none works the first is kept: it may come back.

    Connections are opened beside one another, so a blocked port costs its deadline once; the commands that are
    measured go one at a time.
    """
    before = [level.commands_used for level in levels]
    faults = await asyncio.gather(*(_ping(level, deadline) for level in levels))
    times: list[list[float]] = [[] for _ in levels]
    failed: list[LevelFault | None] = [fault if isinstance(fault, LevelFault) else None for fault in faults]
    for _ in range(samples):
        for index, level in enumerate(levels):
            if failed[index] is not None:
                continue
            took = await _ping(level, deadline)
            if isinstance(took, LevelFault):
                failed[index] = took
            else:
                times[index].append(took)
    measured = tuple(
        Measured(
            level.name,
            statistics.median(times[index]) if failed[index] is None and times[index] else None,
            level.commands_used - before[index],
            failed[index],
        )
        for index, level in enumerate(levels)
    )
    choice = choose(measured)
    taken = next((level for level in levels if level.name == choice.name), levels[0])
    await asyncio.gather(*(level.close() for level in levels if level is not taken))
    return taken, choice


def choose(measured: Sequence[Measured]) -> FastestWay:
    """The fastest that works, and the sentence. Pure."""
    working = sorted((way for way in measured if way.median_ms is not None), key=_median)
    broken = [way for way in measured if way.median_ms is None]
    if not working:
        return FastestWay("", tuple(measured), " ".join(f"{way.name} does not work: {_why(way)}." for way in broken))
    best = working[0]
    parts = [f"{best.name} answers in {_ms(best)}"]
    parts += [f"{way.name} in {_ms(way)}" for way in working[1:]]
    sentence = ", ".join(parts) + "."
    for way in broken:
        sentence += f" {way.name} does not work here: {_why(way)}."
    return FastestWay(best.name, tuple(measured), sentence)


async def _ping(level: SharedLevel, deadline: float) -> float | LevelFault:
    """Milliseconds of one command."""
    started = time.perf_counter()
    answer = await level.run([("PING",)], deadline=deadline)
    return answer if isinstance(answer, LevelFault) else (time.perf_counter() - started) * 1000.0


def _median(way: Measured) -> float:
    return way.median_ms if way.median_ms is not None else float("inf")


def _ms(way: Measured) -> str:
    value = _median(way)
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def _why(way: Measured) -> str:
    if way.fault is None:
        return "it was not measured"
    if way.name == "RESP" and way.fault.fault in {Fault.TIMEOUT, Fault.UNREACHABLE}:
        return f"{way.fault.message} (its port may be blocked by a firewall)"
    return way.fault.message
