"""What is looked at: a table, the order of its rows, and which of them. A value that can be kept and compared.

Which page of a table is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.rows.filters import RowFilter


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with its sort columns, filters (all of them must hold) and a search term ("" for none)."""

    table: Table
    sort: tuple[SortColumn, ...] = ()
    filters: tuple[RowFilter, ...] = ()
    search: str = ""
    reveal: frozenset[str] = frozenset()
    """Secret columns that a search may look into; it leaves the others out, or it would tell what they hold."""
    everywhere: bool = False
    """Whether a search looks into every column, also those over its limit and of types that are no text."""
    as_it_comes: bool = False
    """Whether rows that only the whole row tells apart are not sorted: their first page alone."""
    chosen: tuple[str, ...] = ()
    """The columns to read, in this order; all of them where there is none."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its pages. Raises `UsageError` for an unknown one."""
        return tuple(map(self.table.column, self.chosen)) or self.table.columns

    @property
    def narrowed(self) -> bool:
        """Whether it shows less than the whole table."""
        return bool(self.filters or self.search.strip())


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a row stands in the order: the text of its sort columns and key; can be kept as JSON."""

    values: tuple[str | None, ...]


class Where(StrEnum):
    """A page's place in words."""

    FIRST = "first"
    LAST = "last"
    AFTER = "after"
    BEFORE = "before"
    AT = "at"


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A page's place: the first, the last, the one next to a cursor, or the one that begins at a value."""

    where: Where = Where.FIRST
    cursor: Cursor | None = None

    @classmethod
    def after(cls, cursor: Cursor) -> PagePlace:
        """The rows that follow `cursor`."""
        return cls(Where.AFTER, cursor)

    @classmethod
    def before(cls, cursor: Cursor) -> PagePlace:
        """The rows that come before `cursor`, in the table's order."""
        return cls(Where.BEFORE, cursor)

    @classmethod
    def at(cls, *values: str | None) -> PagePlace:
        """The rows from these values of the first sort columns on, rows that have them included.

        Whether there are rows before is not known until one asks for them: such a page says that there are.
        """
        return cls(Where.AT, Cursor(values))

    @property
    def backward(self) -> bool:
        """Whether it is read from its end."""
        return self.where in {Where.LAST, Where.BEFORE}


FIRST: Final = PagePlace(Where.FIRST)
LAST: Final = PagePlace(Where.LAST)
