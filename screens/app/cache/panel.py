"""The cache's figures in a narrow frame, beside the tables."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from screens.app import amounts
from screens.app.cache.reading import CacheReading, State


class CachePanel(Widget):
    """Seven lines: hit rate with its curve, operations, keys, memory, our own call, what we used."""

    reading: reactive[CacheReading] = reactive(CacheReading(), layout=True)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Cache")

    def on_mount(self) -> None:
        """Follow the app."""
        self.watch(self.app, "reading", self._take)

    def _take(self, reading: CacheReading) -> None:
        self.reading = reading
        self.border_subtitle = Content("" if reading.state is State.OFF else str(reading.state))

    def render(self) -> Content:
        """Names on the left, figures on the right."""
        reading, width = self.reading, max(self.size.width, 10)
        if reading.state is State.OFF:
            return Content.styled("not set up", "$muted")
        snapshot = reading.snapshot
        if snapshot is None:
            failed = reading.state is State.FAILED
            return Content.styled(f"! {reading.why}" if failed else "—", "$warning" if failed else "$muted")
        old = reading.state is not State.LIVE
        lines = [
            _line("hit rate", reading.hit_rate, width, "$muted" if old else "bold"),
            Content.styled(
                amounts.spark(reading.operations.values, width).rjust(width), "$faint" if old else "$primary"
            ),
            _line("ops/s", reading.operations_per_second, width, "$muted" if old else ""),
            _line("keys", "—" if snapshot.keys is None else f"{snapshot.keys:,}", width, "$muted" if old else ""),
            _line("memory", _memory(snapshot.used_memory), width, "$muted" if old else ""),
            _line("our call", amounts.milliseconds(snapshot.latency_ms), width, "$muted" if old else ""),
            _line("we sent", f"{snapshot.commands_used:,}", width, "$muted" if old else ""),
        ]
        return Content("\n").join(lines)


def _line(name: str, figure: str, width: int, style: str) -> Content:
    return Content.assemble((name, "$muted"), " " * max(1, width - len(name) - len(figure)), (figure, style))


def _memory(used: int | None) -> str:
    return "—" if used is None else amounts.size(used)
