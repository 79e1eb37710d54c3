"""The total order of a table's rows: what makes it whole, and what is not possible where nothing does. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.tables import Kind, Table
from soundcheck.stores.rows.filters import Operator
from soundcheck.stores.rows.keyset import CTID, KeyColumn, Order, ordered_keys
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class RowOrder:
    """How a table's rows are put in order: the key columns, empty where there is no total order, and why."""

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

    Its sort, then the primary key, else a unique index without NULLs, else the place on disk. Raises `UsageError` for
    an unknown column, and for one that has no order.
    """
    table = view.table
    equal = frozenset(one.column for one in view.filters if one.operator is Operator.EQUAL)
    names, note = table.primary_key, ""
    if not names:
        names, index = _unique_index(table)
        note = f"No primary key: in the order of the unique index {index}." if names else ""
    if names:
        tie_break = [KeyColumn(name, table.column(name).cast) for name in names]
        return RowOrder(ordered_keys(table, view.sort, tie_break, equal), note)
    if table.kind in {Kind.TABLE, Kind.MATERIALIZED}:
        note = "No primary key: in the order on disk, where a row that is changed moves."
        return RowOrder(ordered_keys(table, view.sort, (CTID,), equal), note, physical=not view.sort)
    note = f"A {table.kind} without a key cannot be paged: these are its first rows."
    return RowOrder(ordered_keys(table, view.sort, (), equal), note, total=False)


def _unique_index(table: Table) -> tuple[tuple[str, ...], str]:
    """The columns and the name of an index that tells every row; the shortest one."""
    usable = {column.name for column in table.columns if not column.nullable and is_sortable(column)}
    fitting = [i for i in table.indexes if i.unique and usable.issuperset(column.name for column in i.columns)]
    index = min(fitting, key=lambda one: len(one.columns), default=None)
    return (tuple(column.name for column in index.columns), index.name) if index else ((), "")
