"""One figure, large, with the curve of its last looks below."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from screens.app import amounts
from screens.app.cache.reading import Series


class Figure(Vertical):
    """A number that is read from across the room, its unit, where it comes from, and how far back its curve goes."""

    def __init__(self, title: str, note: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane figure")
        self.border_title = Content(title)
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
        """Other figures."""
        self._curve = curve
        self.query_one(Digits).update(figure.replace("—", "-"))
        self.query_one(".unit", Static).update(Content(unit))
        self.draw_curve()

    def draw_curve(self) -> None:
        """As wide as there is room."""
        area = self.query_one(".curve", Static)
        width = max(area.size.width, 1)
        area.update(Content(amounts.curve(self._curve.values, width, max(area.size.height, 1))))
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
        self.call_after_refresh(self.draw_curve)
