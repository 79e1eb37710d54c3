"""The view next to a costly one that an index serves. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from stores.catalog import Index, Table
from stores.column_family import Family, family
from stores.index_match import SortColumn, best_match
from stores.row_filter import Operator, RowFilter
from stores.table_view import TableView


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
    for index in table.indexes:
        names = [column.name for column in index.columns]
        if wanted.name in names[1:]:
            lead = [name for name in names[: names.index(wanted.name)] if name not in equal]
            if len(lead) == 1:
                text = f"The index {index.name} has this order for one {lead[0]}: filter by it."
                return Neighbour(index.name, text, filter=RowFilter(lead[0], Operator.EQUAL))
    kind = family(table.column(wanted.name))
    near = [index for index in table.indexes if _leads(table, index) is kind and index.columns[0].name not in equal]
    chosen = next((index for index in near if kind is Family.TIME), None)
    chosen = chosen or next((index for index in table.indexes if _is_key(table, index)), None)
    if chosen is None:
        return None
    name = chosen.columns[0].name
    text = f"Sorted by {name} the rows come from the index {chosen.name}."
    return Neighbour(chosen.name, text, sort=(SortColumn(name, wanted.descending),))


def _leads(table: Table, index: Index) -> Family:
    return family(table.column(index.columns[0].name))


def _is_key(table: Table, index: Index) -> bool:
    return tuple(column.name for column in index.columns) == table.primary_key != ()
