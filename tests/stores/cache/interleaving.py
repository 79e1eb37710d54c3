"""One random history of several processes that load, set and drop the same keys over bad lines, and its judge.

Everything follows from the seed: what happens, when, and how long each thing takes. Time is virtual.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from simulated_redis import Line, SimulatedLevel, SimulatedRedis
from virtual_time import VirtualClock, run_virtually

from soundcheck.cache import CacheSettings, TwoLevelCache

KEYS: Final = ("user:1", "user:1:recent")
NODES: Final = 3
CONNECTED_BOUND: Final = 1.0
DEAF_BOUND: Final = 30.0
MESSAGE_DELAY: Final = 0.9


class DatabaseDown(Exception):
    """The loader's own error."""


@dataclass(frozen=True)
class Change:
    """A commit of version `number`, dropped or set by `node` at `called`; `acknowledged` is None until L2 has it.

    `order` tells what was called first of what was called at the same moment.
    """

    key: str
    number: int
    node: int
    called: float
    order: int
    acknowledged: float | None = None


@dataclass(frozen=True)
class Read:
    """A read that began at `began` and got version `number` at `ended`."""

    key: str
    number: int
    node: int
    began: float
    order: int
    ended: float


@dataclass
class History:
    """What happened. `asked` counts requests by node; the rest is for the judge."""

    changes: list[Change] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    asked: list[int] = field(default_factory=lambda: [0] * NODES)
    counted: list[int] = field(default_factory=lambda: [0] * NODES)
    up: list[list[tuple[float, float]]] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)


def play(seed: int, *, checks_markers: bool = True, steps: int = 70) -> History:
    """Play one seed to its end."""
    random.seed(seed)  # the cache's own jitter
    return run_virtually(_World(seed, checks_markers).play(steps))


def violations(history: History) -> list[str]:
    """What breaks the promise, in words; empty if it was kept."""
    found = []
    for read in history.reads:
        for change in history.changes:
            if change.key != read.key or change.number <= read.number:
                continue
            if read.node == change.node and read.order > change.order:
                found.append(f"{read} in the process of {change}")
            elif change.acknowledged is not None and read.began > change.acknowledged + _bound(history, read, change):
                found.append(f"{read} long after {change}")
    for node in range(NODES):
        if history.asked[node] != history.counted[node]:
            found.append(f"node {node}: {history.asked[node]} requests, {history.counted[node]} counted")
    return found


def _bound(history: History, read: Read, change: Change) -> float:
    """1 s if the message, published between call and acknowledgement, must have been heard, or L1 cleared since."""
    assert change.acknowledged is not None
    for up_from, up_to in history.up[read.node]:
        heard = up_from <= change.called and up_to >= change.acknowledged + CONNECTED_BOUND
        cleared = change.acknowledged <= up_from < read.began
        if heard or cleared:
            return CONNECTED_BOUND
    return DEAF_BOUND


