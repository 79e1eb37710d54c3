"""A typed value before it is sent: whether it can be one of the column's, and what is expected otherwise. Pure."""

from __future__ import annotations

from stores.catalog import Column


def expected(column: Column) -> str:
    """What can be typed for this column, as `a whole number, as 42`."""
    raise NotImplementedError


def parse_value(column: Column, text: str) -> str:
    """The value as it is sent to the server.

    What only the server can judge passes as it is. Raises `UsageError` that names the column and what is expected.
    """
    raise NotImplementedError
