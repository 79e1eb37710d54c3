"""Counts the rows of a view: an estimate for every narrowed view, a real count on a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.counting import count_capped, count_exact, estimate
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class Counting:
    """A request for a view's number of rows, counted or estimated."""

    view: TableView
    counted: bool


class RowCounter:
    """One number at a time."""

    def __init__(self, pane: RowsPane, *, failed: Callable[[SoundcheckError, PageRequest | None], Any]) -> None:
        self._pane = pane
        self._failed = failed
        self._question: StoreQuestion[Counting, RowCount] = pane.question(
            "Counting rows", answered=self._show, failed=lambda _asked, problem: self._failed(problem, None)
        )

    def begin(self) -> None:
        """Start on another view. The planner estimates a narrowed one without reading a row."""
        self.cancel()
        view, database = self._pane.view, self._pane.database
        if view is not None and database is not None and view.narrowed and not self._pane.state.counted:
            self._question.ask(Counting(view, counted=False), lambda: estimate(database, view))

    def cancel(self) -> None:
        """Stop counting."""
        self._question.cancel()

    def count(self) -> None:
        """Count up to a limit; the second time, count all."""
        state, view, database = self._pane.state, self._pane.view, self._pane.database
        if view is None or database is None:
            return
        once_more = state.counted and state.rows is not None and state.rows.certainty is not Certainty.EXACT
        count = count_exact if once_more else count_capped
        self._question.ask(Counting(view, counted=True), lambda: count(database, view))

    def _show(self, asked: Counting, rows: RowCount) -> None:
        pane = self._pane
        if asked.view == pane.view:
            pane.state = pane.state.with_count(rows, counted=asked.counted)
            pane.grid.window.estimate = pane.state.estimate
