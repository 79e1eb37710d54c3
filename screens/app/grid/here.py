"""Where somebody is in the grid: the cell under the cursor, and which rows are on screen. A value to be compared."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.screens.app.grid.column import GridColumn
from soundcheck.stores.rows.follow import Row
from soundcheck.stores.rows.personal import Sensitivity


@dataclass(frozen=True, slots=True)
class Here:
    """`first` and `end` are indexes of the whole table, exact or estimated; `end` is one past the last row shown."""

    row: Row | None = None
    """Under the cursor; None where there are no rows."""
    column: GridColumn | None = None
    revealed: frozenset[str] = frozenset()
    """The columns that somebody has revealed."""
    has_columns: bool = False
    """Whether a page of the table came, even one without rows."""
    first: int = 0
    end: int = 0
    at_hand: int = 0
    """Rows that can be scrolled to without asking."""
    total: int = 0
    """Rows of the whole table as far as known."""
    exact: bool = True
    """Whether `first` and `end` are the true places in the table."""
    from_first: bool = True
    """Whether the table's first row is at hand."""
    to_last: bool = True
    """Whether its last one is."""
    at_end: bool = False
    """Whether the last row at hand is on screen, and is the table's last."""

    @property
    def masked(self) -> bool:
        """Whether the column under the cursor is drawn masked."""
        column = self.column
        return column is not None and column.sensitivity is not Sensitivity.OPEN and column.name not in self.revealed
