"""Decides which rows to read next: prices a view that may be expensive, and finds a place before jumping to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.tables.page_reader import PageReader
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.row_numbers import rows_of_table
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.screens.app.tables.view_lines import ViewLines
from soundcheck.stores.catalog.histogram import Histogram, load_histogram
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.cost import MANY_ROWS, Cost, page_cost
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.percentile import Jump, jump_to
from soundcheck.stores.rows.view import PagePlace, TableView


@dataclass(frozen=True, slots=True)
class ShareSought:
    """A jump to a fraction (0 to 1) of a view's rows."""

    view: TableView
    fraction: float


@dataclass(frozen=True, slots=True)
class ValueSought:
    """A jump to a value, whose position among the rows is to be estimated."""

    view: TableView
    place: PagePlace


class ViewChoice:
    """Asks one thing at a time. `failed` gets the problem and the page that would have been read next."""

    def __init__(
        self,
        pane: RowsPane,
        reader: PageReader,
        lines: ViewLines,
        *,
        failed: Callable[[SoundcheckError, PageRequest | None], Any],
    ) -> None:
        self._pane = pane
        self._reader = reader
        self._lines = lines
        self._failed = failed
        self.price: StoreQuestion[TableView, Cost] = pane.question(
            "Asking the planner", answered=self._weigh, failed=self._go_unpriced
        )
        self._share: StoreQuestion[ShareSought, Jump] = pane.question(
            "Looking for a share of the rows", answered=self._jump_to_share, failed=self._stay
        )
        self._value: StoreQuestion[ValueSought, Histogram | None] = pane.question(
            "Looking how far a value is", answered=self._jump_to_value, failed=self._stay
        )

    @property
    def is_asking(self) -> bool:
        """Whether a view is being priced, or a place in it looked for."""
        return any(question.waits_for is not None for question in (self.price, self._share, self._value))

    # ── a view ──

    def begin(self, view: TableView) -> None:
        """Read a view that was just opened. Without a key the rows have to be sorted, so that is priced first."""
        database = self._pane.database
        rows = rows_of_table(view.table, self._pane.state.known)
        if database is None or view.as_it_comes or not row_order(view).order.whole or not _may_be_dear(view, rows):
            self._reader.show(view)
        else:
            self._ask_price(view)

    def want(self, view: TableView) -> None:
        """Show a view, or first say what it will cost."""
        view = replace(view, as_it_comes=False)
        try:
            dear = _may_be_dear(view, rows_of_table(view.table, self._pane.state.known))
        except SoundcheckError as problem:
            self._pane.say(problem)
            return
        if dear:
            self._ask_price(view)
        else:
            self._reader.show(view)

    def _ask_price(self, view: TableView) -> None:
        database = self._pane.database
        if database is not None:
            self._cancel()
            self.price.ask(view, lambda: page_cost(database, view))

    def _weigh(self, view: TableView, cost: Cost) -> None:
        if not cost.is_heavy:
            self._reader.show(view)
            return
        if not self._pane.grid.columns:
            self._begin_as_it_comes(view)
        self._lines.ask_consent(view, cost)

    def _go_unpriced(self, view: TableView, problem: SoundcheckError) -> None:
        if self._pane.grid.columns:
            self._failed(problem, PageRequest(view))
        else:
            self._begin_as_it_comes(view)  # what it costs is not known; if it cannot be read, that will say why

    def _begin_as_it_comes(self, view: TableView) -> None:
        """Read just the first rows, unsorted."""
        first_rows = replace(view, as_it_comes=True)
        self._pane.state = self._pane.state.without_order(first_rows)
        self._reader.show(first_rows)

    # ── a place in it ──

    def go(self, target: float | PagePlace) -> None:
        """Jump to a fraction of the rows, or to where a value begins."""
        view, database = self._pane.view, self._pane.database
        if view is None or database is None:
            return
        if isinstance(target, float):
            fraction = target
            self._cancel()
            self._share.ask(ShareSought(view, fraction), lambda: jump_to(database, view, fraction))
        elif view.narrowed:
            self._reader.jump(target, None)
        else:
            name = row_order(view).keys[0].name
            self._cancel()
            self._value.ask(ValueSought(view, target), lambda: load_histogram(database, view.table, name))

    def _jump_to_share(self, share: ShareSought, jump: Jump) -> None:
        if share.view == self._pane.view:  # a place among other rows is none of these
            self._reader.jump(jump.place, share.fraction, jump.note)

    def _jump_to_value(self, value: ValueSought, histogram: Histogram | None) -> None:
        cursor = value.place.cursor
        if value.view != self._pane.view or cursor is None:
            return
        share = histogram.fraction(cursor.values[0]) if histogram else None
        turned = row_order(value.view).keys[0].descending
        self._reader.jump(value.place, 1 - share if turned and share is not None else share)

    def _stay(self, _sought: ShareSought | ValueSought, problem: SoundcheckError) -> None:
        self._failed(problem, None)

    def _cancel(self) -> None:
        for question in (self.price, self._share, self._value):
            question.cancel()


def _may_be_dear(view: TableView, rows: RowCount) -> bool:
    """Whether to ask the planner: the `rows` are many or uncounted, and no index gives their order."""
    if rows.certainty is Certainty.EXACT or (rows.certainty is Certainty.ESTIMATE and rows.number < MANY_ROWS):
        row_order(view)
        return False
    order = row_order(view)
    return view.narrowed or order.order.whole or (bool(view.sort) and not order.order.indexed)
