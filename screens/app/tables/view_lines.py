"""The lines above the rows: the conditions in force, and the forms for a condition, a place, and a cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import var

from soundcheck.screens.app.parts.one_line import OneLine
from soundcheck.screens.app.tables.column_line import ColumnLine
from soundcheck.screens.app.tables.cost_line import CostLine
from soundcheck.screens.app.tables.filter_line import ANYWHERE, FilterLine
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.screens.app.tables.seek_line import SeekLine
from soundcheck.screens.app.tables.view_bar import ViewBar
from soundcheck.stores.rows.cost import Cost
from soundcheck.stores.rows.view import TableView


class ViewLines(Vertical):
    """Turns what is chosen on a line into `ViewWanted`; `CostLine.Accepted` and `SeekLine.Chosen` bubble up."""

    DEFAULT_CSS = "ViewLines { height: auto; }"

    @dataclass
    class ViewWanted(Message):
        """The user wants another view of the same table."""

        view: TableView

    class Closed(Message):
        """The open line closed, so the rows should get the focus."""

    state: var[PaneState] = var(PaneState())

    def __init__(self) -> None:
        super().__init__()
        self._filter = FilterLine()
        self._seek = SeekLine()
        self._cost = CostLine()
        self._column = ColumnLine()

    def compose(self) -> ComposeResult:
        """The conditions, then the lines that show only while they are in use."""
        yield ViewBar().data_bind(ViewLines.state)
        yield self._filter
        yield self._seek
        yield self._cost
        yield self._column

    def close(self) -> None:
        """Close whatever is open: it was about other rows."""
        for line in (self._filter, self._seek, self._cost, self._column):
            line.close()

    def ask_condition(self, column: str = ANYWHERE) -> None:
        """Ask for a condition on a column, or a search term for all columns."""
        if self.state.table is not None:
            self._filter.ask(self.state.table, column)

    def ask_place(self) -> None:
        """Ask where to go."""
        if self.state.view is not None:
            self._seek.ask(self.state.view)

    def ask_column(self, names: Sequence[str], here: str) -> None:
        """Ask for a column to go to."""
        self._column.ask(names, here)

    def ask_consent(self, view: TableView, cost: Cost) -> None:
        """Ask whether to read the view at this cost."""
        self._cost.say(view, cost)

    @on(OneLine.Closed)
    def _line_closed(self, event: OneLine.Closed) -> None:
        event.stop()  # one that is sent while a method of its parent runs goes no further up by itself
        self.post_message(self.Closed())

    @on(SeekLine.Chosen)
    def _close_seek(self) -> None:
        self._seek.close()

    @on(CostLine.ValueWanted)
    def _ask_value(self, event: CostLine.ValueWanted) -> None:
        event.stop()
        self.ask_condition(event.column)

    @on(FilterLine.Chosen)
    def _add_filter(self, event: FilterLine.Chosen) -> None:
        event.stop()
        view = self.state.view
        if view is not None and event.row_filter not in view.filters:
            self.post_message(self.ViewWanted(replace(view, filters=(*view.filters, event.row_filter))))

    @on(FilterLine.SearchChosen)
    def _search(self, event: FilterLine.SearchChosen) -> None:
        event.stop()
        view, revealed = self.state.view, self.state.here.revealed
        if view is not None:
            self.post_message(self.ViewWanted(replace(view, search=event.term, reveal=revealed, everywhere=False)))

    @on(ViewBar.Removed)
    def _remove(self, event: ViewBar.Removed) -> None:
        event.stop()
        self.remove_condition(event.index)

    def remove_condition(self, index: int) -> None:
        """Remove one; indexes follow the order on screen, with the search last."""
        view = self.state.view
        if view is None:
            return
        if index < len(view.filters):
            kept = tuple(one for place, one in enumerate(view.filters) if place != index)
            self.post_message(self.ViewWanted(replace(view, filters=kept)))
        else:
            self.post_message(self.ViewWanted(replace(view, search="")))
