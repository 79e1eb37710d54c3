"""One process with the two-level cache, its line to a simulated L2, and its database; for stories in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from simulated_redis import SimulatedLevel, SimulatedRedis
from virtual_time import VirtualClock, run_virtually

from soundcheck.cache import CacheSettings, TwoLevelCache

KEY = "user:7"
EXACT = CacheSettings(jitter=0.0)


@dataclass
class Database:
    """What the loader reads: a number, after `delay` seconds, or an error."""

    number: int = 1
    delay: float = 0.0
    error: Exception | None = None
    calls: int = 0

    async def load(self) -> dict[str, int]:
        self.calls += 1
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        return {"number": self.number}


@dataclass
class World:
    """One process, its line to L2, and L2."""

    cache: TwoLevelCache
    level: SimulatedLevel
    redis: SimulatedRedis
    database: Database = field(default_factory=Database)

    async def get(self, **how: Any) -> int:
        value = await self.cache.get_or_load(KEY, self.database.load, **how)
        return int(value["number"])

    @property
    def total(self) -> Any:
        return self.cache.counters().total


class Halfway(random.Random):
    """Every delay is half of the longest."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2

    def random(self) -> float:
        return 0.5


def another(world: World) -> TwoLevelCache:
    """Another process that uses the same L2."""
    return TwoLevelCache(SimulatedLevel(world.redis), settings=EXACT, clock=VirtualClock())


def play(story: Callable[[World], Coroutine[Any, Any, None]], settings: CacheSettings = EXACT) -> None:
    """Run a story to its end, with nobody listening for invalidations unless it says so."""

    async def whole() -> None:
        redis = SimulatedRedis()
        level = SimulatedLevel(redis, Halfway())
        cache = TwoLevelCache(level, settings=settings, clock=VirtualClock())
        await story(World(cache, level, redis))
        await cache.close()

    run_virtually(whole())
