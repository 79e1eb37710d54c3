"""The position in the grid as a value: the cell under the cursor, and the rows on screen."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.screens.app.grid.column import GridColumn
from soundcheck.stores.rows.follow import SeenRow
from soundcheck.stores.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True)
class Here:
    """`first` and `end` are indexes in the whole table, exact or estimated; `end` is one past the last row shown."""

    row: SeenRow | None = None
    """The row under the cursor; None if there are no rows."""
    column: GridColumn | None = None
    revealed: frozenset[str] = frozenset()
    """The columns the user has revealed."""
    has_columns: bool = False
    """Whether a page has arrived, even an empty one."""
    first: int = 0
    end: int = 0
    at_hand: int = 0
    """The number of loaded rows."""
    total: int = 0
    """Rows in the whole table, as far as known."""
    exact: bool = True
    """Whether `first` and `end` are exact."""
    from_first: bool = True
    """Whether the table's first row is loaded."""
    to_last: bool = True
    """Whether its last row is loaded."""
    picked: int = 0
    """How many rows are marked."""
    at_end: bool = False
    """Whether the table's last row is on screen."""

    @property
    def masked(self) -> bool:
        """Whether the column under the cursor is drawn masked."""
        column = self.column
        return column is not None and column.sensitivity is not Sensitivity.OPEN and column.name not in self.revealed
