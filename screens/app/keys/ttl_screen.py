"""How long a key should live from now on.

A question that is only about its price in Redis commands.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.stores.hidden_characters import visible

_LONGEST = 10 * 365 * 86400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class TtlScreen(ModalScreen[int | None]):
    """Closes with seconds, or None."""

    CSS_PATH = "keys.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", tooltip="Change nothing")]
    HELP = "Seconds, or a number with s, m, h or d behind it. The key expires so long from now."

    def __init__(self, key: str, proposed: int) -> None:
        super().__init__()
        self._key = key
        self._proposed = proposed

    def compose(self) -> ComposeResult:
        """A number and two buttons."""
        with Vertical(id="consent") as box:
            box.border_title = Content("Time to live")
            yield Static(
                Content(f"{visible(self._key)}\nSeconds from now, or 5m, 2h, 1d. 1 command."), id="consent-words"
            )
            yield Input(str(self._proposed), id="consent-name")
            yield CommandText(id="consent-ask", markup=False)
            with Horizontal(id="consent-buttons"):
                yield Button("Set", id="consent-yes", compact=True)
                yield Button("Cancel", id="consent-no", compact=True)
        yield KeyLine()

    @on(Input.Submitted)
    @on(Button.Pressed, "#consent-yes")
    def _accept(self) -> None:
        seconds = seconds_of(self.query_one(Input).value)
        if seconds is None:
            words = "Write a number of seconds, or one as 5m, 2h, 1d."
            self.query_one("#consent-ask", Static).update(Content.styled(words, "$warning"))
        else:
            self.dismiss(seconds)

    @on(Button.Pressed, "#consent-no")
    def _cancel(self) -> None:
        self.dismiss(None)


def seconds_of(text: str) -> int | None:
    """`300`, `5m`, `2h`, `1d`; None for anything else, nothing, and more than ten years."""
    text = text.strip().lower()
    unit = _UNITS.get(text[-1:], 0)
    digits = text[:-1] if unit else text
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 12:
        return None
    seconds = int(digits) * (unit or 1)
    return seconds if 0 < seconds <= _LONGEST else None


class PriceScreen(ModalScreen[bool]):
    """Nothing is written by what is asked here, so the yes has the focus."""

    CSS_PATH = "keys.tcss"
    AUTO_FOCUS = "#consent-yes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Cancel", tooltip="Ask nothing"),
        Binding("left,up", "app.focus_previous", "Previous", show=False, tooltip="To the button before"),
        Binding("right,down", "app.focus_next", "Next", show=False, tooltip="To the next button"),
    ]
    HELP = "Every Redis command is billed; this says how many it takes before it begins."

    def __init__(self, question: str, commands: int) -> None:
        super().__init__()
        self._question = question
        self._commands = commands

    def compose(self) -> ComposeResult:
        """The price and two buttons."""
        with Vertical(id="consent") as box:
            box.border_title = Content("Price")
            words = f"{visible(self._question)}\nAbout {self._commands:,} Redis commands; nothing is written."
            yield Static(Content(words), id="consent-words")
            with Horizontal(id="consent-buttons"):
                yield Button(f"Go on: {self._commands:,} commands", id="consent-yes", compact=True)
                yield Button("Cancel", id="consent-no", compact=True)
        yield KeyLine()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "consent-yes")
