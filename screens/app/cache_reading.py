"""What the screens know of the cache at one moment: the last look, those before it, and why there is no newer one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from textual.content import Content

from soundcheck.screens.app.parts.curves import spark
from soundcheck.stores import amounts
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from soundcheck.screens.app.stack_news import StackNews
    from soundcheck.stores.cache.measured.applications import Applications
    from soundcheck.stores.services import Services
    from soundcheck.stores.upstash.statistics import CacheSnapshot

HISTORY: Final = 120
"""Looks that are remembered for the curves: two minutes of a local cache, half an hour of a remote one."""


MONTH: Final = 30 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values with the moment of each, in seconds of one clock; the newest last, at most `HISTORY`."""

    values: tuple[float, ...] = ()
    times: tuple[float, ...] = ()

    def add(self, value: float | None, at: float) -> Series:
        """One more; None is no value."""
        if value is None:
            return self
        return Series((*self.values, value)[-HISTORY:], (*self.times, at)[-HISTORY:])

    def reach(self, width: int) -> float:
        """Seconds between the first and the last of the newest `width`."""
        shown = self.times[-width:]
        return shown[-1] - shown[0] if shown else 0.0


class State(StrEnum):
    """Whether figures come in."""

    OFF = "not set up"
    WAITING = "asking"
    LIVE = "live"
    PAUSED = "paused"
    FAILED = "not answering"


@dataclass(frozen=True, slots=True)
class CacheReading:
    """`why` is in plain words: the reason of a pause or a failure, or why what is written down cannot be used.

    `every` is seconds between two looks.

    `applications` is what instances published, None while nobody looks at that. `per_look` is about how many commands
    a look costs.
    """

    state: State = State.OFF
    snapshot: CacheSnapshot | None = None
    hit_rates: Series = Series()
    operations: Series = Series()
    latencies: Series = Series()
    applications: Applications | None = None
    per_look: float = 1.0
    why: str = ""
    every: float = 0.0

    def with_look(self, snapshot: CacheSnapshot, at: float = 0.0) -> CacheReading:
        """One look more, at a moment of a clock that never goes back."""
        return replace(
            self,
            state=State.LIVE,
            why="",
            snapshot=snapshot,
            hit_rates=self.hit_rates.add(snapshot.hit_rate, at),
            operations=self.operations.add(snapshot.operations_per_second, at),
            latencies=self.latencies.add(snapshot.latency_ms, at),
        )

    def without(self, state: State, why: str) -> CacheReading:
        """No look: the last figures stay, marked as old."""
        return replace(self, state=state, why=why)

    def with_applications(self, found: Applications, per_look: float) -> CacheReading:
        """What instances published, and what a look costs with it."""
        return replace(self, applications=found, per_look=per_look)

    @property
    def per_month(self) -> int:
        """Commands of thirty days, if looking went on without a pause."""
        return round(self.per_look * MONTH / self.every) if self.every else 0

    @property
    def hit_rate(self) -> str:
        """`84 %`; a dash where nobody read in the interval."""
        rate = self.snapshot.hit_rate if self.snapshot else None
        return "—" if rate is None else f"{rate * 100:.0f} %"

    @property
    def operations_per_second(self) -> str:
        """`212`, of others than us; a dash at the first look."""
        number = self.snapshot.operations_per_second if self.snapshot else None
        if number is None:
            return "—"
        return amounts.count(round(number)) if number >= 10 or number == 0 else f"{number:.1f}"

    @property
    def state_words(self) -> str:
        """What stands in a frame's lower edge."""
        if self.state is State.LIVE:
            return f"every {self.every:g} s"
        return f"{self.state}: {self.why}" if self.why else str(self.state)


def unread(services: Services) -> CacheReading:
    """What is known before the first look: one that is set up is asked as soon as its client is there."""
    return CacheReading(State.WAITING if services.credentials.has_cache else State.OFF)


def named(reading: CacheReading, stack: StackNews) -> CacheReading:
    """A failure named as the local stack's where that is what it is."""
    if reading.state is State.FAILED and stack.takes_down(Half.CACHE):
        return replace(reading, why=spelled(f"{stack.message} {stack.hint}"))
    return reading


def absent_words(reading: CacheReading) -> str:
    """Why there is no cache to ask."""
    return f"the cache cannot be used: {reading.why}" if reading.why else "the cache is not set up"


_NOT_SET_UP: Final = Content.styled("cache: not set up", "$faint")


def pulse(reading: CacheReading, bars: int = 8) -> Content:
    """The cache in the top line: `cache 84 % ▁▃▅ 212 ops/s`, with so many bars."""
    if reading.state is State.OFF:
        return Content.styled("! cache: cannot be used", "$warning") if reading.why else _NOT_SET_UP
    if reading.state is State.FAILED:
        return Content.styled("! cache not answering", "$error")
    if reading.state is State.PAUSED:
        return Content.styled("cache paused", "$faint")
    if reading.snapshot is None:
        return Content.styled("cache …", "$faint")
    return Content.assemble(
        ("cache ", "$muted"),
        (reading.hit_rate, "bold"),
        " ",
        (spark(reading.operations.values, bars) or "▁", "$primary"),
        f" {reading.operations_per_second}",
        (" ops/s", "$muted"),
    )
