"""The open table: the parts that bring its rows, and how they work together when it is opened, moved or closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.tables.arranging import Arranging
from soundcheck.screens.app.tables.cache_column import CacheColumn
from soundcheck.screens.app.tables.followed_rows import FollowedRows
from soundcheck.screens.app.tables.page_reader import PageReader
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.row_counter import RowCounter
from soundcheck.screens.app.tables.row_names import RowNames
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.screens.app.tables.table_doubts import TableDoubts
from soundcheck.screens.app.tables.view_choice import ViewChoice
from soundcheck.screens.app.tables.view_lines import ViewLines
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.paging import FIRST, LAST, Page
from soundcheck.stores.rows.view import TableView
from soundcheck.stores.sensitivity import Sensitivity

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database


CHEAP: Final = 250.0
"""Milliseconds that a read may have taken for it to be repeated unasked when the user comes back."""


class OpenedTable:
    """The parts share one state, that of the pane.

    Calls `shown` with each new view, `rearranged` when the user changed columns, `found` when the tables changed.
    """

    def __init__(
        self,
        pane: RowsPane,
        lines: ViewLines,
        *,
        shown: Callable[[TableView], Any],
        rearranged: Callable[[], Any],
        found: Callable[[Known], Any],
    ) -> None:
        self._pane = pane
        self._lines = lines
        self._shown = shown
        self.reader = PageReader(pane, came=self._page_came, failed=self._page_missed)
        self.doubts = TableDoubts(pane, self.reader, found=found, gone=self._table_gone)
        self.following = FollowedRows(pane, self.reader, new=self._rows_came, failed=self.doubts.failed)
        self.counter = RowCounter(pane, failed=self.doubts.failed)
        self.choice = ViewChoice(pane, self.reader, lines, failed=self.doubts.failed)
        self.names = RowNames(pane)
        self.cache = CacheColumn(pane)
        self.arranging = Arranging(pane, changed=rearranged)

    def listen(self) -> None:
        """Start listening for signs of life; the pane is mounted."""
        self.following.follower.listen()

    def end(self) -> None:
        """Stop listening."""
        self.following.follower.end()

    # ── what is open ──

    @property
    def is_opening(self) -> bool:
        """Whether the first page of a table is on its way."""
        return not self._pane.grid.columns and self.reader.waits_for is not None

    @property
    def is_turning(self) -> bool:
        """Whether rows that continue nothing on screen are on their way, or being priced."""
        waits = self.reader.waits_for
        other = waits is not None and (waits.jump or waits.place in {FIRST, LAST} or waits.view != self._pane.view)
        return other or self.choice.is_asking

    def show(self, database: Database, view: TableView) -> None:
        """Open a view of a table from scratch, with columns measured anew: one query."""
        pane = self._pane
        self._leave(database)
        pane.grid.clear()
        pane.state = pane.state.opened(view, zone=database.zone, neon=database.url.is_neon)
        pane.grid.rearrange(replace(self.arranging.of(view.table), sort=view.sort))
        self._view_changed()
        self.choice.begin(view)

    def move(self, database: Database, table: Table) -> None:
        """Read the same table at another address, in the same place."""
        pane = self._pane
        self._leave(database)
        pane.state = pane.state.moved(table, zone=database.zone, neon=database.url.is_neon)
        self.reader.read_here_again()

    def close(self) -> None:
        """Close the table: the database is another one now."""
        self._leave(None)
        self._pane.grid.clear()
        self._pane.state = self._pane.state.closed()
        self._view_changed()

    def _leave(self, database: Database | None) -> None:
        self._pane.cancel_all()
        self.reader.forget()
        self._pane.database = database

    def _view_changed(self) -> None:
        """Stop whatever was about the rows before, and start over for these."""
        self.names.cancel()
        self.following.view_changed()
        self._lines.close()
        self.counter.begin()
        self.cache.view_changed()
        if self._pane.view is not None:
            self._shown(self._pane.view)

    def zone_changed(self) -> None:
        """Read the same rows again, with times in the new zone."""
        if self._pane.database is not None:
            self.reader.cancel()
            self.reader.read_here_again()

    def reveal_for_session(self) -> None:
        """Show every personal column, or mask them all again."""
        grid = self._pane.grid
        personal = (column.name for column in grid.columns if column.sensitivity is not Sensitivity.OPEN)
        grid.reveal(frozenset(personal) if self._pane.app.reveals else frozenset())
        self._pane.look_at_grid()

    # ── what others may have changed ──

    def read_again(self) -> None:
        """Read the rows on screen, their number and the tables again; the cursor and the lines above stay."""
        pane, view = self._pane, self._pane.view
        if view is not None and (pane.state.failure is not None or pane.state.offline is not None):
            self.reader.try_again()
        elif view is not None and view.as_it_comes:
            self.choice.want(view)
        elif view is not None:
            self._count_anew()
            self.reader.read_here_again()
        self.cache.forget()
        self.doubts.look(whole=True)

    def look_again(self) -> None:
        """Read again what was cheap the last time: the page on screen, and the numbers of the tables."""
        pane, state = self._pane, self._pane.state
        database, view, known = pane.database, state.view, state.known
        if database is None or database.may_be_asleep or self.reader.waits_for is not None:
            return
        if view is not None and (state.failure is not None or state.offline is not None):
            self.reader.try_again()
        elif view is not None and not self.following.follower.is_on and self._is_cheap(view):
            self.reader.read_here_again()
        self.doubts.look(whole=known is not None and known.catalog.elapsed_ms <= CHEAP)

    def _is_cheap(self, view: TableView) -> bool:
        elapsed = self._pane.state.elapsed_ms
        return not view.as_it_comes and elapsed is not None and elapsed <= CHEAP

    def _count_anew(self) -> None:
        """The planner's estimate takes the place of a number that was counted before."""
        self._pane.state = self._pane.state.recounting()
        self.counter.begin()

    # ── what comes ──

    def _page_came(self, request: PageRequest, page: Page) -> None:
        pane, grid, before, now = self._pane, self._pane.grid, self._pane.table, request.view.table
        other = request.view != pane.view
        if request.anew:
            grid.clear()
        if other:
            grid.picked.clear()
        if (other or request.anew) and before is not None and before is not now:
            self.arranging.table_replaced(before, now)
            self.following.table_replaced(before, now)
        if other or request.jump:
            grid.forget_rows()
            kept = self.arranging.of(now) if request.anew else grid.arrangement
            grid.rearrange(replace(kept, sort=request.view.sort))
        state = pane.state.came(request, page, zone=pane.database.zone if pane.database else pane.state.zone)
        fraction = request.fraction if request.fraction is not None else page.position
        grid.show_page(request.place, page, estimate=state.estimate, fraction=fraction)
        if pane.app.reveals and not grid.revealed:
            self.reveal_for_session()
        if request.here is not None:
            grid.point_at(request.here)
        window = grid.window
        if window.at_start:
            state = state.seeing(len(window), whole=window.at_end)
        window.estimate = state.estimate
        pane.state = state.at(grid.here).with_marks(window.rows_from(window.base))
        if other or request.anew:
            self._view_changed()
            later.once_drawn(pane, pane.app.has_begun)
        elif request.view.narrowed and request.is_whole_with(page):
            self.counter.cancel()
        self.names.ask(page.rows)

    def _page_missed(self, request: PageRequest, problem: SoundcheckError) -> None:
        self._pane.app.has_begun()
        self.doubts.not_read(request, problem)

    def _rows_came(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.names.ask(rows)

    def _table_gone(self) -> None:
        self.following.stop()
