"""A view of a table that changed, carried over to the table as it is now: what still fits stays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from soundcheck.stores.catalog.changes import change_words, names_now
from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.search import plan_search
from soundcheck.stores.rows.typed_value import checked
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class CarriedView:
    """The view as it is now, and one line about what changed ("" for nothing that anybody sees)."""

    view: TableView
    words: str
    filters: tuple[tuple[RowFilter, RowFilter], ...]
    """Each condition that stays, before and now."""
    same_order: bool
    """Whether the rows come in the same order as before, so that a place among them is still one."""


def carry(view: TableView, now: Table) -> CarriedView:
    """The same view of the table as it is now.

    Sort columns and filters follow a renamed column. Those of a column that is gone, or of which its new type makes no
    sense, are left out and named.
    """
    names = names_now(view.table, now)
    kept = [(one, fitting) for one in view.filters if (fitting := _filter(one, names, now)) is not None]
    sort = tuple(
        SortColumn(names[one.name], one.descending)
        for one in view.sort
        if one.name in names and is_sortable(now.column(names[one.name]))
    )
    search = view.search if _can_search(view, now) else ""
    reveal = frozenset(names[name] for name in view.reveal if name in names)
    carried = replace(view, table=now, sort=sort, filters=tuple(new for _, new in kept), search=search, reveal=reveal)
    gone = [f"the filter on {one.column}" for one in view.filters if one not in {old for old, _ in kept}]
    gone += [f"the sort by {one.name}" for one in view.sort if names.get(one.name) not in {new.name for new in sort}]
    gone += [f"the search for {view.search}"] if search != view.search else []
    words = [change_words(view.table, now), f"Left out: {', '.join(gone)}." if gone else ""]
    return CarriedView(carried, " ".join(filter(None, words)), tuple(kept), _same_order(view, carried, names))


def _filter(one: RowFilter, names: dict[str, str], now: Table) -> RowFilter | None:
    if one.column not in names:
        return None
    renamed = replace(one, column=names[one.column])
    try:
        checked(renamed, now.column(renamed.column))
    except UsageError:
        return None
    return renamed


def _can_search(view: TableView, now: Table) -> bool:
    if not view.search.strip():
        return True
    try:
        plan_search(now, view.search, view.reveal, everywhere=view.everywhere)
    except UsageError:
        return False
    return True


def _same_order(view: TableView, carried: TableView, names: dict[str, str]) -> bool:
    keys = _keys(carried)
    return keys is not None and _keys(view, names) == keys


def _keys(view: TableView, names: dict[str, str] | None = None) -> Sequence[object] | None:
    """The order, with columns under their names of now; None where it cannot be told."""
    try:
        order = row_order(view)
    except UsageError:
        return None
    if order.order.whole or order.physical:
        return None  # every column is part of it, or a table that was made again lies elsewhere
    return [(key.name if names is None else names.get(key.name), key.cast, key.descending) for key in order.keys]
