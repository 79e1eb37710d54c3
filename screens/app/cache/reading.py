"""What the screens know of the cache at one moment: the last look, those before it, and why there is no newer one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from textual.content import Content

from screens.app import amounts

if TYPE_CHECKING:
    from stores.cache_statistics import CacheSnapshot

HISTORY: Final = 120
"""Looks that are remembered for the curves: two minutes of a local cache, half an hour of a remote one."""


class State(StrEnum):
    """Whether figures come in."""

    OFF = "not set up"
    WAITING = "asking"
    LIVE = "live"
    PAUSED = "paused"
    FAILED = "not answering"


@dataclass(frozen=True, slots=True)
class CacheReading:
    """`why` is in plain words: the reason of a pause or a failure. `every` is seconds between two looks."""

    state: State = State.OFF
    snapshot: CacheSnapshot | None = None
    hit_rates: tuple[float, ...] = ()
    operations: tuple[float, ...] = ()
    latencies: tuple[float, ...] = ()
    why: str = ""
    every: float = 0.0

    def with_look(self, snapshot: CacheSnapshot) -> CacheReading:
        """One look more."""
        rate, operations = snapshot.hit_rate, snapshot.operations_per_second
        return replace(
            self,
            state=State.LIVE,
            why="",
            snapshot=snapshot,
            hit_rates=self.hit_rates if rate is None else (*self.hit_rates, rate)[-HISTORY:],
            operations=self.operations if operations is None else (*self.operations, operations)[-HISTORY:],
            latencies=(*self.latencies, snapshot.latency_ms)[-HISTORY:],
        )

    def without(self, state: State, why: str) -> CacheReading:
        """No look: the last figures stay, marked as old."""
        return replace(self, state=state, why=why)

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


def pulse(reading: CacheReading, bars: int = 8) -> Content:
    """The cache in the top line: `cache 84 % ▁▃▅ 212 ops/s`, with so many bars."""
    if reading.state is State.OFF:
        return Content.styled("cache: not set up", "$faint")
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
        (amounts.spark(reading.operations, bars) or "▁", "$primary"),
        f" {reading.operations_per_second}",
        (" ops/s", "$muted"),
    )
