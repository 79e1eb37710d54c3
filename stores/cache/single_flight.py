"""One read and one load for each key at a time, however many wait for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Any

from soundcheck.stores.cache.measured.counters import Tally


class FlightSource(Enum):
    """Where a flight found its value."""

    L2 = "l2"
    LOADER = "loader"


@dataclass(frozen=True, slots=True)
class FlightResult:
    """What a flight brought: a value and where from, or the loader's error."""

    value: Any = None
    source: FlightSource = FlightSource.LOADER
    error: BaseException | None = None


class Flight:
    """One key on its way. It runs in a task of its own, so a caller who leaves does not stop it.

    `valid` turns False when the key is dropped meanwhile: who waits still gets the result, nobody stores it. `heard`
    turns False when drops elsewhere may have been missed: the result is not for L1, and L2 decides for itself.
    `marker` is what L2 held beside the key, None where it was not read; `began` is when the flight asked for it.
    """

    __slots__ = ("began", "done", "heard", "key", "marker", "read", "tally", "valid")

    def __init__(self, key: str, tally: Tally, began: float) -> None:
        loop = asyncio.get_running_loop()
        self.key = key
        self.tally = tally
        self.began = began
        self.marker: str | None = None
        self.valid = True
        self.heard = True
        self.read: asyncio.Future[None] = loop.create_future()
        self.done: asyncio.Future[FlightResult] = loop.create_future()

    def finish_read(self) -> None:
        """L2 has been asked; what comes next is the loader."""
        if not self.read.done():
            self.read.set_result(None)

    def finish(self, outcome: FlightResult) -> None:
        """Tell all who wait; the first outcome counts."""
        self.finish_read()
        if not self.done.done():
            self.done.set_result(outcome)


class Flights:
    """The flights that a new caller may join."""

    def __init__(self) -> None:
        self._open: dict[str, Flight] = {}

    def get(self, key: str) -> Flight | None:
        """The key's flight, if one is under way."""
        return self._open.get(key)

    def open(self, flight: Flight) -> None:
        """Let callers join."""
        self._open[flight.key] = flight

    def land(self, flight: Flight, outcome: FlightResult) -> None:
        """Finish it; who comes later starts another."""
        if self._open.get(flight.key) is flight:
            del self._open[flight.key]
        flight.finish(outcome)

    def disown(self, key: str) -> None:
        """The key was dropped: what is under way may be older, so nobody joins it or stores its result."""
        flight = self._open.pop(key, None)
        if flight is not None:
            flight.valid = False

    def disown_all(self) -> None:
        """Drops of other processes may have been missed; nobody joins what is under way."""
        for flight in self._open.values():
            flight.heard = False
        self._open.clear()


async def within(future: asyncio.Future[Any], seconds: float) -> None:
    """Wait until it is done, at most so long; a caller who is cancelled leaves it alone.

    As `asyncio.wait` for a single future, without the sets, which took a sixth of the time of a hit in L2.
    """
    if future.done():
        return
    loop = future.get_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake(_: object = None) -> None:
        if not woken.done():
            woken.set_result(None)

    timer = loop.call_later(max(0.0, seconds), wake)
    future.add_done_callback(wake)
    try:
        await woken
    finally:
        timer.cancel()
        future.remove_done_callback(wake)
