"""Pages of a table by key: any page costs what the first one costs, and nothing is counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from soundcheck.stores.catalog.histogram import Histogram
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import READ_TIMEOUT, ColumnInfo, Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.rows import disk_order
from soundcheck.stores.rows.cell_columns import GRID, UNCUT, WHOLE, CellShape, Cut
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.keyset import Order, SortColumn
from soundcheck.stores.rows.order import RowOrder, row_order
from soundcheck.stores.rows.page_query import FoundRows, page_statement
from soundcheck.stores.rows.search import SEARCH_TIMEOUT
from soundcheck.stores.rows.typed_value import explained
from soundcheck.stores.rows.view import FIRST, LAST, Cursor, PagePlace, TableView, Where

__all__ = [
    "FIRST",
    "GRID",
    "LAST",
    "UNCUT",
    "WHOLE",
    "Cursor",
    "Cut",
    "Page",
    "PagePlace",
    "SortColumn",
    "TableView",
    "Where",
    "read_page",
    "read_view",
]

PAGE_ROWS: Final = 50

PATIENCE: Final = 1.0
"""Seconds after which a filtered page is read in another way."""

_NO_WALK: Final = {"enable_indexscan": "off", "enable_indexonlyscan": "off"}
"""Leaves the bitmaps of indexes that find a filter's rows, and a sort of what was found."""


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

    def only(self, names: Sequence[str]) -> Page:
        """The same rows with these columns alone, in this order."""
        known = [column.name for column in self.columns]
        places = [known.index(name) for name in names]
        rows = tuple(tuple(row[place] for place in places) for row in self.rows)
        return replace(self, columns=tuple(self.columns[place] for place in places), rows=rows)

    @property
    def cursor_first(self) -> Cursor | None:
        """The first row's cursor, for the page before."""
        return self.keys[0] if self.keys else None

    @property
    def cursor_last(self) -> Cursor | None:
        """The last row's cursor, for the page after."""
        return self.keys[-1] if self.keys else None


async def read_view(
    database: Database,
    view: TableView,
    *,
    place: PagePlace = FIRST,
    limit: int = PAGE_ROWS,
    timeout: float | None = None,
    histogram: Histogram | None = None,
    cells: CellShape = GRID,
) -> Page:
    """One page of a view, by one query of `limit` + 1 rows; by a second one where a filter made the first too slow.

    In the order on disk a page read from its end may take a few queries, each of some blocks. `histogram` is that of
    the first sort column and gives `position`. `cells=WHOLE` brings long values and arrays as lists. `timeout` is in
    seconds, by default `READ_TIMEOUT`, or `SEARCH_TIMEOUT` for a search. Raises `DatabaseProblem`; `UsageError` for
    an unknown column, an order that is not possible, and a value that does not fit its column.
    """
    order = row_order(view)
    if not order.total and place.where is not Where.FIRST:
        raise UsageError(order.note, "Read it in order instead.")
    _check_place(place, order)
    if timeout is None:
        timeout = SEARCH_TIMEOUT if view.search.strip() else READ_TIMEOUT
    started = time.perf_counter()
    read = disk_order.read_rows if order.physical else _read_rows
    try:
        found = await read(database, view, order.order, place, cells, limit + 1, timeout)
    except DatabaseProblem as problem:
        raise explained(problem, view, place) from None
    rows = found.rows[:limit]
    more = len(found.rows) > limit
    if place.backward:
        rows = rows[::-1]
    inside = place.cursor is not None
    return Page(
        table=view.table,
        columns=tuple(map(_info, view.columns, found.columns)),
        rows=tuple(found.selection.cells(row) for row in rows),
        keys=tuple(Cursor(tuple(row[-1])) for row in rows) if order.total else (),
        has_more_before=more if place.backward else inside,
        has_more_after=inside if place.backward else more,
        elapsed_ms=(time.perf_counter() - started) * 1000,
        sql=found.sql,
        position=_position(place, order, histogram if not view.narrowed else None),
        note=f"{order.note} {view.table.without}".strip(),
    )


async def read_page(
    database: Database,
    table: Table,
    *,
    place: PagePlace = FIRST,
    sort: Sequence[SortColumn] = (),
    filters: Sequence[RowFilter] = (),
    limit: int = PAGE_ROWS,
    timeout: float | None = None,
    histogram: Histogram | None = None,
    cells: CellShape = GRID,
) -> Page:
    """`read_view` of the view that these make."""
    view = TableView(table, tuple(sort), tuple(filters))
    return await read_view(database, view, place=place, limit=limit, timeout=timeout, histogram=histogram, cells=cells)


def _check_place(place: PagePlace, order: RowOrder) -> None:
    if place.cursor is None:
        return
    if place.where is Where.AT:
        if order.physical or len(place.cursor.values) != 1:
            raise UsageError("Rows in their order on disk have no value to begin at.", "Sort by a column first.")
    elif len(place.cursor.values) != len(order.keys):
        raise UsageError("That place belongs to another order of the rows.", "Begin at the first page.")


def _info(column: Column, sent: ColumnInfo) -> ColumnInfo:
    """The column's own type: what is sent of a long one is text."""
    return ColumnInfo(column.name, sent.type_oid, column.type_name)


def _position(place: PagePlace, order: RowOrder, histogram: Histogram | None) -> float | None:
    if not order.total:
        return None
    if place.cursor is None:
        return 1.0 if place.backward else 0.0
    if histogram is None or histogram.column != order.keys[0].name:
        return None
    fraction = histogram.fraction(place.cursor.values[0])
    return 1 - fraction if fraction is not None and order.keys[0].descending else fraction


async def _read_rows(
    database: Database, view: TableView, order: Order, place: PagePlace, cells: CellShape, limit: int, timeout: float
) -> FoundRows:
    """The page by the server's own plan; where a filter lets that take long, once more without walking an index.

    Whether a filter's few rows turn up soon in the order of an index is a guess of the planner's. A wrong one fetches
    every row of the table in the index's order: 55 s for 10 million rows with random ids, where reading the table as
    it lies takes 2 s.
    """
    query, params, selection = page_statement(view, order, place, cells, limit)
    if view.narrowed and timeout > PATIENCE:
        try:
            answer = await database.fetch(query, params, timeout=PATIENCE)
        except DatabaseProblem as problem:
            if problem.trouble is not Trouble.TIMEOUT:
                raise
            answer = await database.fetch(query, params, timeout=timeout, settings=_NO_WALK)
    else:
        answer = await database.fetch(query, params, timeout=timeout)
    return FoundRows(answer.rows, answer.columns[:-2], selection, query)
