"""A question that is only about its price in Redis commands."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from screens.app.key_line import KeyLine
from stores.cells import visible


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
