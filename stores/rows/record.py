"""One row by its key, every column whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import READ_TIMEOUT, Database
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.cell_columns import WHOLE, select
from soundcheck.stores.rows.keyset import KeyColumn, binder
from soundcheck.stores.rows.page_query import pick, plain_columns, table_source


@dataclass(frozen=True, slots=True)
class RecordField:
    """A column and its value: what the driver makes of it, or a `stores.rows.paging.Cut` past a million characters."""

    column: Column
    value: Any


@dataclass(frozen=True, slots=True)
class Record:
    """A row. `key` is the text of its primary key's columns."""

    table: Table
    key: tuple[str, ...]
    fields: tuple[RecordField, ...]
    elapsed_ms: float
    sql: str

    def __getitem__(self, column: str) -> Any:
        return next(field.value for field in self.fields if field.column.name == column)

    @property
    def by_name(self) -> dict[str, Any]:
        """The values by their columns' names."""
        return {field.column.name: field.value for field in self.fields}


async def read_value(
    database: Database, table: Table, key: Sequence[str], column: str, *, timeout: float = READ_TIMEOUT
) -> Any:
    """One value of the row with this primary key, however long it is; None for NULL, and where the row is gone.

    Raises as `read_record`.
    """
    condition, params = _by_key(table, key)
    name = quoted_name(table.column(column).name)
    query = f"SELECT {name} FROM {table_source(table)} WHERE {condition}"  # noqa: S608
    answer = await database.fetch(query, params, timeout=timeout)
    return answer.rows[0][0] if answer.rows else None


async def read_record(
    database: Database, table: Table, key: Sequence[str], *, timeout: float = READ_TIMEOUT
) -> Record | None:
    """The row with this primary key, None where there is none.

    Raises `DatabaseProblem`; `UsageError` where the table has no key, or one of another number of columns.
    """
    condition, params = _by_key(table, key)
    keys = _keys(table)
    selection = select(table.columns, keys, WHOLE)
    picked = pick(table_source(table), plain_columns(table, keys), [condition], "", 1)
    query = f"SELECT {selection.sql} FROM ({picked}) AS record"  # noqa: S608 - quoted identifiers, bound values
    answer = await database.fetch(query, params, timeout=timeout)
    if not answer.rows:
        return None
    row = answer.rows[0]
    cells = selection.cells(row)
    fields = tuple(RecordField(column, value) for column, value in zip(table.columns, cells, strict=True))
    return Record(table, tuple(row[-1]), fields, answer.elapsed_ms, query)


def _keys(table: Table) -> list[KeyColumn]:
    return [KeyColumn(name, table.column(name).cast) for name in table.primary_key]


def _by_key(table: Table, key: Sequence[str]) -> tuple[str, list[str | None]]:
    if table.withheld_key:
        table.column(next(one.name for one in table.withheld if one.name in table.withheld_key))  # raises
    if not table.primary_key:
        raise UsageError(f"{table.label} has no primary key.", "Find the row with rows --where instead.")
    if len(key) != len(table.primary_key):
        names = ", ".join(table.primary_key)
        raise UsageError(f"The key of {table.label} is {names}.", "Give a value for each, in this order.")
    params: list[str | None] = []
    bind = binder(params)
    stated = [f"{one.sql} = {bind(value)}::{one.cast}" for one, value in zip(_keys(table), key, strict=True)]
    return " AND ".join(stated), params
