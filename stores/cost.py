"""What a page will cost before it is read: the planner's word on it, and the way that an index would serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stores.database import Database
from stores.keyset import SortColumn
from stores.place import FIRST, Place
from stores.row_filter import RowFilter
from stores.table_view import TableView

MANY_ROWS: Final = 100_000
"""Rows from which a page without a fitting index is worth a warning."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A view near the wanted one that an index serves: to sort by `sort`, or to narrow it with `filter` as well.

    `filter` may lack its value: then it is to be asked for.
    """

    index: str
    text: str
    sort: tuple[SortColumn, ...] | None = None
    filter: RowFilter | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimate for one page. `index_used` is the first index of the plan, None for none.

    `reads_rows` are the rows that the server looks at, not those it shows. `sorts` says that rows are put in order
    after reading. `sql` is what was explained.
    """

    reads_rows: int
    index_used: str | None
    sorts: bool
    neighbour: Neighbour | None
    sql: str

    @property
    def is_heavy(self) -> bool:
        """Whether it is worth a word before it runs."""
        return self.reads_rows >= MANY_ROWS

    def __str__(self) -> str:
        """One sentence, as `No index serves this: the server reads about 2.0 M rows.`, in words for people."""
        raise NotImplementedError


async def page_cost(database: Database, view: TableView, *, place: Place = FIRST, limit: int = 50) -> Cost:
    """Ask the planner (EXPLAIN without ANALYZE: nothing is read).

    Raises `DatabaseProblem`, `UsageError` for a value that does not fit its column.
    """
    raise NotImplementedError
