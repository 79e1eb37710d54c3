"""How many rows a view has: an estimate at once, counted up to a limit on demand, counted to the end on request."""

from __future__ import annotations

from typing import Final

from stores.catalog import RowCount
from stores.database import Database
from stores.table_view import TableView

CAP: Final = 10_000
"""Rows up to which a capped count goes; a table with more is `10,000+`."""

CAPPED_TIMEOUT: Final = 5.0
EXACT_TIMEOUT: Final = 120.0


async def estimate(database: Database, view: TableView) -> RowCount:
    """The planner's estimate, which reads no row; the catalogue's own number where nothing narrows the view.

    Raises `DatabaseProblem`, `UsageError` for a value that does not fit its column.
    """
    raise NotImplementedError


async def count_capped(
    database: Database, view: TableView, *, cap: int = CAP, timeout: float = CAPPED_TIMEOUT
) -> RowCount:
    """Counted, at most `cap` + 1 rows: EXACT, or AT_LEAST where there are more. Raises as `estimate`."""
    raise NotImplementedError


async def count_exact(database: Database, view: TableView, *, timeout: float = EXACT_TIMEOUT) -> RowCount:
    """Counted to the end, which reads the whole table or an index of it; cancelling the task stops the server.

    Raises as `estimate`.
    """
    raise NotImplementedError
