"""One row by its key, every column whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import READ_TIMEOUT, Database
from soundcheck.stores.rows.cell_columns import WHOLE, select
from soundcheck.stores.rows.keyset import KeyColumn, binder
from soundcheck.stores.rows.page_query import pick, plain_columns, table_source


@dataclass(frozen=True, slots=True)
class Field:
    """A column and its value: what the driver makes of it, or a `stores.rows.paging.Cut` past a million characters."""

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
    if not table.primary_key:
        raise UsageError(f"{table.label} has no primary key.", "Find the row with rows --where instead.")
    if len(key) != len(table.primary_key):
        names = ", ".join(table.primary_key)
        raise UsageError(f"The key of {table.label} is {names}.", "Give a value for each, in this order.")
    keys = [KeyColumn(name, table.column(name).cast) for name in table.primary_key]
    params: list[str | None] = []
    bind = binder(params)
    conditions = [f"{one.sql} = {bind(value)}::{one.cast}" for one, value in zip(keys, key, strict=True)]
    selection = select(table, keys, WHOLE)
    picked = pick(table_source(table), plain_columns(table, keys), conditions, "", 1)
    query = f"SELECT {selection.sql} FROM ({picked}) AS record"  # noqa: S608 - quoted identifiers, bound values
    answer = await database.fetch(query, params, timeout=timeout)
    if not answer.rows:
        return None
    row = answer.rows[0]
    cells = selection.cells(row)
    fields = tuple(Field(column, value) for column, value in zip(table.columns, cells, strict=True))
    return Record(table, tuple(row[-1]), fields, answer.elapsed_ms, query)
