"""Where set-up cannot start at all: another wizard runs, or its folder cannot be written."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button

from screens.app.setup.trouble import Trouble
from stores.errors import SoundcheckError


class BlockedPane(Vertical):
    """The reason, its cure, and a button to try again."""

    class TryAgain(Message):
        """The person has done something about it."""

    def __init__(self, error: SoundcheckError) -> None:
        super().__init__(id="blocked")
        self._error = error

    def compose(self) -> ComposeResult:
        """The reason, then the button."""
        yield Trouble()
        yield Button("Try again", id="try-again")

    def on_mount(self) -> None:
        """Show the reason."""
        self.query_one(Trouble).tell(self._error)

    def first_focus(self) -> Widget | None:
        """The only thing to press."""
        return self.query_one("#try-again")

    @on(Button.Pressed, "#try-again")
    def _again(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.TryAgain())
