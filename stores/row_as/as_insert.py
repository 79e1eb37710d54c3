"""A row as an INSERT statement. Pure."""

from __future__ import annotations

from stores.record import Record


def row_as_insert(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """One statement with quoted names and literals; a masked value is its mask, and a comment says so.

    Raises `UsageError` where a value was too long to be read whole.
    """
    raise NotImplementedError
