"""A simple condition on one column, as `--where "email contains ana"`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stores.catalog import Column


class Operator(StrEnum):
    """How a column is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    CONTAINS = "contains"
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """One condition; `value` is text, given its type by the server, and "" for the two NULL operators."""

    column: str
    operator: Operator
    value: str = ""

    def __str__(self) -> str:
        return f"{self.column} {self.operator} {self.value}".rstrip()


def parse_filter(text: str, columns: Iterable[Column]) -> RowFilter:
    """Read `column op value`. Raises `UsageError` that names the column and the known ones."""
    raise NotImplementedError
