"""Pages of a table by key: any page costs what the first one costs, and nothing is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from stores.catalog import Table
from stores.database import READ_TIMEOUT, ColumnInfo, Database
from stores.row_filter import RowFilter

PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column to order by."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a row stands in the order: the text of its sort columns and key; can be kept as JSON."""

    values: tuple[str | None, ...]


class Where(StrEnum):
    """Which page is wanted."""

    FIRST = "first"
    LAST = "last"
    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Place:
    """A page's place: the first, the last, or the one next to a cursor."""

    where: Where = Where.FIRST
    cursor: Cursor | None = None

    @classmethod
    def after(cls, cursor: Cursor) -> Place:
        """The rows that follow `cursor`."""
        return cls(Where.AFTER, cursor)

    @classmethod
    def before(cls, cursor: Cursor) -> Place:
        """The rows that come before `cursor`, in the table's order."""
        return cls(Where.BEFORE, cursor)


FIRST: Final = Place(Where.FIRST)
LAST: Final = Place(Where.LAST)


@dataclass(frozen=True, slots=True)
class Cut:
    """The head of a value that is too long for a grid; `size` is the whole value's size in bytes."""

    head: str | bytes
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in their order.

    A cell is what the driver makes of it, a `Cut`, or text where Python has no such value (infinity, year 20000).
    `keys[i]` is the cursor of row i. `note` says what is unusual about this table's order; `sql` is what ran.
    `position` is the first row's place between 0 and 1, None where it is not known.
    """

    table: Table
    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[Any, ...], ...]
    keys: tuple[Cursor, ...]
    has_more_before: bool
    has_more_after: bool
    elapsed_ms: float
    sql: str
    position: float | None = None
    note: str = ""

    @property
    def cursor_first(self) -> Cursor | None:
        """The first row's cursor, for the page before."""
        return self.keys[0] if self.keys else None

    @property
    def cursor_last(self) -> Cursor | None:
        """The last row's cursor, for the page after."""
        return self.keys[-1] if self.keys else None


async def read_page(
    database: Database,
    table: Table,
    *,
    place: Place = FIRST,
    sort: Sequence[SortColumn] = (),
    filters: Sequence[RowFilter] = (),
    limit: int = PAGE_ROWS,
    timeout: float = READ_TIMEOUT,
) -> Page:
    """One page, by one query of `limit` + 1 rows. Raises `DatabaseProblem`, `UsageError` for an unknown column."""
    raise NotImplementedError
