"""Rows that are followed: the page on screen is read again and again, and what became of each row is marked in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.content import Content
from textual.widget import Widget

from soundcheck.screens.app.follow.follow_line import FollowLine, cell_words, state_words
from soundcheck.screens.app.follow.follower import Follower, Question
from soundcheck.screens.app.tables.view_pane import ViewPane
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.clock import Clock
from soundcheck.stores.rows.follow import Followed, Row, RowState, follow_rows, pace_of, what_it_costs
from soundcheck.stores.rows.paging import FIRST, PAGE_ROWS, Page, Place, read_view
from soundcheck.stores.rows.view import TableView

SLACK = 20
"""Rows asked for beyond those on screen: so many may be pushed in above them before one of these falls off the page."""


@dataclass(frozen=True, slots=True)
class Look:
    """A page that was asked for again: the view, where it begins among the rows at hand, and the row before that."""

    view: TableView
    start: int
    before: Row | None
    place: Place


class FollowPane(ViewPane):
    """One query a look, of the page on screen; it goes along with sort, filter and scrolling."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(clock, id=id)
        self._followed_table: Table | None = None

    def compose_lines(self) -> Iterable[Widget]:
        """Who asks again and again."""
        yield from super().compose_lines()
        yield Follower()

    def compose_below(self) -> Iterable[Widget]:
        """What came of it."""
        yield FollowLine(markup=False)

    @property
    def follower(self) -> Follower:
        """Who asks."""
        return self.query_one(Follower)

    def view_changed(self) -> None:
        """Another table is not followed unasked; another order of the same rows is."""
        table = self.view.table if self.view else None
        if table is None or table is not self._followed_table:
            self.follower.stop()
        super().view_changed()

    def action_watch(self) -> None:
        """Begin, or stop."""
        database, table = self._database, self.table
        if self.follower.is_on:
            self.follower.stop()
            return
        if database is None or table is None:
            return
        if not table.primary_key:
            self.say("Rows without a primary key cannot be told apart, so they cannot be followed.")
            return
        self._followed_table = table
        self.say(what_it_costs(database.url))
        self._unmark()
        self.follower.start(pace_of(database.url), self._next_look)

    def _unmark(self) -> None:
        """What was gone goes, and no mark stays from an earlier time."""
        window = self.grid.window
        rows = window.rows_from(window.base)
        if any(row.mark for row in rows):
            kept = [row._replace(mark=None) for row in rows if not row.is_gone]
            self.grid.show_followed(window.base, kept, more=not window.at_end)

    def _next_look(self) -> Question | None:
        database, view, grid = self._database, self.view, self.grid
        if database is None or view is None or self.pages.waits_for is not None or not grid.display:
            return None
        window, (start, end) = grid.window, grid.visible_rows
        start = max(start, window.base)
        if start == window.base and not window.at_start:
            start += 1  # what stands before it is not at hand, and a page begins behind a row
        before = window.row(start - 1)
        place = FIRST if before is None else Place.after(before.key) if before.key is not None else None
        if place is None or (before is None and not window.at_start):
            return None
        limit = max(PAGE_ROWS, end - start + SLACK)
        return Look(view, start, before, place), lambda: read_view(database, view, place=place, limit=limit)

    @on(Follower.Looked)
    def _compare(self, event: Follower.Looked) -> None:
        event.stop()
        look: Look = event.what
        window = self.grid.window
        same_rows = look.view == self.view and window.row(look.start - 1) is look.before
        if not same_rows or self.pages.waits_for is not None:
            self.follower.seen(quiet=True)
            return
        found = self._take(look.start, window.rows_from(look.start), event.answer)
        self.follower.seen(quiet=found.is_quiet)
        self.answered()
        self.draw_words()

    def _take(self, start: int, seen: Sequence[Row], page: Page) -> Followed:
        window = self.grid.window
        found = follow_rows(seen, page, whole=window.at_end, at=self._clock.now())
        if found.rows != tuple(seen) or found.whole != window.at_end:
            self.grid.show_followed(start, found.rows, more=not found.whole)
        if found.new:
            self.rows_came([row.values for row in found.rows if row.mark and row.mark.state is RowState.NEW])
        return found

    def rows_came(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows that nobody saw before are at hand."""

    @on(Follower.Failed)
    def _look_failed(self, event: Follower.Failed) -> None:
        event.stop()
        look: Look | None = event.what
        waits = self.pages.waits_for
        if (look is None or look.view == self.view) and (waits is None or waits.view == self.view):
            self.failed(event.problem)
            self.draw_words()

    @on(Follower.Turned)
    def _follow_turned(self, event: Follower.Turned) -> None:
        event.stop()
        self.draw_words()
        self.refresh_bindings()

    def draw_words(self, *_: object) -> None:
        """And what is said of following."""
        super().draw_words()
        grid, line = self.grid, self.query_one(FollowLine)
        marks = [row.mark.state for row in grid.window.rows_from(grid.window.base) if row.mark]
        url = self._database.url if self._database else None
        width = self.content_size.width
        state = state_words(self.follower, url, Counter(marks), width)
        cell = cell_words(grid, self._clock.now(), width)
        line.show(Content("\n").join([part for part in (state, cell) if part.plain]))
