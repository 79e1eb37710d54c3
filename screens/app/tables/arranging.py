"""Hides, resizes and freezes columns, and remembers each table's arrangement while another table is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from soundcheck.screens.app.grid.arrangement import NARROWEST, WIDEST_BY_HAND, Arrangement
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.hidden_characters import visible


class Arranging:
    """Calls `changed` after each change by the user, once it is in `kept`."""

    def __init__(self, pane: RowsPane, *, changed: Callable[[], Any]) -> None:
        self.kept: dict[tuple[str, str], Arrangement] = {}
        """By schema and name of the table."""
        self._pane = pane
        self._changed = changed

    def of(self, table: Table) -> Arrangement:
        """The arrangement as the user left it."""
        return self.kept.get((table.schema, table.name), Arrangement())

    def table_replaced(self, before: Table, now: Table) -> None:
        """Keep the arrangement when the table is renamed."""
        if (kept := self.kept.get((before.schema, before.name))) is not None:
            self.kept.setdefault((now.schema, now.name), kept)

    def hide(self) -> None:
        """Hide the column under the cursor; keys stay."""
        grid, column = self._pane.grid, self._pane.grid.column
        if column is None or column.is_key or len(grid.columns) == 1:
            self._pane.say("A key column stays, and so does the last one.")
            return
        self._arrange(hidden=grid.arrangement.hidden | {column.name})
        self._pane.say(f"{column.name} is hidden; + shows all columns.")

    def show_all(self) -> None:
        """All columns, as wide as their content needs."""
        self._arrange(hidden=frozenset(), widths={})
        self._pane.say("")

    def resize(self, by: int) -> None:
        """Make the column under the cursor wider or narrower."""
        grid = self._pane.grid
        if (column := grid.column) is not None:
            width = max(NARROWEST, min(WIDEST_BY_HAND, column.width + by))
            self._arrange(widths={**grid.arrangement.widths, column.name: width})

    def freeze(self) -> None:
        """Keep the columns up to the one under the cursor in sight; on the last of them, let them go."""
        pane, grid, column = self._pane, self._pane.grid, self._pane.grid.column
        if column is None or grid.cards:
            pane.say("Cards have no columns to freeze.")
            return
        if column.name == grid.arrangement.frozen:
            self._arrange(frozen="")
            pane.say("Only the key stays in sight.")
            return
        at = grid.cursor_column
        self._arrange(frozen="" if column.is_key else column.name)
        shown = visible(column.name)
        if column.is_key:
            pane.say("The key stays by itself; nothing else is frozen.")
        elif grid.still <= at:
            pane.say(f"Up to {shown} is over half the width: what fits stays.")
        else:
            pane.say(f"Frozen up to {shown}; z on it lets go.")

    def _arrange(self, **changes: Any) -> None:
        pane, grid, table = self._pane, self._pane.grid, self._pane.table
        grid.rearrange(replace(grid.arrangement, **changes))
        grid.show_cursor()
        if table is not None:
            now = grid.arrangement
            self.kept[table.schema, table.name] = Arrangement(now.hidden, now.widths, frozen=now.frozen)
            self._changed()
        pane.look_at_grid()
