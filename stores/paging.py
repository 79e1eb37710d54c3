"""Pages of a table by key: any page costs what the first one costs, and nothing is counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from stores import disk_order
from stores.catalog import Column, Kind, Table
from stores.cell_columns import GRID, WHOLE, CellShape, Cut, select
from stores.database import READ_TIMEOUT, ColumnInfo, Database
from stores.errors import UsageError
from stores.histogram import Histogram
from stores.keyset import CTID, KeyColumn, SortColumn, arms, binder, key_columns
from stores.page_query import FoundRows, page_query, where
from stores.place import FIRST, LAST, Cursor, Place, Where
from stores.row_filter import RowFilter

__all__ = [
    "FIRST",
    "GRID",
    "LAST",
    "WHOLE",
    "Cursor",
    "Cut",
    "Page",
    "Place",
    "SortColumn",
    "Where",
    "read_page",
    "row_order",
]

PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in their order.

    A cell is what the driver makes of it, a `Cut`, or text where Python has no such value (infinity, year 20000).
    `keys[i]` is the cursor of row i; there are none where a table cannot be paged. `note` says what is unusual about
    its order; `sql` is what ran. `position` is the place of the page's edge between 0 and 1, None where not known.
    """

    table: Table
    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[Any, ...], ...]
    keys: tuple[Cursor, ...]
    has_more_before: bool
    has_more_after: bool
    elapsed_ms: float
    sql: str
    position: float | None = None
    note: str = ""

    @property
    def cursor_first(self) -> Cursor | None:
        """The first row's cursor, for the page before."""
        return self.keys[0] if self.keys else None

    @property
    def cursor_last(self) -> Cursor | None:
        """The last row's cursor, for the page after."""
        return self.keys[-1] if self.keys else None


@dataclass(frozen=True, slots=True)
class RowOrder:
    """How a table's rows are put in order: the key columns, empty where there is no total order, and why."""

    keys: tuple[KeyColumn, ...]
    note: str = ""
    total: bool = True
    physical: bool = False
    """Whether it is the order on disk alone, which is read without an index."""


def row_order(table: Table, sort: Sequence[SortColumn] = ()) -> RowOrder:
    """The total order of a table: its primary key, else a unique index without NULLs, else the place on disk.

    Raises `UsageError` for an unknown column.
    """
    names, note = table.primary_key, ""
    if not names:
        names, index = _unique_index(table)
        note = f"No primary key: in the order of the unique index {index}." if names else ""
    if names:
        return RowOrder(key_columns(table, sort, [KeyColumn(n, table.column(n).cast) for n in names]), note)
    if table.kind in {Kind.TABLE, Kind.MATERIALIZED}:
        note = "No primary key: in the order on disk, where a row that is changed moves."
        return RowOrder(key_columns(table, sort, (CTID,)), note, physical=not sort)
    note = f"A {table.kind} without a key cannot be paged: these are its first rows."
    return RowOrder(key_columns(table, sort, ()), note, total=False)


def _unique_index(table: Table) -> tuple[tuple[str, ...], str]:
    nullable = {column.name for column in table.columns if column.nullable}
    for index in table.indexes:
        names = tuple(column.name for column in index.columns)
        if index.unique and not nullable.intersection(names):
            return names, index.name
    return (), ""


async def read_page(
    database: Database,
    table: Table,
    *,
    place: Place = FIRST,
    sort: Sequence[SortColumn] = (),
    filters: Sequence[RowFilter] = (),
    limit: int = PAGE_ROWS,
    timeout: float = READ_TIMEOUT,
    histogram: Histogram | None = None,
    cells: CellShape = GRID,
) -> Page:
    """One page, by one query of `limit` + 1 rows.

    In the order on disk a page read from its end may take a few queries, each of some blocks. `histogram` is that of
    the first sort column and gives `position`. `cells=WHOLE` brings long values and arrays as lists. Raises
    `DatabaseProblem`, `UsageError` for an unknown column.
    """
    order = row_order(table, sort)
    if not order.total and place.where is not Where.FIRST:
        raise UsageError(order.note, "Sort or filter it instead.")
    if place.cursor is not None and len(place.cursor.values) != len(order.keys):
        raise UsageError("That place belongs to another order of the rows.", "Begin at the first page.")
    started = time.perf_counter()
    read = disk_order.read_rows if order.physical else _read_rows
    found = await read(database, table, order.keys, place, filters, cells, limit + 1, timeout)
    rows = found.rows[:limit]
    more = len(found.rows) > limit
    if place.backward:
        rows = rows[::-1]
    inside = place.where in {Where.AFTER, Where.BEFORE}
    return Page(
        table=table,
        columns=tuple(map(_info, table.columns, found.columns)),
        rows=tuple(found.selection.cells(row) for row in rows),
        keys=tuple(Cursor(tuple(row[-1])) for row in rows) if order.total else (),
        has_more_before=more if place.backward else inside,
        has_more_after=inside if place.backward else more,
        elapsed_ms=(time.perf_counter() - started) * 1000,
        sql=found.sql,
        position=_position(place, order, histogram if not filters else None),
        note=order.note,
    )


def _info(column: Column, sent: ColumnInfo) -> ColumnInfo:
    """The column's own type: what is sent of a long one is text."""
    return ColumnInfo(column.name, sent.type_oid, column.type_name)


def _position(place: Place, order: RowOrder, histogram: Histogram | None) -> float | None:
    if not order.total:
        return None
    if place.cursor is None:
        return 1.0 if place.backward else 0.0
    if histogram is None or histogram.column != order.keys[0].name:
        return None
    fraction = histogram.fraction(place.cursor.values[0])
    return 1 - fraction if fraction is not None and order.keys[0].descending else fraction


async def _read_rows(
    database: Database,
    table: Table,
    keys: Sequence[KeyColumn],
    place: Place,
    filters: Sequence[RowFilter],
    cells: CellShape,
    limit: int,
    timeout: float,
) -> FoundRows:
    params: list[str | None] = []
    keys = [key.reversed() for key in keys] if place.backward else keys
    bind = binder(params)
    ranges = arms(keys, place.cursor.values, bind) if place.cursor else ("",)
    selection = select(table, keys, cells)
    query = page_query(table, keys, ranges, where(table, filters, bind), selection, limit)
    answer = await database.fetch(query, params, timeout=timeout)
    return FoundRows(answer.rows, answer.columns[:-2], selection, query)
