"""Jump to a column: the cursor follows the name while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.parts.name_match import best_match
from soundcheck.screens.app.parts.one_line import OneLine
from soundcheck.stores.errors import UsageError
from soundcheck.stores.hidden_characters import visible


class ColumnName(Input):
    """The name; the key that ends it stands in the footer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Stay there", tooltip="Stay in this column")]


class ColumnLine(OneLine):
    """The first letters of a name are enough; Esc goes back to the column from before."""

    @dataclass
    class Named(Message):
        """The cursor goes to this column."""

        column: str

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._from = ""

    def compose_line(self) -> ComposeResult:
        """A word and the field."""
        with Horizontal():
            yield Static("Column", classes="line-word")
            yield ColumnName(id="column-name", compact=True, placeholder="the first letters of its name")

    def ask(self, names: Sequence[str], here: str) -> None:
        """Where to, from the column `here`."""
        self._names, self._from = tuple(names), here
        self.opened()
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = ""
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.accept()
        at = best_match(self._names, event.value)
        if at is not None:
            self.post_message(self.Named(self._names[at]))
        elif event.value.strip():
            known = ", ".join(visible(name) for name in self._names[:8])
            self.refuse(UsageError(f"No column is called {visible(event.value)}.", f"There are {known}."))

    @on(Input.Submitted)
    def _stay(self, event: Input.Submitted) -> None:
        event.stop()
        if best_match(self._names, event.value) is not None:
            self.close()

    def action_close(self) -> None:
        """Back to where it began."""
        self.post_message(self.Named(self._from))
        self.close()
