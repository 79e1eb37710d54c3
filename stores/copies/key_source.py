"""The rows that a key was made of, read the way the application reads them: one query, two for a session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.keys import KEY_PLAN, LOOKUPS, MOST_LISTED, KeyRule, KnownKey, Shape
from soundcheck.stores.rows.cell_columns import WHOLE
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import read_view
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database

_PARTICIPANTS = "session_participants"
_MOST_PEOPLE = 200

_TIMES: Final = frozenset({"timestamp", "timestamptz", "date"})
_NEWEST: Final = ("createdAt", "created_at", "playedAt", "played_at", "updatedAt", "updated_at")


@dataclass(frozen=True, slots=True)
class KeySource:
    """`rows` as dictionaries, newest first for a list; `people` are a session's participants, None where not read."""

    table: Table
    rule: KeyRule
    rows: tuple[dict[str, Any], ...]
    people: tuple[dict[str, Any], ...] | None = None

    @property
    def key_columns(self) -> tuple[str, ...]:
        """What names a row of the table."""
        return self.table.primary_key or tuple(column.name for column in self.table.columns[:1])


def table_of(catalog: Catalog, rule: KeyRule) -> Table | None:
    """The table that a rule is made from; None where this database has none that may be read."""
    try:
        table = catalog.find(rule.table)
        table.column(rule.sources[0].column)
    except UsageError:
        return None
    return table if table.readable else None


def settled(rule: KeyRule, table: Table) -> KeyRule:
    """The rule with its shape known: a column that names one row makes a row, any other the list of its newest rows."""
    if rule.shape is not Shape.ROW or rule in KEY_PLAN:
        return rule
    column = rule.sources[0].column
    unique = {tuple(c.name for c in index.columns) for index in table.indexes if index.unique} | {table.primary_key}
    if (column,) in unique:
        return rule
    for index in table.indexes:
        names = [c.name for c in index.columns]
        if names[:1] == [column] and len(names) > 1 and table.column(names[1]).type_name in _TIMES:
            return replace(rule, shape=Shape.LIST, newest_by=names[1])
    present = {one.name for one in table.columns}
    return replace(rule, shape=Shape.LIST, newest_by=next((name for name in _NEWEST if name in present), ""))


def settled_plan(plan: tuple[KeyRule, ...], catalog: Catalog) -> tuple[KeyRule, ...]:
    """The rules with the shapes that this database's indexes give them."""
    tables = [(rule, table_of(catalog, rule)) for rule in plan]
    return tuple(settled(rule, table) if table is not None else rule for rule, table in tables)


async def read_source(database: Database, catalog: Catalog, known: KnownKey) -> KeySource | None:
    """The rows behind a key; None where the table is not here or the value cannot be worked out from it.

    A value that its column cannot hold has no rows. Raises `DatabaseProblem`.
    """
    table = table_of(catalog, known.rule)
    if table is None:
        return None
    rule = settled(known.rule, table)
    if rule.shape is Shape.IDS:
        return None
    order = (SortColumn(rule.newest_by, True),) if rule.shape is Shape.LIST and rule.newest_by else ()
    limit = MOST_LISTED if rule.shape is Shape.LIST else 1
    rows = await _rows(database, table, rule.sources[0].column, known.value, order, limit)
    if rule.shape is not Shape.SESSION or not rows:
        return KeySource(table, rule, rows)
    people = next((one for one in catalog if one.name == _PARTICIPANTS and one.schema == table.schema), None)
    lookup = LOOKUPS[_PARTICIPANTS]
    if people is None or not people.readable:
        return KeySource(table, rule, rows)
    joined = await _rows(database, people, lookup.column, str(rows[0][lookup.match]), (), _MOST_PEOPLE)
    return KeySource(table, rule, rows, joined)


async def _rows(
    database: Database, table: Table, column: str, value: str, order: tuple[SortColumn, ...], limit: int
) -> tuple[dict[str, Any], ...]:
    from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

    view = TableView(table, order, (RowFilter(column, Operator.EQUAL, value),))
    try:
        page = await read_view(database, view, limit=limit, cells=WHOLE)
    except DatabaseProblem as problem:
        if problem.trouble is Trouble.VALUE:
            return ()
        raise
    except UsageError:
        return ()
    names = [one.name for one in table.columns]
    return tuple(dict(zip(names, row, strict=True)) for row in page.rows)
