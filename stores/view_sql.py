"""A view as SQL that a person would write, ready to copy. Pure."""

from __future__ import annotations

from stores.place import FIRST, Place
from stores.table_view import TableView


def view_sql(view: TableView, *, place: Place = FIRST, limit: int = 50, reveal: frozenset[str] = frozenset()) -> str:
    """`SELECT * FROM … WHERE … ORDER BY … LIMIT …;` with its values as quoted literals.

    A place inside the table whose values come from a masked column is written with the mask and a comment, unless
    that column is in `reveal`. Raises `UsageError`.
    """
    raise NotImplementedError


def count_sql(view: TableView) -> str:
    """`SELECT count(*) FROM … WHERE …;`. Raises `UsageError`."""
    raise NotImplementedError
