"""What a page will cost before it is read: the planner's word on it, and the way that an index would serve.

The view next to a costly one that an index serves. Pure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.index_match import SortColumn, best_match
from soundcheck.stores.catalog.tables import Certainty, Index, RowCount, Table, TableName
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.rows.cell_columns import GRID
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.page_query import page_statement
from soundcheck.stores.rows.plan_facts import read_plan, relations_of
from soundcheck.stores.rows.typed_value import explained
from soundcheck.stores.rows.view import FIRST, PagePlace, TableView

__all__ = ["MANY_ROWS", "Cost", "Neighbour", "page_cost"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A view near the wanted one that an index serves: to sort by `sort`, or to narrow it with `filter` as well.

    `filter` may lack its value: then it is to be asked for.
    """

    index: str
    text: str
    sort: tuple[SortColumn, ...] | None = None
    filter: RowFilter | None = None


def neighbour(view: TableView) -> Neighbour | None:
    """What to offer instead of the view's unindexed sort or filter; None where there is nothing near."""
    equal = frozenset(one.column for one in view.filters if one.operator is Operator.EQUAL)
    if view.sort and best_match(view.table, view.sort, equal) is None:
        return _for_sort(view.table, view.sort[0], equal)
    for one in view.filters:
        index = next((i for i in view.table.indexes if i.columns[0].name == one.column), None)
        column = view.table.column(one.column)
        if index is not None and one.operator is Operator.CONTAINS and family(column) is Family.TEXT:
            text = f"The index {index.name} finds {one.column} by its whole value."
            return Neighbour(index.name, text, filter=RowFilter(one.column, Operator.EQUAL, one.value))
    return None


def _for_sort(table: Table, wanted: SortColumn, equal: frozenset[str]) -> Neighbour | None:
    usable = [index for index in table.indexes if index.in_order]
    for index in usable:
        names = [column.name for column in index.columns]
        if wanted.name in names[1:]:
            lead = [name for name in names[: names.index(wanted.name)] if name not in equal]
            if len(lead) == 1:
                text = f"The index {index.name} has this order for one {lead[0]}: filter by it."
                return Neighbour(index.name, text, filter=RowFilter(lead[0], Operator.EQUAL))
    kind = family(table.column(wanted.name))
    near = [index for index in usable if _leads(table, index) is kind and index.columns[0].name not in equal]
    chosen = next((index for index in near if kind is Family.TIME), None)
    chosen = chosen or next((index for index in usable if _is_key(table, index)), None)
    if chosen is None:
        return None
    name = chosen.columns[0].name
    text = f"Sorted by {name} the rows come from the index {chosen.name}."
    return Neighbour(chosen.name, text, sort=(SortColumn(name, wanted.descending),))


def _leads(table: Table, index: Index) -> Family:
    return family(table.column(index.columns[0].name))


def _is_key(table: Table, index: Index) -> bool:
    return tuple(column.name for column in index.columns) == table.primary_key != ()


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
    by_whole_row: bool = False
    """Whether nothing but the whole row gives an order."""

    @property
    def is_heavy(self) -> bool:
        """Whether it is worth a word before it runs."""
        return self.reads_rows >= MANY_ROWS

    def __str__(self) -> str:
        """One sentence, as `No index serves this: the server reads about 2.0 M rows.`, in words for people."""
        rows = str(RowCount(self.reads_rows, Certainty.ESTIMATE)).removeprefix("~")
        noun = "row" if self.reads_rows == 1 else "rows"
        after = " and puts them in order" if self.sorts else ""
        if self.by_whole_row:
            return f"No key serves this: the server reads about {rows} {noun}{after} for each page."
        if self.index_used is None:
            return f"No index serves this: the server reads about {rows} {noun}."
        return f"The server reads about {rows} {noun} by the index {self.index_used}{after}."


async def page_cost(database: Database, view: TableView, *, place: PagePlace = FIRST, limit: int = 50) -> Cost:
    """Ask the planner (EXPLAIN without ANALYZE: no row is read).

    That is one round trip, and two where the plan reads other relations than the table itself: partitions, a view's.
    Raises `DatabaseProblem`, `UsageError` for a value that does not fit its column.
    """
    order = row_order(view).order
    query, params, _ = page_statement(view, order, place, GRID, limit + 1)
    try:
        answer = await database.fetch(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}", params, timeout=_TIMEOUT)
    except DatabaseProblem as problem:
        raise explained(problem, view, place) from None
    sent: Any = answer.rows[0][0]
    plan = (json.loads(sent) if isinstance(sent, str) else sent)[0]["Plan"]
    own = (view.table.schema, view.table.name)
    rows_of: dict[TableName, float] = {}
    if view.table.rows.certainty is not Certainty.UNKNOWN:
        rows_of[own] = float(view.table.rows.number)
    if names := sorted(set(relations_of(plan)) - rows_of.keys()):  # partitions, what a view reads
        known = await database.fetch(
            _ROWS, [[schema for schema, _ in names], [name for _, name in names]], timeout=_TIMEOUT
        )
        rows_of |= {(schema, name): rows for schema, name, rows in known.rows}
    facts = read_plan(plan, rows_of)
    reads = max(facts.reads_rows, facts.sorted_rows)  # a join makes more rows than it reads
    return Cost(
        round(reads),
        facts.indexes[0] if facts.indexes else None,
        facts.sorts,
        neighbour(view) if reads >= MANY_ROWS else None,
        query,
        order.whole,
    )
