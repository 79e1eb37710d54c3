"""The place at a percentage of the way through a table, without counting to it."""

from __future__ import annotations

from dataclasses import dataclass

from stores.database import Database
from stores.place import Place
from stores.table_view import TableView


@dataclass(frozen=True, slots=True)
class Jump:
    """Where to read on. `note` says how the place was found; "" where it is exact."""

    place: Place
    approximate: bool
    note: str = ""


async def jump_to(database: Database, view: TableView, fraction: float) -> Jump:
    """The page that begins at `fraction` (0 to 1) of the rows.

    Exact in a small table; else from the statistics of the first sort column, or from a sample of the table's blocks.
    Raises `DatabaseProblem`, `UsageError` where the table has no order.
    """
    raise NotImplementedError
