"""Go to: one line that takes a value, a date or a percentage."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from screens.app.lines.one_line import OneLine
from screens.app.seek.target import read_target, target_words
from stores.errors import UsageError
from stores.place import Place
from stores.table_view import TableView


class SeekLine(OneLine):
    """Enter goes there, Esc closes."""

    @dataclass
    class Chosen(Message):
        """Where to go: a fraction of the rows, or a place."""

        target: float | Place

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: TableView | None = None

    def compose_line(self) -> ComposeResult:
        """A word and the field."""
        with Horizontal():
            yield Static("Go to", classes="line-word")
            yield Input(id="seek-value", compact=True)

    def ask(self, view: TableView) -> None:
        """Where in this view to go."""
        self._view = view
        self.opened()
        field = self.query_one(Input)
        field.value = ""
        field.placeholder = target_words(view)
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.accept()

    @on(Input.Submitted)
    def _go(self, event: Input.Submitted) -> None:
        event.stop()
        assert self._view is not None  # noqa: S101 - the line is open
        try:
            self.post_message(self.Chosen(read_target(self._view, event.value)))
        except UsageError as problem:
            self.refuse(problem)
