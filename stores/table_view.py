"""What is looked at: a table, the order of its rows, and which of them. A value that can be kept and compared."""

from __future__ import annotations

from dataclasses import dataclass

from stores.catalog import Table
from stores.index_match import SortColumn
from stores.row_filter import RowFilter


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with its sort columns, filters (all of them must hold) and a search term ("" for none)."""

    table: Table
    sort: tuple[SortColumn, ...] = ()
    filters: tuple[RowFilter, ...] = ()
    search: str = ""
    reveal: frozenset[str] = frozenset()
    """Secret columns that a search may look into; it leaves the others out, or it would tell what they hold."""

    @property
    def narrowed(self) -> bool:
        """Whether it shows less than the whole table."""
        return bool(self.filters or self.search.strip())
