"""The column `cache` of the grid: how the copy of each row on screen stands, one pipeline for those not yet known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from textual import on
from textual.app import ComposeResult
from textual.getters import app as typed_app
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.question import Asker
from soundcheck.stores.copies.cached_copy import COMMANDS_A_KEY, CachedCopy, Freshness, PageCopies, read_page_copies
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.keys import KEY_PLAN, KeyRule, columns_for_keys, key_plan
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.catalog.tables import Table

CALM: Final = 0.3
"""Seconds without another row coming into sight before anything is asked: paging through costs nothing."""

_MOST_KNOWN: Final = 5_000
_TEXTS: Final = {
    Freshness.FRESH: ("✓ fresh", "new"),
    Freshness.STALE: ("✗ STALE", "changed"),
    Freshness.NOT_CACHED: ("—", "faint"),
    Freshness.CACHED: ("• cached", "text"),
    Freshness.ORPHAN: ("! orphan", "changed"),
    Freshness.UNREADABLE: ("! no JSON", "changed"),
    Freshness.UNKNOWN: ("! unknown", "changed"),
}


class RowBadges:
    """What is known of the rows of one table, by primary key, and how it reads in the grid."""

    width = 11
    title = "cache"

    def __init__(self, table: Table) -> None:
        names = [column.name for column in table.columns]
        self.table = table
        self._places = tuple(names.index(name) for name in table.primary_key)
        self._known: dict[tuple[Any, ...], tuple[tuple[Any, ...], CachedCopy | None]] = {}

    def of(self, values: Sequence[Any]) -> tuple[str, str]:
        """Text and ink; a dot while it is not known."""
        known = self._known.get(self._key(values))
        if known is None:
            return "·", "faint"
        return ("", "faint") if known[1] is None else _TEXTS[known[1].freshness]

    def is_known(self, values: tuple[Any, ...]) -> bool:
        """Whether it was asked for this row as it is now: a row that changed since is another."""
        known = self._known.get(self._key(values))
        return known is not None and known[0] == values

    def learn(self, rows: Sequence[tuple[Any, ...]], copies: Sequence[CachedCopy | None]) -> None:
        """The answers."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        for values, copy in zip(rows, copies, strict=True):
            self._known[self._key(values)] = (values, copy)

    def forget_row(self, values: Sequence[Any]) -> None:
        """Ask again for one row."""
        self._known.pop(self._key(values), None)

    def forget(self) -> None:
        """Ask again."""
        self._known.clear()

    def _key(self, values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[place] for place in self._places)


class CacheColumn(Widget):
    """Not seen itself. It asks only when rows come into sight, never on a timer of its own."""

    DEFAULT_CSS = "CacheColumn { display: none; }"

    if TYPE_CHECKING:
        app = typed_app(Shell)

    @dataclass
    class Told(Message):
        """Something to say above the rows of `table`."""

        table: Table
        words: str

    def __init__(self) -> None:
        super().__init__()
        self.spent = 0
        self._badges: RowBadges | None = None
        self._plan: tuple[KeyRule, ...] = KEY_PLAN
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Who asks."""
        yield Asker("Asking the cache", id="column-asker")

    @property
    def is_on(self) -> bool:
        """Whether the column is shown."""
        return self._badges is not None

    def toggle(self, grid: Grid, table: Table) -> None:
        """Show the column, or take it away; a table without keys has none."""
        if self._badges is not None:
            self.turn_off(grid)
            self.post_message(self.Told(table, ""))
            return
        try:
            self._plan = key_plan(self.app.services.project.profile.key_patterns)
        except SoundcheckError as problem:
            self.post_message(self.Told(table, f"{problem.message} {spelled(problem.hint)}"))
            return
        if why := self._why_not(grid, table):
            self.post_message(self.Told(table, why))
            return
        self._badges = RowBadges(table)
        grid.show_badges(self._badges)
        self.look(grid)

    def _why_not(self, grid: Grid, table: Table) -> str:
        if self.app.services.cache is None:
            return "The cache is not set up: press 1 for Setup."
        columns, present = columns_for_keys(table.name, self._plan), {column.name for column in table.columns}
        if not columns or not table.primary_key:
            return "No cache key holds rows of this table."
        if not present.issuperset(columns):
            return "The key of these rows is made of another table: enter opens a row with its copies."
        return "The cache column needs 60 columns of the terminal." if grid.cards else ""

    def turn_off(self, grid: Grid) -> None:
        """Another table is open, or nobody wants it."""
        self._badges = None
        self.query_one(Asker).cancel()
        grid.show_badges(None)

    def follow(self, grid: Grid, table: Table | None) -> None:
        """The view changed: of the same table all is asked anew."""
        if self._badges is None:
            return
        if self._badges.table is not table:
            self.turn_off(grid)
        else:
            self._badges.forget()

    def look_again(self, grid: Grid, values: Sequence[Any]) -> None:
        """Somebody had this row open, with its copies."""
        if self._badges is not None:
            self._badges.forget_row(values)
            self.look(grid)

    def look(self, grid: Grid) -> None:
        """Rows may have come into sight; what is known costs nothing."""
        if self._badges is None or self._timer is not None or not self._unknown(grid):
            return
        self._timer = later.after(self, CALM, lambda: self._ask(grid))

    def _unknown(self, grid: Grid) -> list[tuple[Any, ...]]:
        badges, window = self._badges, grid.window
        rows = [window.row(index) for index in range(*grid.visible_rows)]
        return [
            row.values for row in rows if row is not None and badges is not None and not badges.is_known(row.values)
        ]

    def _ask(self, grid: Grid) -> None:
        self._timer = None
        cache, badges, rows = self.app.services.cache, self._badges, self._unknown(grid)
        hidden = self.app.screen is not self.screen or bool(self.app.activity.pause_reason)
        if badges is None or cache is None or not rows or hidden or self.query_one(Asker).waits_for:
            return
        table, plan = badges.table, self._plan
        names = [column.name for column in table.columns]
        named = [dict(zip(names, values, strict=True)) for values in rows]
        self.query_one(Asker).ask((grid, rows), lambda: read_page_copies(cache, table, named, plan))

    @on(Asker.Answered)
    def _learn(self, event: Asker.Answered) -> None:
        event.stop()
        (grid, rows), answer = event.what, event.answer
        copies: PageCopies = answer
        if self._badges is None:
            return
        self.spent += copies.commands
        self._badges.learn(rows, copies.copies)
        grid.show_badges(self._badges)
        price = f"{self.spent:,} commands used, {COMMANDS_A_KEY} a new row"
        self.post_message(self.Told(self._badges.table, f"Cache: {price}; C hides it."))
        self.look(grid)

    @on(Asker.Failed)
    def _fail(self, event: Asker.Failed) -> None:
        event.stop()
        if self._badges is not None:
            self.post_message(self.Told(self._badges.table, f"{event.problem.message} {spelled(event.problem.hint)}"))
