"""A row as a JSON object. Pure."""

from __future__ import annotations

from stores.record import Record


def row_as_json(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """An object of column names and values, indented; numeric and times as text, so that nothing is rounded."""
    raise NotImplementedError