class _World:
    def __init__(self, seed: int, checks_markers: bool) -> None:
        self.chance = random.Random(seed)
        self.checks_markers = checks_markers
        self.history = History()
        self.versions = dict.fromkeys(KEYS, 0)
        self.database_delay = 0.0
        self.database_down = False
        self.order = itertools.count()

    async def play(self, steps: int) -> History:
        chance = self.chance
        self.loop = asyncio.get_running_loop()
        self.redis = SimulatedRedis(checks_markers=self.checks_markers)
        self.turns = {key: asyncio.Lock() for key in KEYS}
        self.levels = [SimulatedLevel(self.redis, chance, Line(message_delay=MESSAGE_DELAY)) for _ in range(NODES)]
        settings = CacheSettings(l1_entries=chance.choice((1, 1000)), pending_drops=1000)
        self.caches = [
            TwoLevelCache(level, settings=settings, clock=VirtualClock(chance.uniform(-2, 2))) for level in self.levels
        ]
        deaf = chance.random() < 0.3
        for cache in self.caches:
            if not deaf:
                await cache.start()
        await asyncio.sleep(0.001)
        tasks: list[asyncio.Task[None]] = []
        weather = chance.choice((self._calm, self._rough, self._rough, self._parted))
        for _ in range(steps):
            weather()
            tasks.append(self.loop.create_task(self._step()))
            if chance.random() < 0.04:
                chance.choice(tasks).cancel()
            await asyncio.sleep(chance.choice((0.0, 0.001, 0.02, 0.1, 0.1, 0.4, 1.0, 6.0)) * chance.random())
            if chance.random() < 0.03:
                await asyncio.sleep(chance.uniform(5, 40))
        await asyncio.gather(*tasks, return_exceptions=True)
        for node, cache in enumerate(self.caches):
            await cache.close()
            total = cache.counters().total
            self.history.counted[node] = total.requests
            for name in ("l1_hits", "l2_hits", "loads", "coalesced", "stale", "failed", "refused_fills", "refreshes"):
                self.history.sources[name] = self.history.sources.get(name, 0) + getattr(total, name)
            self.history.up.append(self.levels[node].up)
        return self.history

    def _calm(self) -> None:
        for level in self.levels:
            level.line.delay = 0.02
        self.database_delay = 0.05

    def _parted(self) -> None:
        """One process hears nothing, and mostly cannot reach L2; some loads take very long."""
        chance = self.chance
        level = self.levels[0]
        if level.connected:
            level.disconnect()
        level.line.reachable = chance.random() < 0.3
        for level in self.levels:
            level.line.delay = 0.05
        self.database_delay = chance.choice((0.02, 0.02, 3.0, 24.0, 60.0))

    def _rough(self) -> None:
        chance = self.chance
        if chance.random() < 0.3:
            level = chance.choice(self.levels)
            line = level.line
            line.reachable = chance.random() < 0.8
            line.delay = chance.choice((0.0, 0.01, 0.1, 0.2))
            line.lost_requests, line.lost_answers, line.late_requests = (
                chance.choice((0.0, 0.0, 0.1, 0.3)) for _ in range(3)
            )
            if chance.random() < 0.4:
                if level.connected:
                    level.disconnect(noticed_after=chance.choice((0.0, 0.5, 5.0)))
                elif level.up:  # it was up before, so somebody listens
                    level.connect()
        if chance.random() < 0.15:
            self.database_delay = chance.choice((0.0, 0.02, 0.3, 2.0, 10.0))
            self.database_down = chance.random() < 0.25
        if chance.random() < 0.03:
            self.redis.remove(chance.choice(KEYS))  # expired or evicted early
        if chance.random() < 0.02:
            self.redis.put(chance.choice(KEYS), chance.choice(("", "{", "<html>", '{"v":2,"data":1}')))

    async def _step(self) -> None:
        chance = self.chance
        node, key = chance.randrange(NODES), chance.choice(KEYS)
        kind = chance.random()
        if kind < 0.62:
            await self._read(node, (key,))
        elif kind < 0.75:
            await self._read(node, KEYS)
        else:
            await self._change(node, key, sets=kind > 0.93)

    async def _load(self, key: str) -> dict[str, int]:
        before = self.chance.uniform(0.0, self.database_delay)
        await asyncio.sleep(before)
        if self.database_down:
            raise DatabaseDown
        number = self.versions[key]
        await asyncio.sleep(self.chance.uniform(0.0, self.database_delay))
        return {"number": number}

    async def _load_many(self, keys: Sequence[str]) -> dict[str, dict[str, int]]:
        return {key: await self._load(key) for key in keys}

    async def _read(self, node: int, keys: Sequence[str]) -> None:
        cache, began, order = self.caches[node], self.loop.time(), next(self.order)
        ttl = self.chance.choice((None, None, 5.0, 40.0))
        self.history.asked[node] += len(keys)
        try:
            if len(keys) == 1:
                values = {keys[0]: await cache.get_or_load(keys[0], lambda: self._load(keys[0]), ttl=ttl)}
            else:
                values = await cache.get_many(keys, self._load_many, ttl=ttl)
        except (DatabaseDown, TimeoutError):
            return
        for key in keys:
            self.history.reads.append(Read(key, values[key]["number"], node, began, order, self.loop.time()))

    async def _change(self, node: int, key: str, *, sets: bool) -> None:
        """Writers of one key take turns when they set, as docs/cache.md asks; who drops need not."""
        async with self.turns[key]:
            self.versions[key] += 1
            number = self.versions[key]
            if sets:
                await self._tell(node, key, number, sets=True)
        if not sets:
            await self._tell(node, key, number, sets=False)

    async def _tell(self, node: int, key: str, number: int, *, sets: bool) -> None:
        cache, called = self.caches[node], self.loop.time()
        place = len(self.history.changes)
        self.history.changes.append(Change(key, number, node, called, next(self.order)))
        done = await (cache.set(key, {"number": number}) if sets else cache.drop(key))
        if done:
            self.history.changes[place] = replace(self.history.changes[place], acknowledged=self.loop.time())
