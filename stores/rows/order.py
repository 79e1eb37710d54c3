"""The total order of a table's rows, proved from the catalogue: by a key, by the place on disk, by the whole row. Pure.

A key is one that the server itself holds unique over every row that a query of the relation gives, that has no NULLs
(or takes them for alike), and whose types and collations have the order that ORDER BY follows. What is only nearly
one (a partial or an invalid index, an index on an expression, a deferrable constraint, a key of a parent that does not
reach its children's rows) is none. No row is looked at to decide it.

The place on disk serves where there is no key and a row's `ctid` is its own: in a heap that nothing inherits from. It
costs no sort. A row that is updated between two pages moves, so you may see it twice or not at all; the same holds for
any order whose columns change, and without a key every column is part of the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.tables import RelationKind, Table
from soundcheck.stores.rows.filters import Operator
from soundcheck.stores.rows.keyset import CTID, KeyColumn, Order, ordered_keys
from soundcheck.stores.rows.view import TableView
from soundcheck.stores.rows.whole_row import whole_row


@dataclass(frozen=True, slots=True)
class RowOrder:
    """How a table's rows are put in order, and why so; not `total` where only the first ones are shown."""

    order: Order
    note: str = ""
    total: bool = True
    physical: bool = False
    """Whether it is the order on disk alone, which is read without an index."""

    @property
    def keys(self) -> tuple[KeyColumn, ...]:
        """The columns of the order, the one that counts first first."""
        return self.order.keys


def row_order(view: TableView) -> RowOrder:
    """The total order of a view.

    Its sort, then the primary key, else a unique index, else the place on disk, else the whole row as text. Raises
    `UsageError` for an unknown column, and for one that has no order.
    """
    table = view.table
    equal = frozenset(one.column for one in view.filters if one.operator is Operator.EQUAL)
    names, note = table.primary_key, ""
    if not names or not _can_tell(table, names):
        names, index = _unique_index(table)
        none = "The primary key may not be read" if table.withheld_key else "No primary key"
        note = f"{none}: in the order of the unique index {index}." if names else ""
    if names:
        tie_break = [KeyColumn(name, table.column(name).cast) for name in names]
        return RowOrder(ordered_keys(table, view.sort, tie_break, equal), note)
    if table.ctid_is_unique and table.kind in {RelationKind.TABLE, RelationKind.MATERIALIZED}:
        note = "No key: in the order on disk, where a row that is changed moves."
        return RowOrder(ordered_keys(table, view.sort, (CTID,), equal), note, physical=not view.sort)
    if view.as_it_comes:
        order = ordered_keys(table, view.sort, (), equal)
        said = "" if view.sort else ", in no order"
        return RowOrder(order, f"No key: the first rows only{said}.", total=False)
    order = replace(ordered_keys(table, view.sort, whole_row(table), equal), indexed=False, covered=False, whole=True)
    return RowOrder(order, "No key: in the order of the whole row as text.")


def _unique_index(table: Table) -> tuple[tuple[str, ...], str]:
    """The columns and the name of an index that tells every row; the shortest one."""
    fitting = [
        index
        for index in table.indexes
        if index.unique
        and index.in_order
        and _can_tell(table, [column.name for column in index.columns], nulls_alike=index.nulls_alike)
    ]
    index = min(fitting, key=lambda one: len(one.columns), default=None)
    return (tuple(column.name for column in index.columns), index.name) if index else ((), "")


def _can_tell(table: Table, names: Sequence[str], *, nulls_alike: bool = False) -> bool:
    """Whether unique values of these columns put all rows in order: their types have one, and no NULL stands twice."""
    columns = [column for column in table.columns if column.name in names]
    return len(columns) == len(names) and all(is_sortable(c) and (nulls_alike or not c.may_be_null) for c in columns)
