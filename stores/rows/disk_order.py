"""Pages of a table that has no key at all: in the order in which its rows lie on disk.

Forward it is a TID range scan, which begins at its block. Backward there is no such scan, so a few blocks are read
before the place and their last rows taken; where those blocks are nearly empty, more of them. PostgreSQL 14 or later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.cell_columns import CellShape, select
from soundcheck.stores.rows.keyset import CTID, Order, binder
from soundcheck.stores.rows.page_query import FoundRows, pick, plain_columns, table_source, where
from soundcheck.stores.rows.view import PagePlace, TableView

_BLOCKS: Final = 32
_IN_DISK_ORDER: Final = {
    "synchronize_seqscans": "off",
    "max_parallel_workers_per_gather": "0",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
}
"""Settings that leave only plans which give rows in the order of their blocks."""


async def read_rows(
    database: Database, view: TableView, order: Order, place: PagePlace, cells: CellShape, limit: int, timeout: float
) -> FoundRows:
    """The rows of a page, in the order of reading; `order` is that of the place on disk."""
    table = view.table
    selection = select(view.columns, order.keys, cells)
    params: list[str | None] = []
    bind = binder(params)
    filtered = where(view, bind)
    names = plain_columns(table, (CTID,))
    start = place.cursor.values[0] if place.cursor else None

    async def run(condition: str, values: Sequence[str | None], ordered: str) -> FoundRows:
        picked = pick(table_source(table), names, [condition, filtered], ordered, limit)
        query = f"SELECT {selection.sql} FROM ({picked}) AS page"  # noqa: S608 - quoted identifiers, bound values
        answer = await database.fetch(query, [*params, *values], timeout=timeout, settings=_IN_DISK_ORDER)
        return FoundRows(_by_ctid(answer.rows, backward=bool(ordered)), answer.columns[:-2], selection, query)

    next_place = f"${len(params) + 1}::tid"
    if not place.backward:
        if start is None:
            return await run(f"ctid >= {next_place}", ["(0,0)"], "")
        return await run(f"ctid > {next_place}", [start], "")
    end = _block(start) if start is not None else await _blocks(database, table, timeout)
    blocks = _BLOCKS
    while True:
        low = max(0, end - blocks)
        bounds = [f"({low},0)"] + ([start] if start is not None else [])
        upper = f" AND ctid < ${len(params) + 2}::tid" if start is not None else ""
        found = await run(f"ctid >= {next_place}{upper}", bounds, " ORDER BY ctid DESC")
        if len(found.rows) >= limit or low == 0:
            return found
        blocks *= 8


async def _blocks(database: Database, table: Table, timeout: float) -> int:
    query = "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int"
    answer = await database.fetch(query, [table_source(table)], timeout=timeout)
    return int(answer.rows[0][0])


def _by_ctid(rows: Sequence[tuple[Any, ...]], *, backward: bool) -> tuple[tuple[Any, ...], ...]:
    return tuple(sorted(rows, key=lambda row: _parts(row[-1][0]), reverse=backward))


def _block(ctid: str) -> int:
    return _parts(ctid)[0]


def _parts(ctid: str) -> tuple[int, int]:
    """`(12,3)` as block and line."""
    block, line = ctid.strip("()").split(",")
    return int(block), int(line)
