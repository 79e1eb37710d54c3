"""The text of a page's query. Pure.

The rows are picked by an inner query that only orders and limits; what is shown of them is computed outside it, for
these few rows, so that a sort never unpacks the long values of a whole table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stores.catalog import Table
from stores.cell_columns import Selection
from stores.database import ColumnInfo
from stores.keyset import CTID, KeyColumn, order_by
from stores.row_filter import Bind, RowFilter, condition


@dataclass(frozen=True, slots=True)
class FoundRows:
    """An answer as it came: rows with the two extra columns of `selection`, in the order of reading."""

    rows: tuple[tuple[Any, ...], ...]
    columns: tuple[ColumnInfo, ...]
    selection: Selection
    sql: str


def where(table: Table, filters: Sequence[RowFilter], bind: Bind) -> str:
    """All filters as one condition, "" for none. Raises `UsageError` for an unknown column."""
    return " AND ".join(condition(one, table.column(one.column), bind) for one in filters)


def page_query(
    table: Table, keys: Sequence[KeyColumn], ranges: Sequence[str], filtered: str, selection: Selection, limit: int
) -> str:
    """The first `limit` rows of one or two ranges that follow each other."""
    names = plain_columns(table, keys)
    ordered = f" ORDER BY {order_by(keys)}" if keys else ""
    if len(ranges) == 1:
        picked = pick(table, names, [ranges[0], filtered], ordered, limit)
        return f"SELECT {selection.sql} FROM ({picked}) AS page{ordered}"  # noqa: S608
    arm = "arm"
    while any(column.name == arm for column in table.columns):
        arm += "_"
    both = " UNION ALL ".join(
        f"({pick(table, f'{number} AS {arm}, {names}', [one, filtered], ordered, limit)})"
        for number, one in enumerate(ranges)
    )
    return f"SELECT {selection.sql} FROM ({both}) AS page ORDER BY {arm}, {order_by(keys)} LIMIT {limit}"  # noqa: S608


def plain_columns(table: Table, keys: Sequence[KeyColumn]) -> str:
    """The names of the inner query; the row's place on disk among them where the order needs it."""
    from psycopg import sql

    names = [sql.Identifier(column.name).as_string(None) for column in table.columns]
    return ", ".join(["ctid", *names] if CTID.name in {key.name for key in keys} else names)


def pick(table: Table, names: str, conditions: Sequence[str], ordered: str, limit: int) -> str:
    """The inner query."""
    from psycopg import sql

    source = sql.Identifier(table.schema, table.name).as_string(None)
    # Identifiers are quoted by psycopg and values are parameters, in every part of it.
    stated = " AND ".join(f"({one})" for one in conditions if one)
    return f"SELECT {names} FROM {source}{f' WHERE {stated}' if stated else ''}{ordered} LIMIT {limit}"  # noqa: S608
