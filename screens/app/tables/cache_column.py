"""The column `cache` of the grid: how the copy of each row on screen stands, one pipeline for those not yet known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from soundcheck.screens.app.cache_reading import absent_words
from soundcheck.screens.app.changed import Changed
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.tables.row_names import by_name
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from textual.timer import Timer

    from soundcheck.screens.app.tables.row_badges import RowBadges
    from soundcheck.stores.catalog.tables import Table
    from soundcheck.stores.copies.cached_copy import PageCopies
    from soundcheck.stores.keys import KeyRule

CALM: Final = 0.3
"""Seconds without another row coming into sight before anything is asked: paging through costs nothing."""


class CacheColumn:
    """Asks only when rows come into view, never on a timer of its own."""

    def __init__(self, pane: RowsPane) -> None:
        self.spent = 0
        self._pane = pane
        self._badges: RowBadges | None = None
        self._plan: tuple[KeyRule, ...] = ()
        self._timer: Timer | None = None
        self._question: StoreQuestion[Sequence[tuple[Any, ...]], PageCopies] = pane.question(
            "Asking the cache", answered=self._learn, failed=self._fail
        )

    @property
    def is_on(self) -> bool:
        """Whether the column is shown."""
        return self._badges is not None

    def toggle(self) -> None:
        """Show or hide the column; a table without cache keys has none."""
        table = self._pane.table
        if table is None:
            return
        if self._badges is not None:
            self.turn_off()
            self._pane.say("")
            return
        from soundcheck.screens.app.tables.row_badges import RowBadges
        from soundcheck.stores.keys import key_plan

        try:
            self._plan = key_plan(self._pane.app.services.project.profile.key_patterns)
        except SoundcheckError as problem:
            self._pane.say(f"{problem.message} {spelled(problem.hint)}")
            return
        if why := self._why_not(table):
            self._pane.say(why)
            return
        self._badges = RowBadges(table)
        self._pane.grid.show_badges(self._badges)
        self.look()

    def _why_not(self, table: Table) -> str:
        from soundcheck.stores.keys import columns_for_keys

        if self._pane.app.services.cache is None:
            why = absent_words(self._pane.app.reading)
            return f"{why[:1].upper()}{why[1:].removesuffix('.')}: press 1 for Setup."
        columns, present = columns_for_keys(table.name, self._plan), {column.name for column in table.columns}
        if not columns or not table.primary_key:
            return "No cache key holds rows of this table."
        if not present.issuperset(columns):
            return "The key of these rows is made of another table: enter opens a row with its copies."
        return "The cache column needs 60 columns of the terminal." if self._pane.grid.cards else ""

    def turn_off(self) -> None:
        """Hide the column."""
        self._badges = None
        self._question.cancel()
        self._pane.grid.show_badges(None)

    def view_changed(self) -> None:
        """Start over for the same table; hide the column for another."""
        if self._badges is None:
            return
        if self._badges.table is not self._pane.table:
            self.turn_off()
        else:
            self._badges.forget()

    def look_again(self, values: Sequence[Any]) -> None:
        """Ask again about a row whose copies were just open."""
        if self._badges is not None:
            self._badges.forget_row(values)
            self.look()

    def follow_write(self, change: Changed) -> None:
        """Ask again about the rows whose copies were written, now or once they are seen again."""
        if self._badges is not None:
            self._badges.forget_copies(change.keys, self._plan)
            self.look()

    def forget(self) -> None:
        """Ask again about every row that is seen; `look` does it."""
        if self._badges is not None:
            self._badges.forget()

    def look(self) -> None:
        """Ask about visible rows that are not known yet, after a short calm."""
        if self._badges is None or self._timer is not None or not self._unknown():
            return
        self._timer = later.after(self._pane, CALM, self._ask)

    def _unknown(self) -> list[tuple[Any, ...]]:
        badges, grid = self._badges, self._pane.grid
        rows = [grid.window.row(index) for index in range(*grid.visible_rows)]
        return [
            row.values for row in rows if row is not None and badges is not None and not badges.is_known(row.values)
        ]

    def _ask(self) -> None:
        self._timer = None
        app = self._pane.app
        cache, badges, rows = app.services.cache, self._badges, self._unknown()
        hidden = app.screen is not self._pane.screen or bool(app.activity.pause_reason)
        if badges is None or cache is None or not rows or hidden or self._question.waits_for:
            return
        from soundcheck.stores.copies.cached_copy import read_page_copies

        table, plan = badges.table, self._plan
        named = [by_name(table, values) for values in rows]
        self._question.ask(rows, lambda: read_page_copies(cache, table, named, plan))

    def _learn(self, rows: Sequence[tuple[Any, ...]], copies: PageCopies) -> None:
        if self._badges is None:
            return
        from soundcheck.stores.copies.cached_copy import COMMANDS_A_KEY

        self.spent += copies.commands
        self._badges.learn(rows, copies.copies)
        self._pane.grid.show_badges(self._badges)
        self._tell(f"Cache: {self.spent:,} commands used, {COMMANDS_A_KEY} a new row; C hides it.")
        self.look()

    def _fail(self, _rows: Sequence[tuple[Any, ...]], problem: SoundcheckError) -> None:
        self._tell(f"{problem.message} {spelled(problem.hint)}")

    def _tell(self, words: str) -> None:
        if self._badges is not None and self._pane.state.is_about(self._badges.table):
            self._pane.say(words)
