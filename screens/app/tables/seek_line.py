"""Go to: one line that takes a value, a date or a percentage.

What somebody wants to go to: a percentage of the way, or a value of the column that gives the order. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.parts.one_line import OneLine
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.typed_value import expected, parse_value
from soundcheck.stores.rows.view import PagePlace, TableView

_PERCENT: Final = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")


def target_words(view: TableView) -> str:
    """What can be typed, as `createdAt: a date … · or 50 %`."""
    order = row_order(view)
    if not _has_values(view):
        return "50 %"
    name = order.keys[0].name
    return f"50 % · or for {name}: {expected(view.table.column(name))}"


def read_target(view: TableView, text: str) -> float | PagePlace:
    """A fraction of the rows (0 to 1), or the place where a value begins. Raises `UsageError`."""
    order = row_order(view)
    if not order.total:
        raise UsageError(order.note, "Read it in order instead.")
    text = text.strip()
    if percent := _PERCENT.fullmatch(text):
        share = float(percent[1].replace(",", "."))
        if share > 100:
            raise UsageError(f"{text} is past the last row.", "0 % is the first row, 100 % the last one.")
        return share / 100
    if not _has_values(view):
        where = "their order on disk" if order.physical else "the order of the whole row"
        raise UsageError(f"Rows in {where} have no value to go to.", "Sort by a column first, or type 50 %.")
    if not text:
        raise UsageError("There is nothing to go to.", target_words(view))
    return PagePlace.at(parse_value(view.table.column(order.keys[0].name), text))


def _has_values(view: TableView) -> bool:
    """Whether the first thing that rows are ordered by is a column of the table."""
    keys = row_order(view).keys
    return bool(keys) and keys[0].name in {column.name for column in view.table.columns}


class SeekLine(OneLine):
    """Enter goes there, Esc closes."""

    @dataclass
    class Chosen(Message):
        """Where to go: a fraction of the rows, or a place."""

        target: float | PagePlace

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
