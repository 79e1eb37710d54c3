"""A yes-or-no switch that is told apart without colour: a tick, or nothing."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox


class ConsentBox(Checkbox):
    """One consent. `needed` ones stand in the way of Next until they are given."""

    BUTTON_LEFT = ""
    BUTTON_RIGHT = ""

    def __init__(self, text: str, value: bool = False, *, id: str, needed: bool = False) -> None:  # noqa: A002
        self.BUTTON_INNER = _drawn(value)
        super().__init__(Content(text), value, id=id, classes="needed" if needed else "")

    def watch_value(self) -> None:
        """Draw the tick, then say that it changed."""
        self.BUTTON_INNER = _drawn(self.value)
        super().watch_value()


def _drawn(value: bool) -> str:
    return "[✓]" if value else "[ ]"
