"""Follows the rows on screen: reads their page over and over, and marks each row that changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from soundcheck.screens.app.follow.follower import Follower
from soundcheck.screens.app.follow.status import FollowStatus
from soundcheck.screens.app.tables.page_reader import PageReader
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.follow import RowState, SeenRow, follow_rows, pace_of, what_it_costs
from soundcheck.stores.rows.paging import FIRST, PAGE_ROWS, Page, PagePlace, read_view
from soundcheck.stores.rows.view import TableView

SLACK = 20
"""Extra rows read below those on screen, so that rows inserted above do not push one of them off the page."""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of the page: the view, the index it starts at, and the row before that."""

    view: TableView
    start: int
    before: SeenRow | None
    place: PagePlace


class FollowedRows:
    """One query per look, for the page on screen. It carries on through a sort, a filter and scrolling.

    Calls `new` with rows that appeared since the last look.
    """

    def __init__(
        self,
        pane: RowsPane,
        reader: PageReader,
        *,
        new: Callable[[Sequence[tuple[Any, ...]]], Any],
        failed: Callable[[SoundcheckError, PageRequest | None], Any],
    ) -> None:
        self._pane = pane
        self._reader = reader
        self._new = new
        self._failed = failed
        self._table: Table | None = None
        self.follower: Follower[Look, Page] = Follower(
            pane, looked=self._compare, failed=self._say_why_not, turned=self._show_status
        )

    def turn(self) -> None:
        """Start, or stop."""
        pane, database, table = self._pane, self._pane.database, self._pane.table
        if self.follower.is_on:
            self.follower.stop()
            return
        if database is None or table is None:
            return
        if not table.primary_key:
            pane.say("Rows without a primary key cannot be told apart, so they cannot be followed.")
            return
        self._table = table
        pane.say(what_it_costs(database.url))
        self._unmark()
        self.follower.start(pace_of(database.url), self._next_look)

    def stop(self) -> None:
        """Stop, if it is on."""
        self.follower.stop()

    def view_changed(self) -> None:
        """Keep following the same table in another view; stop for another table."""
        table = self._pane.table
        if table is None or table is not self._table:
            self.follower.stop()

    def table_replaced(self, before: Table, now: Table) -> None:
        """Carry on with the table in its new form."""
        if self._table is before:
            self._table = now

    def rows_came(self) -> None:
        """Recount the marks: marked rows may have left the window."""
        window = self._pane.grid.window
        self._pane.state = self._pane.state.with_marks(window.rows_from(window.base))

    def _unmark(self) -> None:
        """Remove rows that are gone, and all earlier marks."""
        window = self._pane.grid.window
        rows = window.rows_from(window.base)
        if any(row.mark for row in rows):
            kept = [row._replace(mark=None) for row in rows if not row.is_gone]
            self._pane.grid.show_followed(window.base, kept, more=not window.at_end)
            self.rows_came()

    def _next_look(self) -> tuple[Look, Callable[[], Awaitable[Page]]] | None:
        pane = self._pane
        database, view, grid = pane.database, pane.view, pane.grid
        if database is None or view is None or self._reader.waits_for is not None or not pane.state.shows_grid:
            return None
        window, (start, end) = grid.window, grid.visible_rows
        start = max(start, window.base)
        if start == window.base and not window.at_start:
            start += 1  # what stands before it is not at hand, and a page begins behind a row
        before = window.row(start - 1)
        place = FIRST if before is None else PagePlace.after(before.key) if before.key is not None else None
        if place is None or (before is None and not window.at_start):
            return None
        limit = max(PAGE_ROWS, end - start + SLACK)
        return Look(view, start, before, place), lambda: read_view(database, view, place=place, limit=limit)

    def _compare(self, look: Look, page: Page) -> None:
        pane, window = self._pane, self._pane.grid.window
        same_rows = look.view == pane.view and window.row(look.start - 1) is look.before
        if not same_rows or self._reader.waits_for is not None:
            self.follower.seen(quiet=True)
            return
        quiet = self._take(look.start, window.rows_from(look.start), page)
        self.follower.seen(quiet=quiet)
        self._reader.forget()
        rows = window.rows_from(window.base)
        state = pane.state.answered().with_marks(rows, pane.clock.now()).at(pane.grid.here)
        if window.at_start:
            state = state.seeing(sum(not row.is_gone for row in rows), whole=window.at_end)
        pane.state = state

    def _take(self, start: int, seen: Sequence[SeenRow], page: Page) -> bool:
        """Take in a page; returns whether nothing changed."""
        pane, window = self._pane, self._pane.grid.window
        found = follow_rows(seen, page, whole=window.at_end, at=pane.clock.now())
        if found.rows != tuple(seen) or found.whole != window.at_end:
            pane.grid.show_followed(start, found.rows, more=not found.whole)
        if found.new:
            self._new([row.values for row in found.rows if row.mark and row.mark.state is RowState.NEW])
        return found.is_quiet

    def _say_why_not(self, look: Look, problem: SoundcheckError) -> None:
        waits = self._reader.waits_for
        if look.view == self._pane.view and (waits is None or waits.view == self._pane.view):
            self._failed(problem, None)

    def _show_status(self, status: FollowStatus) -> None:
        self._pane.state = self._pane.state.with_status(status)
