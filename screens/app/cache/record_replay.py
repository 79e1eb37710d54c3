"""Record what the Cache screen shows, and play it again on the same screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from soundcheck.screens.app.cache_reading import CacheReading, State
from soundcheck.screens.app.parts import later
from soundcheck.stores.cache.measured.applications import Applications, Instance, observed
from soundcheck.stores.cache.measured.recording import RecordedLook, Recorder, read_recording
from soundcheck.stores.clock import Clock
from soundcheck.stores.upstash.statistics import CacheSnapshot

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

STEP: Final = 0.25
"""Seconds between two looks of a replay."""


class RecordReplay:
    """At most one recording and one replay. Raises what `Recorder` and `read_recording` raise.

    Calls `played` with each look of a replay: the reading, and a sentence that says where in the replay it is.
    """

    def __init__(self, node: Widget, *, clock: Callable[[], Clock], played: Callable[[CacheReading, str], Any]) -> None:
        self._node = node
        self._clock = clock
        self._played = played
        self._recorder: Recorder | None = None
        self._last: CacheSnapshot | None = None
        self._looks: tuple[RecordedLook, ...] = ()
        self._next = 0
        self._timer: Timer | None = None
        self._reading = CacheReading()
        self._seen: dict[tuple[str, str], Instance] = {}

    @property
    def is_recording(self) -> bool:
        """Whether looks are kept."""
        return self._recorder is not None

    @property
    def is_playing(self) -> bool:
        """Whether the screen shows a replay."""
        return bool(self._looks)

    @property
    def words(self) -> str:
        """How the recording stands; "" where there is none."""
        if self._recorder is None:
            return ""
        full = ", full" if self._recorder.is_full else ""
        return f"● recording, {self._recorder.looks} looks{full}"

    def begin(self, path: Path) -> None:
        """Record from now on, over what was there."""
        self._recorder = Recorder(path)
        self._last = None

    def end(self) -> int:
        """Stop recording; how many looks were kept."""
        kept = self._recorder.looks if self._recorder is not None else 0
        self._recorder = None
        return kept

    def keep(self, reading: CacheReading) -> None:
        """Record a look, once."""
        snapshot = reading.snapshot
        if self._recorder is None or reading.state is not State.LIVE or snapshot is None or snapshot is self._last:
            return
        self._last, clock = snapshot, self._clock()
        found = reading.applications.instances if reading.applications is not None else ()
        published = tuple(one.published for one in found)
        self._recorder.add(RecordedLook(clock.now(), clock.monotonic(), snapshot, published))

    def play(self, path: Path) -> int:
        """Show a recording from its start; how many looks it has, 0 for none."""
        self.stop()
        self._looks = read_recording(path)
        self._next, self._reading, self._seen = 0, CacheReading(), {}
        if self._looks:
            self.step()
            self._timer = later.every(self._node, STEP, self.step)
        return len(self._looks)

    def step(self) -> None:
        """The next look; at the end the last one stays."""
        if self._next >= len(self._looks):
            if self._timer is not None:
                self._timer.stop()
            return
        look = self._looks[self._next]
        self._next += 1
        seen = {(one.app, one.instance): one for one in look.publications}
        self._seen = {name: observed(one, self._seen.get(name), look.at) for name, one in seen.items()}
        found = Applications(tuple(self._seen[name] for name in sorted(self._seen)), len(self._seen))
        self._reading = self._reading.with_look(look.snapshot, look.moment).with_applications(found, 0.0)
        words = f"replay {self._next} of {len(self._looks)}, {look.at:%d %b %H:%M:%S} UTC, esc ends it"
        self._played(self._reading, words)

    def stop(self) -> None:
        """Back to the present."""
        if self._timer is not None:
            self._timer.stop()
        self._timer, self._looks = None, ()
