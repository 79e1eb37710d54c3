"""Find: one line that takes a word of the page."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from screens.app.lines.one_line import OneLine


class FindLine(OneLine):
    """Enter goes to the first place, Esc closes."""

    @dataclass
    class Chosen(Message):
        """The word to find."""

        term: str

    def compose_line(self) -> ComposeResult:
        """A word and the field."""
        with Horizontal():
            yield Static("Find", classes="line-word")
            yield Input(id="find-word", compact=True, placeholder="a part of a name; then n and N")

    def ask(self) -> None:
        """Which word; the one before is still there."""
        self.opened()
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.accept()

    @on(Input.Submitted)
    def _go(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Chosen(event.value))
