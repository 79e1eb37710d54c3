"""One table's rows and what can be done with a cell, a row or a column: reveal, copy, follow, spell, hide, resize."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from soundcheck.screens.app.grid.arrangement import NARROWEST, WIDEST_BY_HAND, Arrangement
from soundcheck.screens.app.grid.grid import Row
from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.sql.source import ViewSource
from soundcheck.screens.app.tables.cache_column import CacheColumn
from soundcheck.screens.app.tables.changing_pane import ChangingPane
from soundcheck.screens.app.tables.pane_keys import KEYS, ROW_KEYS
from soundcheck.screens.app.tables.row_names import names_of_page
from soundcheck.screens.app.tables.view_words import command_for_none, shown_view
from soundcheck.screens.app.tables.wish import Wish
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.clock import Clock
from soundcheck.stores.rows.cells import visible
from soundcheck.stores.rows.paging import Cut, Page
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.record import Field, Record
from soundcheck.stores.rows.relations import ForeignKey
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.view import TableView
from soundcheck.stores.sensitivity import Sensitivity


class GridPane(ChangingPane):
    """What leads away from the rows is a message: the screen around it opens the other one."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    @dataclass
    class CopyWanted(Message):
        """A cell is to be copied: psql's text for it, or the mask. None where only the beginning of it is here."""

        text: str | None
        what: str
        key: tuple[str, ...] = ()
        """The row's primary key, to read the whole value by."""

    @dataclass
    class FollowWanted(Message):
        """The row that a foreign key names is to be opened."""

        key: ForeignKey
        row: dict[str, Any]

    @dataclass
    class SpellingsWanted(Message):
        """The view is to be shown as SQL and more."""

        source: ViewSource

    @dataclass
    class StructureWanted(Message):
        """How the table is made is to be shown."""

        table: Table

    class Rearranged(Message):
        """A person changed which columns are shown, or how wide: `arrangements` has it."""

    @dataclass
    class ViewShown(Message):
        """Another view is open."""

        view: TableView

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(clock, id=id)
        self.known: Known | None = None
        self.arrangements: dict[tuple[str, str], Arrangement] = {}
        """How a person wants the columns of each table, by schema and name."""
        self._offered: tuple[object, ...] = ()

    def compose_lines(self) -> Any:
        """The names of related rows are asked for beside the rows."""
        yield from super().compose_lines()
        yield Asker("Reading names of related rows", id="names")
        yield CacheColumn()

    def arrangement_of(self, table: Table) -> Arrangement:
        """As it was left."""
        return self.arrangements.get((table.schema, table.name), Arrangement())

    def table_replaced(self, before: Table, now: Table) -> None:
        """Its columns stay as they were arranged, under its new name as well."""
        super().table_replaced(before, now)
        if (kept := self.arrangements.get((before.schema, before.name))) is not None:
            self.arrangements.setdefault((now.schema, now.name), kept)

    # ── names beside foreign keys ──

    def view_changed(self) -> None:
        """Other rows have other names."""
        self.query_one("#names", Asker).cancel()
        super().view_changed()
        self.query_one(CacheColumn).follow(self.grid, self.table)
        if self.view is not None:
            self.post_message(self.ViewShown(self.view))

    def page_came(self, wish: Wish, page: Page) -> None:
        """One query for each foreign key whose column is shown."""
        super().page_came(wish, page)
        self.ask_names(page)

    def relations_came(self) -> None:
        """The rows on hand were there before anybody knew what they refer to."""
        rows = [
            row.values for row in map(self.grid.window.row, range(self.grid.window.base, self.grid.window.end)) if row
        ]
        if self.table is not None and rows:
            self._ask_names(self.table, rows)
        self.draw_words()

    def ask_names(self, page: Page) -> None:
        """The readable names for the rows of a page."""
        self._ask_names(page.table, page.rows)

    def rows_came(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """A row that is new refers to others as well."""
        if self.table is not None:
            self._ask_names(self.table, rows)

    def _ask_names(self, table: Table, values: Sequence[tuple[Any, ...]]) -> None:
        known, database = self.known, self._database
        shown = frozenset(column.name for column in self.grid.columns)
        if known is None or database is None or not known.relations.outgoing(table):
            return
        rows = [self._named(row) for row in values]
        waited = self.query_one("#names", Asker).waits_for
        rows = [*(waited or ()), *rows]
        self.query_one("#names", Asker).ask(rows, lambda: names_of_page(database, known, table, rows, shown))

    @on(Asker.Answered, "#names")
    def _show_names(self, event: Asker.Answered) -> None:
        event.stop()
        if event.answer:
            now = self.grid.arrangement
            merged = {**now.names}
            for column, names in event.answer.items():
                merged[column] = {**merged.get(column, {}), **names}
            self.grid.rearrange(replace(now, names=merged))

    @on(Asker.Failed, "#names")
    def _go_without_names(self, event: Asker.Failed) -> None:
        """The ids are there; a name that does not come is no failure of the rows."""
        event.stop()

    def look_again(self, row: Row) -> None:
        """Its cached copies may have been dropped or stored meanwhile."""
        self.query_one(CacheColumn).look_again(self.grid, row.values)

    # ── the row under the cursor ──

    def _named(self, values: tuple[Any, ...]) -> dict[str, Any]:
        assert self.table is not None  # noqa: S101 - there are rows
        return {column.name: value for column, value in zip(self.table.columns, values, strict=True)}

    def key_of_row(self, row: Row) -> tuple[str, ...]:
        """The text of the primary key of a row, whatever the rows are sorted by."""
        named = self._named(row.values)
        return tuple(server_text(named[name]) or "" for name in (self.table.primary_key if self.table else ()))

    # ── what the keys do ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what would do something is offered."""
        grid = self.grid
        if action == "cancel":
            return self.is_slow
        if action == "try_again":
            return grid.has_focus and self.is_offline
        if action == "watch":
            return grid.has_focus and self.table is not None and grid.display
        if action == "reveal":
            return (
                not self.is_offline
                and grid.has_focus
                and grid.column is not None
                and grid.column.sensitivity is not Sensitivity.OPEN
            )
        if action == "copy":
            return grid.has_focus and grid.row is not None
        if action == "follow":
            return grid.has_focus and grid.row is not None and self._foreign_key is not None
        if action == "search_all":
            return grid.has_focus and self.can_search_all
        if action == "unfilter":
            return grid.has_focus and self.can_unfilter
        if action in ROW_KEYS:
            return grid.has_focus and bool(grid.columns)
        return True

    @property
    def _foreign_key(self) -> ForeignKey | None:
        """That of the column under the cursor."""
        column = self.grid.column
        if self.known is None or self.table is None or column is None:
            return None
        return self.known.key_of(self.table, column.name)

    @property
    def seed_command(self) -> str:
        """What fills the open table, where it has no rows."""
        if self.view is None or self.grid.row is not None:
            return ""
        return command_for_none(self.view, just_looking=self.app.start.just_looking)

    def action_follow(self) -> None:
        """To the row that the cell names."""
        key, row = self._foreign_key, self.grid.row
        if key is not None and row is not None:
            self.post_message(self.FollowWanted(key, self._named(row.values)))

    def action_spell(self) -> None:
        """The view as SQL, and the row under the cursor as a Prisma call and Redis commands."""
        if self.view is None or self.table is None:
            return
        row = self.grid.row
        record = None
        if row is not None:
            named = self._named(row.values)
            fields = tuple(Field(column, named[column.name]) for column in self.table.columns)
            record = Record(self.table, self.key_of_row(row), fields, 0, "")
        view = shown_view(self.view, self.followed)
        self.post_message(self.SpellingsWanted(ViewSource(view, record, self.grid.revealed)))

    def action_cache_column(self) -> None:
        """Beside each row how its copy stands; what it costs is said above the rows."""
        if self.table is not None:
            self.query_one(CacheColumn).toggle(self.grid, self.table)

    @on(CacheColumn.Told)
    def _tell_of_cache(self, event: CacheColumn.Told) -> None:
        event.stop()
        if self.said.is_about(event.table):
            self.say(event.words)

    def action_structure(self) -> None:
        """How the table is made."""
        if self.table is not None:
            self.post_message(self.StructureWanted(self.table))

    def action_reveal(self) -> None:
        """Unmask the column under the cursor, or mask it again."""
        if self.grid.column is not None:
            self.grid.reveal(self.grid.revealed ^ {self.grid.column.name})
            self.draw_words()

    def action_copy(self) -> None:
        """Hand the cell's text up, masked as it is on screen."""
        grid = self.grid
        if grid.row is not None and grid.column is not None:
            value, text = grid.row.values[grid.column.index], None
            if grid.painter.is_masked(grid.column):
                text = server_text(mask(value, grid.column.sensitivity)) or ""
            elif not isinstance(value, Cut):
                text = server_text(value) or ""
            key = self.key_of_row(grid.row) if text is None else ()
            self.post_message(self.CopyWanted(text, grid.column.name, key))

    # ── columns ──

    def action_hide(self) -> None:
        """Hide the column under the cursor; keys stay."""
        column = self.grid.column
        if column is None or column.is_key or len(self.grid.columns) == 1:
            self.say("A key column stays, and so does the last one.")
            return
        self._arrange(hidden=self.grid.arrangement.hidden | {column.name})
        self.say(f"{column.name} is hidden; + shows all columns.")

    def action_show_all(self) -> None:
        """All columns, as wide as their content needs."""
        self._arrange(hidden=frozenset(), widths={})
        self.say("")

    def action_resize(self, by: int) -> None:
        """Make the column under the cursor wider or narrower."""
        if (column := self.grid.column) is not None:
            width = max(NARROWEST, min(WIDEST_BY_HAND, column.width + by))
            self._arrange(widths={**self.grid.arrangement.widths, column.name: width})

    def action_freeze(self) -> None:
        """Keep the columns up to the one under the cursor in sight; on the last of them, let them go."""
        grid, column = self.grid, self.grid.column
        if column is None or grid.cards:
            self.say("Cards have no columns to freeze.")
            return
        if column.name == grid.arrangement.frozen:
            self._arrange(frozen="")
            self.say("Only the key stays in sight.")
            return
        at = grid.cursor_column
        self._arrange(frozen="" if column.is_key else column.name)
        shown = visible(column.name)
        if column.is_key:
            self.say("The key stays by itself; nothing else is frozen.")
        elif grid.still <= at:
            self.say(f"Up to {shown} is over half the width: what fits stays.")
        else:
            self.say(f"Frozen up to {shown}; z on it lets go.")

    def _arrange(self, **changes: Any) -> None:
        grid = self.grid
        grid.rearrange(replace(grid.arrangement, **changes))
        grid.show_cursor()
        if self.table is not None:
            kept = Arrangement(grid.arrangement.hidden, grid.arrangement.widths, frozen=grid.arrangement.frozen)
            self.arrangements[self.table.schema, self.table.name] = kept
            self.post_message(self.Rearranged())
        self.draw_words()

    # ── words ──

    def draw_words(self, *_: object) -> None:
        """And the keys that work now."""
        super().draw_words()
        grid = self.grid
        self.query_one(CacheColumn).look(grid)
        slow = self.is_slow
        offered = (
            grid.has_focus,
            slow,
            self.is_offline,
            grid.row is None,
            grid.column,
            self._foreign_key,
            self.can_unfilter,
            self.can_search_all,
            self.seed_command,
        )
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()
