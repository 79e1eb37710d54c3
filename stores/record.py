"""One row by its key, every column whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from stores.catalog import Column, Table
from stores.database import READ_TIMEOUT, Database

CELL_LIMIT: Final = 1_000_000
"""Bytes; a longer cell comes as a `Cut` that says its size."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column and its value: what the driver makes of it, or a `stores.paging.Cut` past `CELL_LIMIT`."""

    column: Column
    value: Any


@dataclass(frozen=True, slots=True)
class Record:
    """A row. `key` is the text of its primary key's columns."""

    table: Table
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    elapsed_ms: float
    sql: str

    def __getitem__(self, column: str) -> Any:
        return next(field.value for field in self.fields if field.column.name == column)


async def read_record(
    database: Database, table: Table, key: Sequence[str], *, timeout: float = READ_TIMEOUT
) -> Record | None:
    """The row with this primary key, None where there is none.

    Raises `DatabaseProblem`; `UsageError` where the table has no key, or one of another number of columns.
    """
    raise NotImplementedError
