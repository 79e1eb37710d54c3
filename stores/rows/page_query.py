"""The text of a page's query. Pure.

The rows are picked by an inner query that only orders and limits; what is shown of them is computed outside it, for
these few rows, so that a sort never unpacks the long values of a whole table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.postgres.database import ColumnInfo
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.cell_columns import CellShape, SelectedCells, select
from soundcheck.stores.rows.filter_sql import condition
from soundcheck.stores.rows.filters import Bind
from soundcheck.stores.rows.keyset import Arm, KeyColumn, Order, arms, arms_at, arms_whole, binder, order_by
from soundcheck.stores.rows.search import plan_search, search_condition
from soundcheck.stores.rows.view import PagePlace, TableView, Where
from soundcheck.stores.rows.whole_row import numbered_rows


@dataclass(frozen=True, slots=True)
class FoundRows:
    """An answer as it came: rows with the two extra columns of `selection`, in the order of reading."""

    rows: tuple[tuple[Any, ...], ...]
    columns: tuple[ColumnInfo, ...]
    selection: SelectedCells
    sql: str


def where(view: TableView, bind: Bind, zone: str = "") -> str:
    """All filters and the search as one condition, "" for none; `zone` as in `condition`.

    Raises `UsageError` for an unknown column.
    """
    table = view.table
    stated = [condition(one, table.column(one.column), bind, zone) for one in view.filters]
    if view.search.strip():
        found = plan_search(table, view.search, view.reveal, everywhere=view.everywhere)
        stated.append(search_condition(table, found, bind, zone))
    return " AND ".join(f"({one})" for one in stated)


def page_statement(
    view: TableView, order: Order, place: PagePlace, cells: CellShape, limit: int
) -> tuple[str, list[str | None], SelectedCells]:
    """The query of a page, its parameters, and how its answer is read; rows come in the order of reading."""
    params: list[str | None] = []
    order = order.reversed() if place.backward else order
    bind = binder(params)
    if place.cursor is None:
        ranges = arms_whole(order)
    elif place.where is Where.AT:
        ranges = arms_at(order, place.cursor.values[0], bind)
    else:
        ranges = arms(order, place.cursor.values, bind)
    selection = select(view.columns, order.keys, cells)
    source, filtered = source_of(view, order, bind)
    query = page_query(view.table, source, order.keys, ranges, filtered, selection, limit)
    return query, params, selection


def source_of(view: TableView, order: Order, bind: Bind, zone: str = "") -> tuple[str, str]:
    """What the rows of a view are selected from, and the condition that then narrows them ("" for none).

    By the whole row they come from a subquery that numbers equal ones, and that is narrowed already.
    `zone` as in `condition`.
    """
    filtered, table = where(view, bind, zone), table_source(view.table)
    if not order.whole:
        return table, filtered
    names = [quoted_name(column.name) for column in view.table.columns]
    return numbered_rows(table, names, order.keys, filtered), ""


def page_query(
    table: Table,
    source: str,
    keys: Sequence[KeyColumn],
    ranges: Sequence[Arm],
    filtered: str,
    selection: SelectedCells,
    limit: int,
) -> str:
    """The first `limit` rows of ranges that follow each other; a range is read only where those before it are short.

    `keys` are those of the whole order, for the rows of all ranges.
    """
    names = plain_columns(table, keys)
    if len(ranges) == 1:
        picked = pick(source, names, [ranges[0].condition, filtered], _ordered(ranges[0].keys), limit)
        return f"SELECT {selection.sql} FROM ({picked}) AS page{_ordered(keys)}"  # noqa: S608
    arm = "arm"
    while any(column.name == arm for column in table.columns):
        arm += "_"
    parts = []
    for number, one in enumerate(ranges):
        picked = pick(source, f"{number} AS {arm}, {names}", [one.condition, filtered], _ordered(one.keys), limit)
        if number:
            had = " UNION ALL ".join(f"SELECT FROM arm{earlier}" for earlier in range(number))
            full = f"EXISTS (SELECT FROM ({had}) AS earlier OFFSET {limit - 1})"
            picked = f"SELECT * FROM ({picked}) AS range WHERE NOT {full}"  # noqa: S608
        parts.append(f"arm{number} AS MATERIALIZED ({picked})")
    every = " UNION ALL ".join(f"SELECT * FROM arm{number}" for number in range(len(ranges)))  # noqa: S608
    return (
        f"WITH {', '.join(parts)} SELECT {selection.sql} FROM ({every}) AS page"  # noqa: S608
        f" ORDER BY {', '.join([arm, order_by(keys)])} LIMIT {limit}"
    )


def _ordered(keys: Sequence[KeyColumn]) -> str:
    return f" ORDER BY {order_by(keys)}" if keys else ""


def plain_columns(table: Table, keys: Sequence[KeyColumn]) -> str:
    """The names of the inner query, among them what the order needs beside the columns: the place, the row as text."""
    names = [column.name for column in table.columns]
    return ", ".join(map(quoted_name, [*(key.name for key in keys if key.name not in names), *names]))


def table_source(table: Table) -> str:
    """The relation's name as it stands in FROM."""
    return f"{quoted_name(table.schema)}.{quoted_name(table.name)}"


def pick(source: str, names: str, conditions: Sequence[str], ordered: str, limit: int) -> str:
    """The inner query."""
    # Identifiers are quoted by psycopg and values are parameters, in every part of it.
    stated = " AND ".join(f"({one})" for one in conditions if one)
    return f"SELECT {names} FROM {source}{f' WHERE {stated}' if stated else ''}{ordered} LIMIT {limit}"  # noqa: S608
