"""The cache's figures in a narrow frame, beside the tables.

One figure, large, with the curve of its last looks below.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Digits, Static

from soundcheck.screens.app.cache_reading import CacheReading, Series, State
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.curves import curve, spark
from soundcheck.stores import amounts


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
        self.set_class(reading.state is State.OFF and not reading.why, "-nothing")
        self.border_subtitle = Content("" if reading.state is State.OFF else str(reading.state))

    def render(self) -> Content:
        """Names on the left, figures on the right."""
        reading, width = self.reading, max(self.size.width, 10)
        if reading.state is State.OFF:
            return Content.styled(*((f"! {reading.why}", "$warning") if reading.why else ("not set up", "$muted")))
        snapshot = reading.snapshot
        if snapshot is None:
            failed = reading.state is State.FAILED
            return Content.styled(f"! {reading.why}" if failed else "—", "$warning" if failed else "$muted")
        old = reading.state is not State.LIVE
        lines = [
            _line("hit rate", reading.hit_rate, width, "$muted" if old else "bold"),
            Content.styled(spark(reading.operations.values, width).rjust(width), "$faint" if old else "$primary"),
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


class BigFigure(Vertical):
    """A number that is read from across the room, its unit, where it comes from, and how far back its curve goes."""

    def __init__(self, title: str, note: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane figure")
        self.border_title = Content(title)
        self._title = title
        self._note = note
        self._curve = Series()

    def compose(self) -> ComposeResult:
        """Number, curve, note."""
        with Horizontal(classes="number"):
            yield Digits("")
            yield Static(classes="unit", markup=False)
        yield Static(classes="curve", markup=False)
        yield Static(Content.styled(self._note, "$faint"), classes="note")

    def show(self, figure: str, unit: str, curve: Series) -> None:
        """Other figures. The title says the number too: no screen reader can read the large digits."""
        self.border_title = Content(f"{self._title} · {f'{figure} {unit}'.strip()}")
        self._curve = curve
        self.query_one(Digits).update(figure.replace("—", "-"))
        self.query_one(".unit", Static).update(Content(unit))
        self.draw_curve()

    def draw_curve(self) -> None:
        """As wide as there is room."""
        area = self.query_one(".curve", Static)
        width = max(area.size.width, 1)
        area.update(Content(curve(self._curve.values, width, max(area.size.height, 1))))
        self.query_one(".note", Static).update(Content.styled(self._axis(width), "$faint"))

    def _axis(self, width: int) -> str:
        """The time of the curve's first bar on the left, now on the right, the note where there is room."""
        seconds = round(self._curve.reach(width))
        if not seconds:
            return self._note
        bars = min(len(self._curve.values), width)
        left, right = " " * (width - bars) + f"−{amounts.span(seconds)}", "now"
        if width - bars > len(self._note) + 1:
            left = self._note + left[len(self._note) :]
        return left.ljust(width - len(right))[: max(0, width - len(right))] + right

    def on_resize(self) -> None:
        """Another width shows more or fewer looks."""
        later.once_drawn(self, self.draw_curve)
