"""One condition on one line: the column, what its type can be compared by, and the value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.parts.choice import Choice
from soundcheck.screens.app.parts.one_line import OneLine
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.filters import (
    NEEDS_NO_VALUE,
    TAKES_A_LIST,
    TAKES_A_PAIR,
    TAKES_A_PATTERN,
    Operator,
    RowFilter,
    operators_for,
    parse_filter,
)
from soundcheck.stores.rows.search import plan_search
from soundcheck.stores.rows.typed_value import checked, expected

ANYWHERE: Final = "any column"
_EXAMPLES: Final = {
    **dict.fromkeys(TAKES_A_LIST, "one, 'two, three', it's"),
    **dict.fromkeys(TAKES_A_PAIR, "low and high"),
    **dict.fromkeys(TAKES_A_PATTERN, "a%, with _ for one character"),
    Operator.JSON_PATH: '$.tags[*] ? (@ == "calm")',
}


class FilterValue(Input, inherit_bindings=False):
    """The value. The keys that apply the filter and that change the comparison stand in the footer.

    One line does not scroll, so that the arrows are left to the line around it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Apply", tooltip="Show only the rows that fit"),
        *Input.BINDINGS,
    ]


class FilterLine(OneLine):
    """What is typed is checked before it is sent; Enter adds the condition, Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "operator(1)", "Comparison", key_display="↑ ↓", tooltip="The next comparison"),
        Binding("up", "operator(-1)", "Comparison", show=False, tooltip="The comparison before"),
        Binding("tab", "around(1)", "Column", tooltip="To the column, the comparison and back; letters choose there"),
        Binding("shift+tab", "around(-1)", "Column", show=False, tooltip="The same the other way round"),
    ]

    @dataclass
    class Chosen(Message):
        """A condition to add."""

        row_filter: RowFilter

    @dataclass
    class SearchChosen(Message):
        """A term to look for in every column."""

        term: str

    class Refused(Message):
        """A value that the column does not take, as far as is known."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._table: Table | None = None

    def compose_line(self) -> ComposeResult:
        """Column, comparison, value."""
        with Horizontal():
            yield Static("Filter", classes="line-word")
            yield Choice(id="filter-column")
            yield Choice(id="filter-operator")
            yield FilterValue(id="filter-value", compact=True, select_on_focus=False)

    def ask(self, table: Table, column: str) -> None:
        """A condition on this column, or with `ANYWHERE` a search."""
        self._table = table
        self.opened()
        names = [one.name for one in table.columns]
        self.query_one("#filter-column", Choice).offer([*names, ANYWHERE], column)
        self._offer_operators()
        value = self.query_one(Input)
        value.value = ""
        value.focus()

    @property
    def _column(self) -> str:
        return self.query_one("#filter-column", Choice).chosen

    @property
    def _operator(self) -> Operator:
        return Operator(self.query_one("#filter-operator", Choice).chosen)

    @on(Choice.Turned, "#filter-column")
    def _offer_operators(self) -> None:
        """Those that the column's type knows."""
        if self._table is None:
            return
        operators = self.query_one("#filter-operator", Choice)
        operators.display = self._column != ANYWHERE
        if self._column != ANYWHERE:
            operators.offer([str(one) for one in operators_for(self._table.column(self._column))])
        self._say_expected()

    @on(Choice.Turned, "#filter-operator")
    def _say_expected(self) -> None:
        """What can be typed, where it will be typed."""
        assert self._table is not None  # noqa: S101 - only called with one
        value = self.query_one(Input)
        value.disabled = False
        if self._column == ANYWHERE:
            value.placeholder = "a word, a number, a date or an id"
        elif self._operator in NEEDS_NO_VALUE:
            value.placeholder = "enter adds it"
        else:
            value.placeholder = _EXAMPLES.get(self._operator) or expected(self._table.column(self._column))
        self.accept()

    @on(Input.Changed, "#filter-value")
    def _typed(self) -> None:
        self.accept()

    @on(Input.Submitted, "#filter-value")
    def _add(self, event: Input.Submitted) -> None:
        event.stop()
        assert self._table is not None  # noqa: S101 - the line is open
        try:
            if self._column == ANYWHERE:
                self.post_message(self.SearchChosen(plan_search(self._table, event.value).term))
            else:
                self.post_message(self.Chosen(self._read(self._table, event.value)))
        except UsageError as problem:
            self.refuse(problem)
            self.post_message(self.Refused())

    def _read(self, table: Table, typed: str) -> RowFilter:
        """The condition. Raises `UsageError` that says what is expected."""
        column, operator = table.column(self._column), self._operator
        value = "" if operator in NEEDS_NO_VALUE else typed
        read = parse_filter(f"{quoted_name(column.name)} {operator} {value}", table.columns)
        checked(read, column)
        return read

    def action_around(self, by: int) -> None:
        """From the value to the column, on to the comparison, and back to the value."""
        column, operator = self.query_one("#filter-column", Choice), self.query_one("#filter-operator", Choice)
        parts = [column, *([operator] if operator.display else []), self.query_one(Input)]
        focused = self.screen.focused
        at = parts.index(focused) if focused in parts else len(parts) - 1
        self.screen.set_focus(parts[(at + by) % len(parts)])

    def action_operator(self, by: int) -> None:
        """The arrows in the value choose the comparison."""
        operators = self.query_one("#filter-operator", Choice)
        if operators.display:
            operators.action_turn(by)
