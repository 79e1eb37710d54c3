"""Rows of a table that changes while it is open: they are read again from what it is now, in the same place."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.message import Message

from soundcheck.screens.app.parts.trouble import Trouble
from soundcheck.screens.app.relation.catalog_watch import may_mean_a_change
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.tables.filter_line import FilterLine
from soundcheck.screens.app.tables.follow_pane import FollowPane
from soundcheck.screens.app.tables.wish import Wish, same_place
from soundcheck.stores.catalog.changes import is_the_same, names_now
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.problem import Trouble as Kind
from soundcheck.stores.rows.carried import carry
from soundcheck.stores.rows.cells import visible
from soundcheck.stores.rows.follow import Row
from soundcheck.stores.rows.paging import FIRST


@dataclass(frozen=True, slots=True)
class Doubt:
    """What went wrong with a table, perhaps because it is another one by now; `wish` is the page that was wanted."""

    table: Table
    problem: SoundcheckError
    wish: Wish | None


class ChangingPane(FollowPane):
    """Whoever owns it listens to `TablesDoubted`, looks, and calls `settle` or `follow_tables`."""

    @dataclass
    class TablesDoubted(Message):
        """The tables may have changed; None where nothing went wrong and somebody just asks."""

        doubt: Doubt | None

    def doubts(self, problem: SoundcheckError, wish: Wish | None) -> bool:
        """Whether the problem is held back until the tables were looked at."""
        if self.table is None or not may_mean_a_change(problem):
            return False
        self.post_message(self.TablesDoubted(Doubt(self.table, problem, wish)))
        return True

    def settle(self, doubt: Doubt) -> None:
        """Nothing changed: the problem is what it says."""
        waits: Wish | None = self.pages.waits_for
        if doubt.table is not self.table or (waits is not None and waits.view.table is not self.table):
            return
        if doubt.wish is not None:
            self.could_not_read(doubt.wish, doubt.problem)
        else:
            self.say_problem(doubt.problem)
            self.draw_words()

    @on(FilterLine.Refused)
    def _value_refused(self, event: FilterLine.Refused) -> None:
        """Its type may be another one by now, or have more values."""
        event.stop()
        self.post_message(self.TablesDoubted(None))

    def action_read_again(self) -> None:
        """And look whether the table is still the same."""
        super().action_read_again()
        self.post_message(self.TablesDoubted(None))

    def follow_tables(self, known: Known, doubt: Doubt | None = None) -> None:
        """The tables as they are now: what is open goes on with its filters and its order, as far as they still fit."""
        table, view = self.table, self.view
        if table is None or view is None:
            return
        if doubt is not None and doubt.table is not table:
            doubt = None
        now = known.now(table)
        if now is None:
            self._say_gone(table)
            return
        if is_the_same(table, now) and not self._is_missing:
            if doubt is not None:
                self.settle(doubt)
            return
        waits: Wish | None = doubt.wish if doubt is not None else self.pages.waits_for
        if doubt is None and waits is not None and is_the_same(waits.view.table, now):
            return  # its rows are on their way
        carried = carry(waits.view if waits is not None else view, now)
        stays = carried.same_order and (waits is None or waits.view == view) and bool(len(self.grid.window))
        place = same_place(carried.view, self.grid) if stays else Wish(carried.view, FIRST, jump=True)
        moved = dict(carried.filters)
        self.followed = frozenset(moved[one] for one in self.followed if one in moved)
        self.pages.cancel()
        self._ask(
            Wish(
                place.view,
                place.place,
                jump=True,
                fraction=place.fraction,
                note=carried.words,
                anew=True,
                here=_laid_out(place.here, table, now),
            )
        )

    def table_replaced(self, before: Table, now: Table) -> None:
        """Who followed its rows goes on."""
        super().table_replaced(before, now)
        if self._followed_table is before:
            self._followed_table = now

    @property
    def _is_missing(self) -> bool:
        """Whether the table was gone when it was looked for last."""
        return self.query_one(Trouble).is_shown

    def _say_gone(self, table: Table) -> None:
        for asker in self._askers:
            asker.cancel()
        self.follower.stop()
        had_focus = self.grid.has_focus
        self.grid.display = False
        problem = DatabaseProblem(
            Kind.MISSING,
            f"{visible(table.name)} is not there any more: it was dropped.",
            "Esc leads back to the other tables.",
        )
        self.query_one(Trouble).show(problem, focus=had_focus)
        self.draw_words()


def _laid_out(row: Row | None, before: Table, now: Table) -> Row | None:
    """A row of before with its values where their columns are now, None for what is new."""
    if row is None:
        return None
    places = {column.name: place for place, column in enumerate(before.columns)}
    then = {name: places[old] for old, name in names_now(before, now).items()}
    values = (row.values[then[column.name]] if column.name in then else None for column in now.columns)
    return row._replace(values=tuple(values))
