"""Handles failures that may mean the table has changed: looks at the catalogue before showing the error.

A table that changed while open is read again as it is now, in the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from soundcheck.screens.app.relation.catalog_watch import CatalogWatch, may_mean_a_change
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.tables.page_reader import PageReader, same_place
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.catalog.changes import is_the_same, names_now
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble, is_away
from soundcheck.stores.rows.carried import carry
from soundcheck.stores.rows.follow import SeenRow


@dataclass(frozen=True, slots=True)
class TableDoubt:
    """A failure that waits for a look at the catalogue; `request` is the page that was wanted."""

    table: Table
    problem: SoundcheckError
    request: PageRequest | None


class TableDoubts:
    """Calls `found` when the tables changed, and `gone` when the open one was dropped."""

    def __init__(
        self, pane: RowsPane, reader: PageReader, *, found: Callable[[Known], Any], gone: Callable[[], Any]
    ) -> None:
        self._pane = pane
        self._reader = reader
        self._found = found
        self._gone = gone
        self._watch: CatalogWatch[TableDoubt] = CatalogWatch(pane, changed=self.follow, settled=self._settle)

    # ── what went wrong ──

    def failed(self, problem: SoundcheckError, request: PageRequest | None) -> None:
        """Show the problem above the rows. If the database is unreachable, the rows turn grey and stay.

        `request` is the page that would have been read next.
        """
        if is_away(problem):
            self._pane.state = self._pane.state.away(problem)
        elif not self._doubt(problem, request):
            self._pane.say(problem)

    def not_read(self, request: PageRequest, problem: SoundcheckError) -> None:
        """Handle a page that could not be read."""
        if not self._doubt(problem, request):
            self._say_unread(request, problem)

    def _say_unread(self, request: PageRequest, problem: SoundcheckError) -> None:
        """Show it above the rows if they still belong to this table, else in their place."""
        pane = self._pane
        has_rows = bool(pane.grid.columns)
        if has_rows and is_away(problem):
            pane.state = pane.state.away(problem)
        elif has_rows and not request.anew and (request.jump or request.view != pane.view):
            pane.say(problem)
        else:
            pane.state = pane.state.failed(problem)

    def _doubt(self, problem: SoundcheckError, request: PageRequest | None) -> bool:
        """Look at the catalogue first if the problem calls for it; returns whether it does."""
        table = self._pane.table
        if table is None or not may_mean_a_change(problem):
            return False
        self._watch.look(TableDoubt(table, problem, request))
        return True

    def _settle(self, doubt: TableDoubt | None) -> None:
        """Show the problem as it is: the tables are the same, or could not be read."""
        table, waits = self._pane.table, self._reader.waits_for
        if doubt is None or doubt.table is not table or (waits is not None and waits.view.table is not table):
            return
        if doubt.request is not None:
            self._say_unread(doubt.request, doubt.problem)
        else:
            self._pane.say(doubt.problem)

    # ── tables of now ──

    def look(self, *, whole: bool = False) -> None:
        """Look now. `whole` reads the tables even if unchanged, for current row counts."""
        self._watch.look(whole=whole)

    def come_back(self) -> None:
        """Take over changes that a screen on top of this one found."""
        if (known := self._watch.found_above) is not None:
            self.follow(known)

    def know(self, known: Known) -> None:
        """Use these tables from now on."""
        self._watch.known = known
        self._pane.state = self._pane.state.knowing(known)

    def take(self, known: Known) -> None:
        """Use tables that were just read, and pass them to the screens below."""
        self._watch.take(known)
        self.know(known)

    def follow(self, known: Known, doubt: TableDoubt | None = None) -> None:
        """Carry the open view over to the new tables, with the filters and the order that still fit."""
        self.take(known)
        self._found(known)
        pane, table, view = self._pane, self._pane.table, self._pane.view
        if table is None or view is None:
            return
        if doubt is not None and doubt.table is not table:
            doubt = None
        now = known.now(table)
        if now is None:
            self._say_gone(table)
        elif is_the_same(table, now) and pane.state.failure is None:
            self._settle(doubt)
        else:
            self._read_as_it_is(table, now, doubt)

    def _read_as_it_is(self, table: Table, now: Table, doubt: TableDoubt | None) -> None:
        pane, view = self._pane, self._pane.view
        assert view is not None  # noqa: S101 - `table` is open
        waits = doubt.request if doubt is not None else self._reader.waits_for
        if doubt is None and waits is not None and is_the_same(waits.view.table, now):
            return  # its rows are on their way
        carried = carry(waits.view if waits is not None else view, now)
        stays = carried.same_order and (waits is None or waits.view == view) and bool(len(pane.grid.window))
        place = same_place(carried.view, pane.grid) if stays else PageRequest(carried.view, jump=True)
        moved = dict(carried.filters)
        followed = pane.state.followed
        pane.state = replace(pane.state, followed=frozenset(moved[one] for one in followed if one in moved))
        self._reader.cancel()
        self._reader.ask(replace(place, note=carried.words, anew=True, here=_laid_out(place.here, table, now)))

    def _say_gone(self, table: Table) -> None:
        pane = self._pane
        pane.cancel_all()
        self._gone()
        problem = DatabaseProblem(
            Trouble.MISSING,
            f"{visible(table.name)} is not there any more: it was dropped.",
            "Esc leads back to the other tables.",
        )
        pane.state = pane.state.failed(problem)


def _laid_out(row: SeenRow | None, before: Table, now: Table) -> SeenRow | None:
    """An old row with its values in the new column order, None for new columns."""
    if row is None:
        return None
    places = {column.name: place for place, column in enumerate(before.columns)}
    then = {name: places[old] for old, name in names_now(before, now).items()}
    values = (row.values[then[column.name]] if column.name in then else None for column in now.columns)
    return row._replace(values=tuple(values))
