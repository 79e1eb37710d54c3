"""How many rows a view has: an estimate at once, counted up to a limit on demand, counted to the end on request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.keyset import binder
from soundcheck.stores.rows.page_query import where
from soundcheck.stores.rows.typed_value import explained
from soundcheck.stores.rows.view import TableView

CAP: Final = 10_000
"""Rows up to which a capped count goes; a table with more is `10,000+`."""

CAPPED_TIMEOUT: Final = 5.0
EXACT_TIMEOUT: Final = 120.0
_ESTIMATE_TIMEOUT: Final = 5.0


async def estimate(database: Database, view: TableView) -> RowCount:
    """The planner's estimate, which reads no row; the catalogue's own number where nothing narrows the view.

    Raises `DatabaseProblem`, `UsageError` for a value that does not fit its column.
    """
    known = view.table.rows.certainty in {Certainty.EXACT, Certainty.ESTIMATE}
    if known and not view.narrowed:
        return view.table.rows
    rows = await _fetch(database, view, "EXPLAIN (FORMAT JSON) SELECT 1 FROM {}", _ESTIMATE_TIMEOUT)
    plan = rows[0][0]
    document = json.loads(plan) if isinstance(plan, str) else plan
    return RowCount(round(document[0]["Plan"]["Plan Rows"]), Certainty.ESTIMATE)


async def count_capped(
    database: Database, view: TableView, *, cap: int = CAP, timeout: float = CAPPED_TIMEOUT
) -> RowCount:
    """Counted, at most `cap` + 1 rows: EXACT, or AT_LEAST where there are more. Raises as `estimate`."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM {{}} LIMIT {cap + 1}) AS capped"  # noqa: S608 - a number
    number = (await _fetch(database, view, query, timeout))[0][0]
    return RowCount(min(number, cap), Certainty.AT_LEAST if number > cap else Certainty.EXACT)


async def count_exact(database: Database, view: TableView, *, timeout: float = EXACT_TIMEOUT) -> RowCount:
    """Counted to the end, which reads the whole table or an index of it; cancelling the task stops the server.

    Raises as `estimate`.
    """
    return RowCount((await _fetch(database, view, "SELECT count(*) FROM {}", timeout))[0][0], Certainty.EXACT)


async def _fetch(database: Database, view: TableView, query: str, timeout: float) -> Sequence[tuple[Any, ...]]:
    """The query, with the table and the view's conditions in place of its braces."""
    params: list[str | None] = []
    stated = where(view, binder(params))
    source = f"{quoted_name(view.table.schema)}.{quoted_name(view.table.name)}"
    source += f" WHERE {stated}" if stated else ""
    try:
        return (await database.fetch(query.replace("{}", source), params, timeout=timeout)).rows
    except DatabaseProblem as problem:
        raise explained(problem, view) from None
