"""One term looked for in a whole row: its type is read from the term, and only columns that can hold it are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stores.catalog import Table

SEARCH_TIMEOUT: Final = 5.0
"""Seconds that a search may take on the server."""

MOST_COLUMNS: Final = 16
"""Columns that are searched at most, the table's first ones."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a term is taken for, and where it is looked for; `left_out` are columns over the limit, or masked ones."""

    term: str
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    read_as: str
    """As `text`, `a number or text`, `a date or text`."""


def plan_search(table: Table, term: str, reveal: frozenset[str] = frozenset()) -> Search:
    """How a term would be searched for. Raises `UsageError` for an empty term, or where no column can hold it."""
    raise NotImplementedError
