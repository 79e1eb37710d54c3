"""What a page will cost before it is read: the planner's word on it, and the way that an index would serve."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from stores.catalog import Certainty, RowCount
from stores.cell_columns import GRID
from stores.database import Database
from stores.database_problem import DatabaseProblem
from stores.filter_problem import explained
from stores.index_neighbour import Neighbour, neighbour
from stores.page_query import page_statement
from stores.place import FIRST, Place
from stores.plan_facts import read_plan, relations_of
from stores.row_order import row_order
from stores.table_view import TableView

__all__ = ["MANY_ROWS", "Cost", "Neighbour", "page_cost"]

MANY_ROWS: Final = 100_000
"""Rows from which a page without a fitting index is worth a warning."""

_TIMEOUT: Final = 5.0
_ROWS: Final = """
SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::float8
FROM unnest($1::text[], $2::text[]) AS asked(schema, name)
JOIN pg_namespace n ON n.nspname = asked.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = asked.name
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimate for one page. `index_used` is the first index of the plan, None for none.

    `reads_rows` are the rows that the server looks at, at least, not those it shows. `sorts` says that many rows are
    put in order after reading. `sql` is what was explained.
    """

    reads_rows: int
    index_used: str | None
    sorts: bool
    neighbour: Neighbour | None
    sql: str

    @property
    def is_heavy(self) -> bool:
        """Whether it is worth a word before it runs."""
        return self.reads_rows >= MANY_ROWS

    def __str__(self) -> str:
        """One sentence, as `No index serves this: the server reads about 2.0 M rows.`, in words for people."""
        rows = str(RowCount(self.reads_rows, Certainty.ESTIMATE)).removeprefix("~")
        noun = "row" if self.reads_rows == 1 else "rows"
        if self.index_used is None:
            return f"No index serves this: the server reads about {rows} {noun}."
        after = " and puts them in order" if self.sorts else ""
        return f"The server reads about {rows} {noun} by the index {self.index_used}{after}."


async def page_cost(database: Database, view: TableView, *, place: Place = FIRST, limit: int = 50) -> Cost:
    """Ask the planner (EXPLAIN without ANALYZE: no row is read).

    That is one round trip, and two where the plan reads other relations than the table itself: partitions, a view's.
    Raises `DatabaseProblem`, `UsageError` for a value that does not fit its column.
    """
    query, params, _ = page_statement(view, row_order(view).order, place, GRID, limit + 1)
    try:
        answer = await database.fetch(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}", params, timeout=_TIMEOUT)
    except DatabaseProblem as problem:
        raise explained(problem, view, place) from None
    sent: Any = answer.rows[0][0]
    plan = (json.loads(sent) if isinstance(sent, str) else sent)[0]["Plan"]
    own = (view.table.schema, view.table.name)
    rows_of: dict[tuple[str, str], float] = {}
    if view.table.rows.certainty is not Certainty.UNKNOWN:
        rows_of[own] = float(view.table.rows.number)
    if names := sorted(set(relations_of(plan)) - rows_of.keys()):  # partitions, what a view reads
        known = await database.fetch(
            _ROWS, [[schema for schema, _ in names], [name for _, name in names]], timeout=_TIMEOUT
        )
        rows_of |= {(schema, name): rows for schema, name, rows in known.rows}
    facts = read_plan(plan, rows_of)
    heavy = facts.reads_rows >= MANY_ROWS
    return Cost(
        round(facts.reads_rows),
        facts.indexes[0] if facts.indexes else None,
        facts.sorts,
        neighbour(view) if heavy else None,
        query,
    )
