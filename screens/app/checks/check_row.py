"""One check as a line: how it stands, what holds, how long it took, what was found."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from soundcheck.checks.check import Check, Outcome
from soundcheck.screens.app.checks.row_text import row_lines
from soundcheck.screens.app.parts.clicks import Clicks


class CheckRow(Widget, can_focus=True):
    """Waits, runs, ends; Enter opens what is behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "screen.leave(1)", "Buttons", show=False, tooltip="To the buttons"),
        Binding("shift+tab", "screen.leave(-1)", "Places", show=False, tooltip="To the places"),
        Binding("enter", "open", "More", tooltip="Cause, evidence, what to do, and fixes"),
        Binding(
            "r", "again", "Ask again", tooltip="Ask this check again, with what it requires and what waited for it"
        ),
    ]

    class Opened(Message):
        """The person wants to know more."""

        def __init__(self, row: CheckRow) -> None:
            super().__init__()
            self.row = row

    class AskAgain(Message):
        """The person wants this one asked once more."""

        def __init__(self, check: Check) -> None:
            super().__init__()
            self.check = check

    outcome: reactive[Outcome | None] = reactive(None, layout=True)
    """What it found, free of secrets."""
    said: reactive[str] = reactive("", layout=True)
    """What it is doing now; "" before it has begun."""
    idle: reactive[bool] = reactive(False)
    """Nothing runs, so it may be asked again."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self.check = check
        self._clicks = Clicks()

    def render(self) -> Content:
        """All its lines."""
        return Content("\n").join(row_lines(self.check, self.outcome, self.said, self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line, or more where there is something to say and little room."""
        return len(row_lines(self.check, self.outcome, self.said, width))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to open before it has ended."""
        if action == "open":
            return self.outcome is not None
        return self.idle if action == "again" else True

    def watch_outcome(self) -> None:
        """Enter works from now on."""
        self.refresh_bindings()

    def watch_idle(self) -> None:
        """So does `r`."""
        if self.has_focus:
            self.refresh_bindings()

    def action_open(self) -> None:
        """Say which."""
        if self.outcome is not None:
            self.post_message(self.Opened(self))

    def action_again(self) -> None:
        """Say which."""
        self.post_message(self.AskAgain(self.check))

    def on_click(self, event: events.Click) -> None:
        """The first click chooses, the second opens."""
        if self._clicks.is_second(self):
            self.action_open()

    def on_blur(self) -> None:
        """A click after something else was chosen is a first one."""
        self._clicks.forget()
