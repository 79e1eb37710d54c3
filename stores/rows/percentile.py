"""The place at a percentage of the way through a table, without counting to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from soundcheck.stores.catalog.tables import Certainty, RelationKind
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import READ_TIMEOUT, Database
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.counting import CAP, count_capped
from soundcheck.stores.rows.keyset import KeyColumn, binder, order_by
from soundcheck.stores.rows.order import RowOrder, row_order
from soundcheck.stores.rows.page_query import source_of, where
from soundcheck.stores.rows.view import FIRST, LAST, Cursor, PagePlace, TableView

_TIMEOUT: Final = 5.0
_SAMPLED_ROWS: Final = 30_000
_ENOUGH: Final = 100


@dataclass(frozen=True, slots=True)
class Jump:
    """Where to read on. `note` says how the place was found; "" where it is exact."""

    place: PagePlace
    approximate: bool
    note: str = ""


async def jump_to(database: Database, view: TableView, fraction: float) -> Jump:
    """The page that begins at `fraction` (0 to 1) of the rows.

    Exact in a small table; else from the statistics of the first sort column, or from a sample of the table's blocks.
    Raises `DatabaseProblem`, `UsageError` where the table has no order.
    """
    order = row_order(view)
    if not order.total:
        raise UsageError(order.note, "Read it in order instead.")
    if fraction <= 0 or fraction >= 1:
        return Jump(FIRST if fraction <= 0 else LAST, approximate=False)
    if order.physical:
        return await _on_disk(database, view, fraction)
    if order.order.whole:
        return await _among_all(database, view, order, fraction)
    count = view.table.rows
    if view.narrowed or count.certainty not in {Certainty.EXACT, Certainty.ESTIMATE}:
        count = await count_capped(database, view)
    if count.certainty is Certainty.EXACT and count.number <= CAP:
        return await _counted(database, view, order, round(count.number * fraction))
    if not view.narrowed and (found := await _by_statistics(database, view, order.keys[0], fraction)):
        return found
    if found := await _by_sample(database, view, order.keys[0], fraction, count.number):
        return found
    if found := await _by_statistics(database, view, order.keys[0], fraction):
        return Jump(found.place, found.approximate, f"{found.note} They are those of the whole table.")
    raise UsageError(
        f"Nothing is known about how {order.keys[0].name} is spread.", "Run ANALYZE, or jump to a value instead."
    )


async def _on_disk(database: Database, view: TableView, fraction: float) -> Jump:
    """No statistics needed: blocks are filled about alike."""
    answer = await database.fetch(
        "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int", [_source(view)], timeout=_TIMEOUT
    )
    place = PagePlace.after(Cursor((f"({int(answer.rows[0][0] * fraction)},0)",)))
    return Jump(place, approximate=True, note="Approximate: by the place on disk.")


async def _among_all(database: Database, view: TableView, order: RowOrder, fraction: float) -> Jump:
    """Every row is put in order for a page anyway, and numbering them costs no more: exact, in one query."""
    params: list[str | None] = []
    source, _ = source_of(view, order.order, binder(params))
    query = (
        f"SELECT place FROM (SELECT ARRAY[{', '.join(f'{key.sql}::text' for key in order.keys)}] AS place,"  # noqa: S608
        f" row_number() OVER (ORDER BY {order_by(order.keys)}) AS passed, count(*) OVER () AS rows FROM {source})"
        f" AS counted WHERE passed = round(rows * {fraction:.6f})"
    )
    answer = await database.fetch(query, params, timeout=READ_TIMEOUT)
    return Jump(PagePlace.after(Cursor(tuple(answer.rows[0][0]))) if answer.rows else FIRST, approximate=False)


async def _counted(database: Database, view: TableView, order: RowOrder, skipped: int) -> Jump:
    if skipped <= 0:
        return Jump(FIRST, approximate=False)
    params: list[str | None] = []
    stated = where(view, binder(params))
    query = (
        f"SELECT ARRAY[{', '.join(f'{key.sql}::text' for key in order.keys)}] FROM {_source(view)}"  # noqa: S608
        f"{f' WHERE {stated}' if stated else ''} ORDER BY {order_by(order.keys)} OFFSET {skipped - 1} LIMIT 1"
    )
    answer = await database.fetch(query, params, timeout=_TIMEOUT)
    return Jump(PagePlace.after(Cursor(tuple(answer.rows[0][0]))) if answer.rows else LAST, approximate=False)


async def _by_statistics(database: Database, view: TableView, key: KeyColumn, fraction: float) -> Jump | None:
    """Common values and histogram together are the whole column; the server adds up the shares in its own order."""
    ascending = fraction
    direction = "DESC" if key.descending else "ASC"
    query = f"""
        WITH s AS (
            SELECT null_frac, most_common_vals::text::text[] AS vals, most_common_freqs AS freqs,
                histogram_bounds::text::text[] AS bounds
            FROM pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = $3 ORDER BY inherited DESC LIMIT 1
        ), parts AS (
            SELECT v::{key.cast} AS v, f FROM s, unnest(vals, freqs) AS m(v, f)
            UNION ALL
            SELECT b::{key.cast}, (1 - null_frac - coalesce((SELECT sum(f) FROM unnest(freqs) f), 0))
                / greatest(cardinality(bounds) - 1, 1)
            FROM s, unnest(bounds) WITH ORDINALITY AS h(b, place) WHERE place > 1
        ), summed AS (SELECT v, sum(f) OVER (ORDER BY v {direction}) AS upto FROM parts)
        SELECT (SELECT null_frac FROM s)::float8,
            (SELECT v::text FROM summed WHERE upto >= $4::float8 ORDER BY upto LIMIT 1),
            (SELECT count(*) FROM parts)
    """  # noqa: S608 - the cast is the catalogue's
    nulls_first = bool(key.nulls_first)
    table = view.table
    null_share = await database.fetch(query, [table.schema, table.name, key.name, "0"], timeout=_TIMEOUT)
    share, _, parts = null_share.rows[0]
    if share is None or (not parts and share < 1):
        return None
    if (nulls_first and ascending < share) or (not nulls_first and ascending > 1 - share):
        place = PagePlace.at(None)
    else:
        wanted = ascending - share if nulls_first else ascending
        answer = await database.fetch(query, [table.schema, table.name, key.name, str(wanted)], timeout=_TIMEOUT)
        value = answer.rows[0][1]
        place = LAST if value is None else PagePlace.at(value)
    return Jump(place, approximate=True, note=f"Approximate: by the statistics of {key.name} of the last ANALYZE.")


async def _by_sample(database: Database, view: TableView, key: KeyColumn, fraction: float, rows: int) -> Jump | None:
    """Some blocks of the table; None where that is not possible, or finds too few rows to say anything."""
    if view.table.kind not in {RelationKind.TABLE, RelationKind.MATERIALIZED, RelationKind.PARTITIONED}:
        return None
    params: list[str | None] = []
    stated = where(view, binder(params))
    whole = max(rows, view.table.rows.number, 1)
    percent = min(100.0, max(0.01, _SAMPLED_ROWS / whole * 100))
    query = (
        f"SELECT count(*), percentile_disc({fraction:.6f}) WITHIN GROUP"  # noqa: S608 - numbers and quoted names
        f" (ORDER BY {key.sql}{' DESC' if key.descending else ''})::text"
        f" FROM {_source(view)} TABLESAMPLE SYSTEM ({percent:.4f}) WHERE {key.sql} IS NOT NULL"
        f"{f' AND {stated}' if stated else ''}"
    )
    number, value = (await database.fetch(query, params, timeout=_TIMEOUT)).rows[0]
    if number < _ENOUGH or value is None:
        return None
    return Jump(PagePlace.at(value), approximate=True, note=f"Approximate: from a sample of {number:,} rows.")


def _source(view: TableView) -> str:
    return f"{quoted_name(view.table.schema)}.{quoted_name(view.table.name)}"
