"""The widget that shows lines of work while they happen."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content
from textual.geometry import Size
from textual.timer import Timer
from textual.widget import Widget

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.line_text import Line, draw, from_progress
from soundcheck.stores.clock import Clock
from soundcheck.wizard.progress import Mark, Progress

TICK: float = 0.2
"""Seconds between two turns of the mark of what is running."""


class LiveLines(Widget):
    """Lines in the order in which they came; one with a known key replaces the older. Running ones count their time."""

    DEFAULT_CSS = "LiveLines { height: auto; width: 1fr; }"

    def __init__(self, clock: Clock, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._shown: list[Line] = []
        self._began: dict[str, float] = {}
        self._turn = 0
        self._timer: Timer | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return tuple(self._shown)

    def say(self, what: Line | Progress) -> None:
        """Show a line, in the place of the one with the same key."""
        line = from_progress(what) if isinstance(what, Progress) else what
        known = next((i for i, old in enumerate(self._shown) if line.key and old.key == line.key), None)
        if known is None:
            self._shown.append(line)
        else:
            self._shown[known] = line
        if line.mark is Mark.RUNNING:
            self._began.setdefault(line.key, self._clock.monotonic())
        else:
            self._began.pop(line.key, None)
        self._spin(bool(self._began))
        self.refresh(layout=True)

    def expect(self, lines: list[Line]) -> None:
        """Start over with lines that are still to come."""
        self._began.clear()
        self._shown = list(lines)
        self._spin(False)
        self.refresh(layout=True)

    def stop(self) -> None:
        """Nothing runs any more: what did was cancelled."""
        self._shown = [
            replace(line, mark=Mark.SKIP, detail="cancelled") if line.mark is Mark.RUNNING else line
            for line in self._shown
        ]
        self._began.clear()
        self._spin(False)
        self.refresh(layout=True)

    def first_failure(self) -> int | None:
        """The row, counted from the top of the widget, at which the first failed line stands; None where none is."""
        for index, line in enumerate(self._shown):
            if line.mark is Mark.FAIL:
                return len(draw(self._shown[:index], max(self.size.width, 10)))
        return None

    def render(self) -> Content:
        """The lines, with the time of running ones counted up to now."""
        return Content("\n").join(self._drawn(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the lines take when wrapped."""
        return len(self._drawn(width))

    def _drawn(self, width: int) -> list[Content]:
        now = self._clock.monotonic()
        timed = [
            replace(line, elapsed_ms=(now - self._began[line.key]) * 1000)
            if line.mark is Mark.RUNNING and now - self._began.get(line.key, now) >= 1
            else line
            for line in self._shown
        ]
        return draw(timed, max(width, 10), turn=self._turn)

    def _spin(self, on: bool) -> None:
        if on and self._timer is None:
            self._timer = later.every(self, TICK, self._tick)
        elif not on and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        self._turn += 1 if self.app.animation_level != "none" else 0
        self.refresh()
