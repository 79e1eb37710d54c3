"""One of a few words, chosen on one line: left and right, space or a click go through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.name_match import best_match
from soundcheck.stores.hidden_characters import visible

FORGET_AFTER: Final = 1.0
"""Seconds after which letters begin another word."""


class Choice(Widget, can_focus=True):
    """`‹ contains ›`."""

    DEFAULT_CSS = """
    Choice { width: auto; height: 1; padding: 0 1; color: $primary; }
    Choice:focus { background: $cursor; text-style: bold; }
    Choice:ansi:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,down", "turn(1)", "Next", tooltip="The next one"),
        Binding("left,up", "turn(-1)", "Previous", show=False, tooltip="The one before"),
    ]

    class Turned(Message):
        """Another one is chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """For selectors."""
            return self.choice

    options: reactive[tuple[str, ...]] = reactive((), layout=True)
    at: reactive[int] = reactive(0, layout=True)

    _typed = ""
    _timer: Timer | None = None

    @property
    def chosen(self) -> str:
        """The word that is shown, "" for none."""
        return self.options[self.at] if self.at < len(self.options) else ""

    def offer(self, options: Sequence[str], chosen: str = "") -> None:
        """Other words; the first one is chosen where `chosen` is not among them."""
        self.options = tuple(options)
        self.at = self.options.index(chosen) if chosen in self.options else 0

    def render(self) -> Content:
        """The word between its arrows."""
        return Content.assemble(("‹ ", "$faint"), visible(self.chosen), (" ›", "$faint"))

    def get_content_width(self, *_: object) -> int:
        """As wide as the word."""
        return Content(visible(self.chosen)).cell_length + 4

    def on_key(self, event: events.Key) -> None:
        """Letters choose the word that they begin; after a moment without one they begin anew."""
        letter = event.character or ""
        if not letter.isprintable() or letter.isspace() or not letter:
            return
        event.stop()
        self._typed += letter
        if self._timer is not None:
            self._timer.stop()
        self._timer = later.after(self, FORGET_AFTER, self._forget)
        at = best_match(self.options, self._typed)
        if at is not None and at != self.at:
            self.at = at
            self.post_message(self.Turned(self))

    def _forget(self) -> None:
        self._typed = ""

    def action_turn(self, by: int) -> None:
        """To the next word, round the ends."""
        if self.options:
            self.at = (self.at + by) % len(self.options)
            self.post_message(self.Turned(self))

    def on_click(self, event: events.Click) -> None:
        """The left arrow goes back, everything else on."""
        self.action_turn(-1 if event.x < 2 else 1)
