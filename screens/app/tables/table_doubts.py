"""What went wrong with rows, perhaps because their table is another one by now: that is looked at first.

A table that changed while it was open is read again from what it is now, in the same place.
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
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble, is_away
from soundcheck.stores.rows.carried import carry
from soundcheck.stores.rows.cells import visible
from soundcheck.stores.rows.follow import Row


@dataclass(frozen=True, slots=True)
class Doubt:
    """What went wrong with a table; `request` is the page that was wanted."""

    table: Table
    problem: SoundcheckError
    request: PageRequest | None


class TableDoubts:
    """`found` is called with tables that are others than before, `gone` when the one that is open was dropped."""

    def __init__(
        self, pane: RowsPane, reader: PageReader, *, found: Callable[[Known], Any], gone: Callable[[], Any]
    ) -> None:
        self._pane = pane
        self._reader = reader
        self._found = found
        self._gone = gone
        self._watch: CatalogWatch[Doubt] = CatalogWatch(pane, changed=self.follow, settled=self._settle)

    # ── what went wrong ──

    def failed(self, problem: SoundcheckError, request: PageRequest | None) -> None:
        """Say it above the rows; where the database itself is away, they turn grey and stay as they are.

        `request` is what was to be read next.
        """
        if is_away(problem):
            self._pane.state = self._pane.state.away(problem)
        elif not self._doubt(problem, request):
            self._pane.say(problem)

    def not_read(self, request: PageRequest, problem: SoundcheckError) -> None:
        """A page did not come."""
        if not self._doubt(problem, request):
            self._say_unread(request, problem)

    def _say_unread(self, request: PageRequest, problem: SoundcheckError) -> None:
        """Above the rows where they are still those of this table, else in their place."""
        pane = self._pane
        has_rows = bool(pane.grid.columns)
        if has_rows and is_away(problem):
            pane.state = pane.state.away(problem)
        elif has_rows and not request.anew and (request.jump or request.view != pane.view):
            pane.say(problem)
        else:
            pane.state = pane.state.failed(problem)

    def _doubt(self, problem: SoundcheckError, request: PageRequest | None) -> bool:
        """Whether the problem is held back until the tables were looked at."""
        table = self._pane.table
        if table is None or not may_mean_a_change(problem):
            return False
        self._watch.look(Doubt(table, problem, request))
        return True

    def _settle(self, doubt: Doubt | None) -> None:
        """Nothing changed, or nobody knows: the problem is what it says."""
        table, waits = self._pane.table, self._reader.waits_for
        if doubt is None or doubt.table is not table or (waits is not None and waits.view.table is not table):
            return
        if doubt.request is not None:
            self._say_unread(doubt.request, doubt.problem)
        else:
            self._pane.say(doubt.problem)

    # ── tables of now ──

    def listen(self) -> None:
        """Look whenever somebody comes back."""
        self._watch.listen()

    def end(self) -> None:
        """Nobody looks any more."""
        self._watch.end()

    def look(self, *, whole: bool = False) -> None:
        """Somebody asks; `whole` reads the tables all the same, for today's numbers of rows."""
        self._watch.look(whole=whole)

    def come_back(self) -> None:
        """From a screen above, which may have found other tables."""
        if (known := self._watch.found_above) is not None:
            self.follow(known)

    def know(self, known: Known) -> None:
        """The tables are these, as far as is known here."""
        self._watch.known = known
        self._pane.state = replace(self._pane.state, known=known)

    def take(self, known: Known) -> None:
        """They were just read: screens below this one take them as well."""
        self._watch.take(known)
        self.know(known)

    def follow(self, known: Known, doubt: Doubt | None = None) -> None:
        """What is open goes on with its filters and its order, as far as they still fit."""
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

    def _read_as_it_is(self, table: Table, now: Table, doubt: Doubt | None) -> None:
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


def _laid_out(row: Row | None, before: Table, now: Table) -> Row | None:
    """A row of before with its values where their columns are now, None for what is new."""
    if row is None:
        return None
    places = {column.name: place for place, column in enumerate(before.columns)}
    then = {name: places[old] for old, name in names_now(before, now).items()}
    values = (row.values[then[column.name]] if column.name in then else None for column in now.columns)
    return row._replace(values=tuple(values))
