"""From L2 or the loader into L1 and L2: the flights, and the rules by which their results may be stored."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from soundcheck.stores.cache.dropping import Dropping
from soundcheck.stores.cache.envelope import Opened, open_envelope, seal
from soundcheck.stores.cache.key_rule import KeyRules
from soundcheck.stores.cache.levels.guarded_level import GuardedLevel
from soundcheck.stores.cache.levels.memory_level import Entry, MemoryLevel
from soundcheck.stores.cache.levels.shared_level import Found
from soundcheck.stores.cache.measured.counters import Tallies
from soundcheck.stores.cache.problems import LoadGivenUp, LoadTimeout
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.single_flight import Flight, FlightResult, Flights, FlightSource
from soundcheck.stores.cache.uncacheable import NotCacheable, plain
from soundcheck.stores.cache.versioned_writes import FILL_WINDOW, Fill, fill_command, marker_key

LoadMany: TypeAlias = Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]
"""Values by key; a key that is not in the answer has no value (None)."""

MOST_TOGETHER: Final = 500
"""Keys that are read in one call. More of them would make a request that takes long before its first value is there."""
_LOG: Final = logging.getLogger(__name__)


class _Departure(NamedTuple):
    """What one caller asked for: its flights, and how to load what L2 does not have."""

    flights: list[Flight]
    load: LoadMany
    ttl: float | None


class Loading:
    """`now` is the monotonic clock, `wall` the other one; `shared` and `dropping` are None without L2."""

    def __init__(
        self,
        memory: MemoryLevel,
        shared: GuardedLevel | None,
        dropping: Dropping | None,
        tallies: Tallies,
        settings: CacheSettings,
        now: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self.flights = Flights()
        self._memory = memory
        self._shared = shared
        self._dropping = dropping
        self._tallies = tallies
        self._settings = settings
        self._rules = KeyRules(settings.plan)
        self._now = now
        self._wall = wall
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving: list[_Departure] = []

    def start(self, keys: Sequence[str], load: LoadMany, ttl: float | None) -> list[Flight]:
        """One flight a key, all in one read and one load; none of the keys has a flight yet.

        What is asked for in one turn of the event loop is read together: a task and a call of L2 for each caller took
        a third of the time of a hit.
        """
        flights = [self._take_off(key) for key in keys]
        if not self._leaving:
            asyncio.get_running_loop().call_soon(self._depart)
        self._leaving.append(_Departure(flights, load, ttl))
        return flights

    def _depart(self) -> None:
        leaving, self._leaving = self._leaving, []
        together: list[_Departure] = []
        keys = 0
        for departure in leaving:
            if together and keys + len(departure.flights) > MOST_TOGETHER:
                self._spawn(self._fly(together, refresh=False))
                together, keys = [], 0
            together.append(departure)
            keys += len(departure.flights)
        if together:
            self._spawn(self._fly(together, refresh=False))

    def refresh(self, keys: Sequence[str], load: LoadMany, ttl: float | None) -> None:
        """Load in the background what is served meanwhile, unless it is under way."""
        flights = [self._take_off(key) for key in keys if self.flights.get(key) is None]
        for flight in flights:
            flight.tally.refreshes += 1
        if flights:
            self._spawn(self._fly([_Departure(flights, load, ttl)], refresh=True))

    def keep(
        self, key: str, value: object, *, began: float, left: float, refresh_in: float, marker: str | None
    ) -> Entry:
        """Store in L1. `left` is what the value has left from `began`, `refresh_in` after what time to renew it."""
        settings = self._settings
        expires = began + min(settings.l1_life, left) * self._jitter()
        renew = began + refresh_in
        fresh_until = renew if self._now() < renew < expires and value is not None else expires
        tally = self._tallies.of(key)
        entry = Entry(value, fresh_until, expires, expires + settings.grace, began, marker, tally)
        self._memory.store(key, entry)
        return entry

    def life(self, key: str, value: object, ttl: float | None) -> float:
        """How long a value may live, in seconds, jitter taken off."""
        if value is None:
            return min(self._settings.negative_ttl, self._ttl(key, ttl))
        return self._ttl(key, ttl) * self._jitter()

    async def close(self) -> None:
        """Cancel what is under way; who waits for it gets `LoadGivenUp`."""
        leaving, self._leaving = self._leaving, []
        for departure in leaving:
            self._give_up(departure.flights)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ttl(self, key: str, ttl: float | None) -> float:
        if ttl is not None:
            return ttl
        rule = self._rules.of(key)
        return rule.ttl if rule is not None else self._settings.default_ttl

    def _jitter(self) -> float:
        return 1.0 - self._settings.jitter * random.random()  # noqa: S311 - no secret

    def _take_off(self, key: str) -> Flight:
        tally = self._tallies.of(key)
        tally.keys.add(key)
        flight = Flight(key, tally, self._now())
        self.flights.open(flight)
        return flight

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, departures: Sequence[_Departure], *, refresh: bool) -> None:
        flights = [flight for departure in departures for flight in departure.flights]
        try:
            ageing = await self._read(flights, refresh=refresh)
            loads: list[Coroutine[Any, Any, None]] = []
            for departure in departures:
                old = [flight for flight in departure.flights if flight in ageing] if ageing else []
                if old:
                    self._spawn(self._load([self._renewal(flight) for flight in old], departure.load, departure.ttl))
                missing = [flight for flight in departure.flights if not flight.done.done()]
                if missing:
                    loads.append(self._load(missing, departure.load, departure.ttl))
            if len(loads) == 1:
                await loads[0]
            elif loads:
                await asyncio.gather(*loads)
        finally:
            self._give_up(flights)

    def _give_up(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            self.flights.land(flight, FlightResult(error=None if flight.done.done() else LoadGivenUp()))

    async def _read(self, flights: Sequence[Flight], *, refresh: bool) -> set[Flight]:
        """Land what L2 has; the answer is what should be renewed while it is served."""
        ageing: set[Flight] = set()
        shared, dropping = self._shared, self._dropping
        if shared is not None and dropping is not None:
            asked = [flight for flight in flights if not dropping.holds(flight.key)]
            names = [name for flight in asked for name in (flight.key, marker_key(flight.key))]
            began = self._now()
            answer = await shared.read(names, deadline=self._settings.l2_hard) if asked else None
            if isinstance(answer, Found):
                took = self._now() - began
                for flight, text, marker in zip(asked, answer.values[::2], answer.values[1::2], strict=True):
                    flight.began, flight.marker = began, marker or ""
                    flight.tally.l2_latency.add(took)
                    if text is not None and self._land_read(flight, text, refresh=refresh):
                        ageing.add(flight)
        for flight in flights:
            flight.finish_read()
        return ageing

    def _land_read(self, flight: Flight, text: str, *, refresh: bool) -> bool:
        """Whether the value that L2 has, and that was landed, should be renewed."""
        opened = open_envelope(text, now=self._wall())
        if opened is None:
            flight.tally.unreadable += 1
            return False
        ageing = self._is_ageing(opened)
        if refresh and ageing:
            return False
        if flight.valid and flight.heard:
            left = self._settings.l1_life if opened.left is None else opened.left
            renew = (opened.ttl or 0.0) * self._settings.refresh_at - (opened.age or 0.0)
            self.keep(flight.key, opened.data, began=flight.began, left=left, refresh_in=renew, marker=flight.marker)
        self.flights.land(flight, FlightResult(opened.data, FlightSource.L2))
        return ageing and flight.valid and flight.heard

    def _is_ageing(self, opened: Opened) -> bool:
        part = self._settings.refresh_at
        if opened.ttl is None or opened.age is None or opened.data is None or part >= 1:
            return False
        return opened.age >= opened.ttl * part

    def _renewal(self, flight: Flight) -> Flight:
        """A flight that has read its marker already."""
        renewal = self._take_off(flight.key)
        renewal.began, renewal.marker = flight.began, flight.marker
        renewal.tally.refreshes += 1
        renewal.finish_read()
        return renewal

    async def _load(self, flights: Sequence[Flight], load: LoadMany, ttl: float | None) -> None:
        """Ask the loader, land the flights, store what may be stored; L2 last, nobody waits for it."""
        began, written = self._now(), self._wall()
        try:
            values = await self._call(flights, load)
            fills: list[tuple[Fill, Entry | None, Flight]] = []
            for flight in flights:
                outcome = values if isinstance(values, FlightResult) else _outcome(values, flight.key)
                if outcome.error is not None:
                    flight.tally.loader_errors += 1
                    self.flights.land(flight, outcome)
                    continue
                now, value = self._now(), outcome.value
                flight.tally.load_latency.add(now - began)
                if flight.valid:
                    life = self.life(flight.key, value, ttl)
                    shown = life if self._shared is not None else min(life, self._settings.l1_life)
                    renew = shown * self._settings.refresh_at
                    # Counted from before the load: what was dropped elsewhere during it must not live longer.
                    entry = None
                    if flight.heard:
                        entry = self.keep(
                            flight.key, value, began=began, left=life, refresh_in=renew, marker=flight.marker
                        )
                    left = int((began + life - now) * 1000)
                    if flight.marker is not None and now - flight.began <= FILL_WINDOW and left > 0:
                        text = seal(value, ttl=life, at=written)
                        fills.append((Fill(flight.key, flight.marker, text, left), entry, flight))
                self.flights.land(flight, outcome)
            if fills:
                await self._fill(fills)
        finally:
            self._give_up(flights)

    async def _call(self, flights: Sequence[Flight], load: LoadMany) -> Mapping[str, Any] | FlightResult:
        for flight in flights:
            flight.tally.loader_calls += 1
        task = asyncio.current_task()
        limit = asyncio.timeout(FILL_WINDOW)
        try:
            async with limit:
                values = await load([flight.key for flight in flights])
        except asyncio.CancelledError:
            if task is not None and task.cancelling():
                raise
            return FlightResult(error=LoadGivenUp())
        except Exception as failure:  # noqa: BLE001 - it is handed to everybody who waits
            return FlightResult(error=LoadTimeout() if limit.expired() else failure)
        return values

    async def _fill(self, fills: Sequence[tuple[Fill, Entry | None, Flight]]) -> None:
        if self._shared is None:
            return
        command = fill_command([fill for fill, _, _ in fills])
        answer = await self._shared.run([command], deadline=self._settings.l2_hard)
        if not isinstance(answer, tuple):
            return
        reply = answer[0].reply
        if not isinstance(reply, list | tuple) or len(reply) != len(fills):
            _LOG.warning("L2 answered a fill with something else")
            return
        for done, (fill, entry, flight) in zip(reply, fills, strict=True):
            if done != 1:  # dropped elsewhere while it was loaded
                flight.tally.refused_fills += 1
                if entry is not None:
                    self._memory.drop_if(fill.key, entry)


def _outcome(values: object, key: str) -> FlightResult:
    try:
        if not isinstance(values, Mapping):
            raise NotCacheable(f"The loader returned a {type(values).__name__} instead of a mapping.")
        return FlightResult(plain(values.get(key)))
    except Exception as failure:  # noqa: BLE001 - the loader's objects may do anything; the caller is told
        return FlightResult(error=failure)
