"""One figure, large, with the curve of its last looks below."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from screens.app import amounts


class Figure(Vertical):
    """A number that is read from across the room, its unit, and where it comes from."""

    def __init__(self, title: str, note: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane figure")
        self.border_title = Content(title)
        self._note = note
        self._curve: tuple[float, ...] = ()

    def compose(self) -> ComposeResult:
        """Number, curve, note."""
        with Horizontal(classes="number"):
            yield Digits("")
            yield Static(classes="unit", markup=False)
        yield Static(classes="curve", markup=False)
        yield Static(Content.styled(self._note, "$faint"), classes="note")

    def show(self, figure: str, unit: str, curve: Sequence[float]) -> None:
        """Other figures."""
        self._curve = tuple(curve)
        self.query_one(Digits).update(figure.replace("—", "-"))
        self.query_one(".unit", Static).update(Content(unit))
        self.draw_curve()

    def draw_curve(self) -> None:
        """As wide as there is room."""
        area = self.query_one(".curve", Static)
        area.update(Content(amounts.curve(self._curve, max(area.size.width, 1), max(area.size.height, 1))))

    def on_resize(self) -> None:
        """Another width shows more or fewer looks."""
        self.call_after_refresh(self.draw_curve)
