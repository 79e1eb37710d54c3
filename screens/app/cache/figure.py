"""One figure, large, with the curve of its last looks below."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Digits, Sparkline, Static


class Figure(Vertical):
    """A number that is read from across the room, its unit, and where it comes from."""

    def __init__(self, title: str, note: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane figure")
        self.border_title = Content(title)
        self._note = note

    def compose(self) -> ComposeResult:
        """Number, curve, note."""
        yield Digits("—")
        yield Sparkline([], summary_function=max)
        yield Static(Content.styled(self._note, "$faint"), classes="note")

    def show(self, figure: str, unit: str, curve: Sequence[float]) -> None:
        """Other figures."""
        self.query_one(Digits).update(figure)
        self.border_subtitle = Content(unit)
        self.query_one(Sparkline).data = list(curve)
