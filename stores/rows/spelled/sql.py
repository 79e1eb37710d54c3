"""A view as SQL that a person would write, ready to copy. Pure."""

from __future__ import annotations

from soundcheck.stores.postgres.sql_text import sql_literal
from soundcheck.stores.rows.filter_sql import quoted
from soundcheck.stores.rows.keyset import Order, after, order_by, starting_at
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.page_query import source_of, table_source, where
from soundcheck.stores.rows.personal import Sensitivity, sensitivity
from soundcheck.stores.rows.view import FIRST, Place, TableView, Where
from soundcheck.stores.secret import MASK


def view_sql(view: TableView, *, place: Place = FIRST, limit: int = 50, reveal: frozenset[str] = frozenset()) -> str:
    """`SELECT * FROM … WHERE … ORDER BY … LIMIT …;` with its values as quoted literals.

    A place inside the table whose values come from a masked column is written with the mask and a comment, unless
    that column is in `reveal`. Raises `UsageError`.
    """
    order = row_order(view).order
    order = order.reversed() if place.backward else order
    source, narrowed = source_of(view, order, sql_literal)
    conditions = [narrowed]
    said = ""
    if place.cursor is not None:
        values, hidden = _shown(view, order, place, reveal)
        conditions.append(
            starting_at(order, values[0], sql_literal) if place.where is Where.AT else after(order, values, sql_literal)
        )
        said = f"-- masked: {', '.join(hidden)}\n" if hidden else ""
    stated = "\n  AND ".join(one for one in conditions if one)
    # The columns of its own that an order by the whole row brings along are not the view's, and `*` takes every right.
    names = (
        ", ".join(quoted(column.name) for column in view.table.columns) if order.whole or view.table.withheld else "*"
    )
    lines = [f"SELECT {names}\nFROM {source}"]
    lines += [f"WHERE {stated}"] if stated else []
    lines += [f"ORDER BY {order_by(order.keys)}"] if order.keys else []
    return said + "\n".join([*lines, f"LIMIT {limit};"])


def count_sql(view: TableView) -> str:
    """`SELECT count(*) FROM … WHERE …;`. Raises `UsageError`."""
    stated = where(view, sql_literal)
    return f"SELECT count(*)\nFROM {table_source(view.table)}" + (f"\nWHERE {stated};" if stated else ";")


def _shown(
    view: TableView, order: Order, place: Place, reveal: frozenset[str]
) -> tuple[tuple[str | None, ...], list[str]]:
    values: list[str | None] = []
    hidden: list[str] = []
    masked_columns = [
        column.name
        for column in view.table.columns
        if sensitivity(view.table.name, column.name) is not Sensitivity.OPEN and column.name not in reveal
    ]
    row = {key.name for key in order.keys[-3:]} if order.whole else set()  # the row as text holds every column
    for key, value in zip(order.keys, place.cursor.values if place.cursor else (), strict=False):
        holding = masked_columns if key.name in row else [key.name] if key.name in masked_columns else []
        masked = value is not None and bool(holding) and key.cast != "bigint"
        values.append(MASK if masked else value)
        hidden += holding if masked else []
    return tuple(values), list(dict.fromkeys(hidden))
