"""The two-level cache: L1 in this process, L2 in Redis, the loader behind both. How to use it: docs/cache.md."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from soundcheck.stores.cache.dropping import Dropping
from soundcheck.stores.cache.envelope import seal
from soundcheck.stores.cache.levels.guarded_level import Breaker, BreakerState, GuardedLevel
from soundcheck.stores.cache.levels.invalidation import InvalidationLine
from soundcheck.stores.cache.levels.memory_level import Entry, MemoryLevel
from soundcheck.stores.cache.levels.shared_level import SharedLevel
from soundcheck.stores.cache.loading import Loading, LoadMany
from soundcheck.stores.cache.measured.counters import CounterSnapshot, Tallies
from soundcheck.stores.cache.measured.latency import Latency
from soundcheck.stores.cache.problems import LoadTimeout
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.single_flight import Flight, FlightSource, within
from soundcheck.stores.cache.uncacheable import plain
from soundcheck.stores.cache.versioned_writes import MARKER_LIFE
from soundcheck.stores.clock import Clock, SystemClock
from soundcheck.stores.errors import UsageError
from soundcheck.stores.keys import KeyRule

T = TypeVar("T")
"""What a loader returns. It should be made of plain JSON values: that is how it comes back."""

_LOG: Final = logging.getLogger(__name__)


class TwoLevelCache:
    """Ask it for a key and say how to load it. For one event loop; enter it, or call `start` and `close`.

    With `level` None, or while L2 is down, it goes on at L1 and the loader. It closes the level that it was given.
    Values come back as plain JSON values, without the fields that must never be cached, and are shared between
    callers: do not change them. `clock` is for tests.
    """

    def __init__(
        self, level: SharedLevel | None, *, settings: CacheSettings | None = None, clock: Clock | None = None
    ) -> None:
        settings = settings or CacheSettings()
        self.node: Final = secrets.token_hex(6)
        self._settings = settings
        self._wall = (clock or SystemClock()).now
        self._now = clock.monotonic if clock is not None else time.monotonic
        self._started_at = self._wall()
        self._memory = MemoryLevel(settings.l1_entries)
        self._entries = self._memory.entries
        self._tallies = Tallies(settings.plan)
        self._shared: GuardedLevel | None = None
        self._dropping: Dropping | None = None
        self._line: InvalidationLine | None = None
        self._listening: asyncio.Task[None] | None = None
        if level is not None:
            breaker = Breaker(settings.breaker_faults, settings.breaker_pause, self._now)
            self._shared = GuardedLevel(level, breaker, self._now)
            self._dropping = Dropping(self._shared, self.node, settings)
            if settings.channel:
                self._line = InvalidationLine(
                    level, settings.channel, self.node, forget=self._forget, forget_all=self._forget_all
                )
        self._loading = Loading(
            self._memory, self._shared, self._dropping, self._tallies, settings, self._now, self._wall
        )

    @property
    def plan(self) -> tuple[KeyRule, ...]:
        """The key table that it counts by."""
        return self._settings.plan

    async def start(self) -> None:
        """Begin to hear what other processes drop. Without it the cache works, at 30 s instead of 1 s."""
        if self._line is not None and self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._line.listen())

    async def close(self) -> None:
        """Try once more to tell L2 what was dropped, then let go of everything. Drops not told by then are lost."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        await self._loading.close()
        if self._dropping is not None and (untold := await self._dropping.close()):
            _LOG.warning("%d dropped keys did not reach L2; their old values live there until they expire", untold)
        if self._shared is not None:
            await self._shared.level.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def get_or_load(self, key: str, loader: Callable[[], Awaitable[T]], *, ttl: float | None = None) -> T:
        """The value of `key`; None where the loader says that there is none, which is remembered for a short time.

        `loader` is called at most once at a time for a key. `ttl` is seconds; without it the key table decides. Raises
        what the loader raises, `LoadTimeout`, or `NotCacheable` for what JSON cannot hold.
        """
        entry = self._entries.get(key)
        if entry is not None and self._now() < entry.fresh_until:
            self._entries.move_to_end(key)
            entry.tally.l1_hits += 1
            return entry.value  # type: ignore[no-any-return]

        async def load(_: Sequence[str]) -> dict[str, T]:
            return {key: await loader()}

        return (await self._get((key,), load, ttl))[key]  # type: ignore[no-any-return]

    async def get_many(
        self,
        keys: Iterable[str],
        loader: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]],
        *,
        ttl: float | None = None,
    ) -> dict[str, T | None]:
        """The values by key, None where there is none. `loader` gets the keys that neither level has, in one call.

        One MGET for all. Raises as `get_or_load` does, when one of the keys has no value to serve.
        """
        return await self._get(tuple(dict.fromkeys(keys)), loader, ttl)

    async def set(self, key: str, value: object, *, ttl: float | None = None) -> bool:
        """Put a newer value into both levels, after it was committed to the database.

        False where the key was dropped instead, because L2 did not answer or another change came between. Two writers
        of one key who do not take turns can leave the older value: who cannot rule that out drops. Raises
        `NotCacheable`.
        """
        _check(ttl)
        value, began = plain(value), self._now()
        self._tallies.of(key).drops += 1
        self._forget((key,))
        life = self._loading.life(key, value, ttl)
        marker: str | None = None
        if self._dropping is not None:
            text = seal(value, ttl=life, at=self._wall())
            marker = await self._dropping.replace(key, text, max(1, int(life * 1000)))
            if marker is None:
                return False
        renew = life * self._settings.refresh_at
        self._loading.keep(key, value, began=began, left=life, refresh_in=renew, marker=marker)
        return True

    async def drop(self, key: str) -> bool:
        """Forget the key everywhere, after the change was committed. See `drop_many`."""
        return await self.drop_many((key,))

    async def drop_many(self, keys: Iterable[str]) -> bool:
        """Forget the keys everywhere, in one request, after the change was committed to the database.

        This process never serves the older values again from the moment of the call. True: L2 has acknowledged it, and
        other processes do not serve them either, after at most 1 s if they hear invalidations, else 30 s. False: L2
        could not be told yet; it is tried again until it can be, or until `close`.
        """
        names = tuple(dict.fromkeys(keys))
        for name in names:
            self._tallies.of(name).drops += 1
        self._forget(names)
        if self._dropping is None or not names:
            return True
        return await self._dropping.drop(names)

    def counters(self) -> CounterSnapshot:
        """All counters as they stand now."""
        shared, dropping, line = self._shared, self._dropping, self._line
        return CounterSnapshot(
            at=self._wall(),
            started=self._started_at,
            node=self.node,
            prefixes=self._tallies.snapshot(),
            l1_entries=len(self._entries),
            l1_capacity=self._memory.capacity,
            l1_evicted=self._memory.evicted,
            l2_name=shared.level.name if shared else "",
            breaker=shared.breaker if shared else BreakerState.CLOSED,
            l2_requests=shared.requests if shared else 0,
            l2_faults=tuple(sorted(shared.faults.items(), key=lambda item: item[0].value)) if shared else (),
            l2_commands=shared.level.commands_used if shared else 0,
            l2_latency=shared.latency.snapshot() if shared else Latency(),
            dropped=dropping.acknowledged if dropping else 0,
            drops_pending=dropping.pending if dropping else 0,
            drops_given_up=dropping.given_up if dropping else 0,
            line_up=line.up if line else None,
            line_lost=line.lost if line else 0,
            messages=line.messages if line else 0,
        )

    def take_missed(self, most: int) -> tuple[tuple[str, int], ...]:
        """The keys that were loaded most often since the last call, with about how often; forgets them."""
        return self._tallies.missed.take(most)

    def turn_keys(self) -> None:
        """Begin another stretch of time for `PrefixCounts.keys`; the one before it still counts."""
        self._tallies.turn()

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._memory.drop(key)
            self._loading.flights.disown(key)
            if self._dropping is not None:
                self._dropping.supersede(key)

    def _forget_all(self) -> None:
        self._memory.clear()
        self._loading.flights.disown_all()
        if self._dropping is not None:
            self._dropping.supersede_all()

    async def _get(self, keys: Sequence[str], load: LoadMany, ttl: float | None) -> dict[str, Any]:
        _check(ttl)
        values: dict[str, Any] = {}
        missing: list[str] = []
        waits: list[tuple[Flight, bool]] = []
        renew: list[str] = []
        now = self._now()
        for key in keys:
            entry = self._entries.get(key)
            if entry is not None and now < entry.expires:
                self._entries.move_to_end(key)
                entry.tally.l1_hits += 1
                values[key] = entry.value
                if now >= entry.fresh_until:
                    entry.fresh_until = entry.expires
                    renew.append(key)
            elif (flight := self._loading.flights.get(key)) is not None:
                waits.append((flight, False))
            else:
                missing.append(key)
        if renew:
            self._loading.refresh(renew, load, ttl)
        if missing:
            waits += [(flight, True) for flight in self._loading.start(missing, load, ttl)]
        await self._collect(waits, values)
        return values

    async def _collect(self, waits: Sequence[tuple[Flight, bool]], values: dict[str, Any]) -> None:
        """Each request is counted once, whether it ends with a value, an error, or its caller's going away."""
        errors: list[BaseException] = []
        counted = 0
        until = self._now() + self._settings.l2_hard + self._settings.load_hard
        try:
            for flight, leads in waits:
                await self._wait(flight, until)
                counted += 1
                error = self._settle(flight, leads, values)
                if error is not None:
                    errors.append(error)
        finally:
            for flight, _ in waits[counted:]:
                flight.tally.failed += 1
        if errors:
            raise errors[0]

    async def _wait(self, flight: Flight, until: float) -> None:
        if flight.done.done():
            return
        settings = self._settings
        if self._stale(flight) is not None:
            await within(flight.read, settings.l2_soft)
            if flight.read.done() and not flight.done.done():
                await within(flight.done, settings.load_soft)
            if flight.done.done() or self._stale(flight) is not None:
                return
        await within(flight.done, until - self._now())

    def _settle(self, flight: Flight, leads: bool, values: dict[str, Any]) -> BaseException | None:
        outcome = flight.done.result() if flight.done.done() else None
        if outcome is not None and outcome.error is None:
            values[flight.key] = outcome.value
            if not leads:
                flight.tally.coalesced += 1
            elif outcome.source is FlightSource.L2:
                flight.tally.l2_hits += 1
            else:
                flight.tally.loads += 1
                self._tallies.missed.add(flight.key)
            return None
        stale = self._stale(flight)
        if stale is not None:
            values[flight.key] = stale.value
            flight.tally.stale += 1
            return None
        flight.tally.failed += 1
        return outcome.error if outcome is not None and outcome.error is not None else LoadTimeout()

    def _stale(self, flight: Flight) -> Entry | None:
        """A value past its end that may still be served, because it is certain that no drop of it went unheard.

        That is: nobody else can have dropped it, or the line was up ever since it was stored, or it is younger than
        the 30 s that a deaf process may be behind, or L2 shows the very marker that it was stored under, while a newer
        one could not have expired yet.
        """
        entry = self._entries.get(flight.key)
        now = self._now()
        if entry is None or now >= entry.stale_until:
            return None
        if flight.marker is not None and entry.marker is not None:
            if flight.marker and flight.marker != entry.marker:
                return None  # dropped elsewhere
            if flight.began + self._settings.l2_hard < entry.began + MARKER_LIFE:
                return entry
        heard = self._shared is None or (self._line is not None and self._line.up)
        return entry if heard or now < entry.began + self._settings.l1_life else None


def _check(ttl: float | None) -> None:
    if ttl is not None and not ttl > 0:
        raise UsageError("A TTL of a cache entry is not positive.", "Give seconds above 0, or none.")
