"""Reads the pages of a view one at a time, and retries in the same place, even if the database has moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.paging import Page, PagePlace, read_view
from soundcheck.stores.rows.view import TableView


class PageReader:
    """Calls `came` with each page, or `failed`. The newest request wins."""

    def __init__(
        self,
        pane: RowsPane,
        *,
        came: Callable[[PageRequest, Page], Any],
        failed: Callable[[PageRequest, SoundcheckError], Any],
    ) -> None:
        self._pane = pane
        self._came = came
        self._failed = failed
        self._unread: PageRequest | None = None
        """The request that failed or was cancelled, for a retry."""
        self._pages: StoreQuestion[PageRequest, Page] = pane.question(
            "Reading rows", answered=self._take, failed=self._miss, doing="reading…"
        )
        self._moved: StoreQuestion[str, bool] = pane.question(
            "Looking where the database is", answered=self._know_where_it_is, failed=self._find_it_nowhere
        )

    @property
    def waits_for(self) -> PageRequest | None:
        """The request that is still open, if any."""
        return self._pages.waits_for

    # ── reading ──

    def ask(self, request: PageRequest) -> None:
        """Start reading, unless this very page is already being read."""
        pane, database = self._pane, self._pane.database
        if database is None or self.waits_for == request:
            return
        had_failed = pane.state.failure is not None
        pane.state = pane.state.asked(request, zone=database.zone)
        if had_failed:
            pane.grid.focus()
        database.tell(later.while_open(pane, self._say_waking))
        self._pages.ask(request, lambda: read_view(database, request.view, place=request.place))

    def show(self, view: TableView) -> None:
        """Read a view of the same table from its first row."""
        self.ask(PageRequest(view))

    def turn_to(self, place: PagePlace) -> None:
        """Read a page the grid needs. While the database is away, pages that are only prefetched wait for a retry."""
        state, waits = self._pane.state, self.waits_for
        ahead = place.cursor is not None
        if state.view is not None and (waits is None or waits.view == state.view) and not (ahead and state.offline):
            self.ask(PageRequest(state.view, place))

    def jump(self, place: PagePlace, fraction: float | None, note: str = "") -> None:
        """Read the same view from some place in the middle."""
        if self._pane.view is not None:
            self.ask(PageRequest(self._pane.view, place, jump=True, fraction=fraction, note=note))

    def read_here_again(self) -> None:
        """Read the rows on screen again."""
        if self._pane.view is not None:
            self.ask(same_place(self._pane.view, self._pane.grid))

    def forget(self) -> None:
        """Forget the failed request: another table is open."""
        self._unread = None

    def cancel(self) -> PageRequest | None:
        """Stop reading, on the server too; returns the request."""
        return self._pages.cancel()

    def stop(self) -> None:
        """Stop because the user asked to: say so, and keep the request for a retry."""
        pane, stopped = self._pane, self.cancel()
        if stopped is None:
            return
        self._unread = stopped
        if not pane.grid.columns:
            problem = SoundcheckError("Reading was cancelled.", "Press r to read again.")
            pane.state = pane.state.failed(problem, shows_grid=pane.state.shows_grid)
        elif stopped.view != pane.view or stopped.jump:
            pane.say("Cancelled; these are the rows from before.")

    def _take(self, request: PageRequest, page: Page) -> None:
        self._unread = None
        self._came(request, page)

    def _miss(self, request: PageRequest, problem: SoundcheckError) -> None:
        self._unread = request
        self._pane.state = self._pane.state.waiting(waking="")
        self._failed(request, problem)

    def _say_waking(self, words: str) -> None:
        self._pane.state = self._pane.state.waiting(waking=words)

    # ── trying again ──

    def try_again(self) -> None:
        """Look for the database at its present address, then read the same place again."""
        pane = self._pane
        pane.state = pane.state.trying_again()
        self._moved.ask("moved", pane.app.renew_clients)

    def _know_where_it_is(self, _asked: str, moved: bool) -> None:
        view = self._pane.view
        if not moved and view is not None:  # else the pane is given the new one
            self.ask(self._unread or same_place(view, self._pane.grid))

    def _find_it_nowhere(self, _asked: str, problem: SoundcheckError) -> None:
        self._pane.state = self._pane.state.away(problem)


def same_place(view: TableView, grid: Grid) -> PageRequest:
    """The request for the rows on screen."""
    window = grid.window
    start = max(grid.visible_rows[0], window.base)
    before = window.row(start - 1)
    if before is None or before.key is None:
        return PageRequest(view, jump=True, here=grid.row)
    return PageRequest(
        view, PagePlace.after(before.key), jump=True, fraction=start / max(window.total, 1), here=grid.row
    )
