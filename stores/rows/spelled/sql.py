"""A view as SQL that a person would write, ready to copy. Pure."""

from __future__ import annotations

import re
from typing import Final

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.postgres.sql_text import quoted_name, sql_literal
from soundcheck.stores.postgres.time_zone import is_read_in_zone
from soundcheck.stores.rows.filter_sql import can_be_zoned
from soundcheck.stores.rows.filters import NEEDS_NO_VALUE
from soundcheck.stores.rows.keyset import Order, after, order_by, starting_at
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.page_query import source_of, table_source, where
from soundcheck.stores.rows.view import FIRST, PagePlace, TableView, Where
from soundcheck.stores.secret import MASK
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_SAYS_ITS_ZONE: Final = re.compile(
    r":\d\d(\.\d+)?\s*([+-]\d\d(:?\d\d(:?\d\d)?)?|Z)$|^-?infinity$|^epoch$", re.IGNORECASE
)


def view_sql(
    view: TableView,
    *,
    place: PagePlace = FIRST,
    limit: int = 50,
    reveal: frozenset[str] = frozenset(),
    zone: str = UTC,
) -> str:
    """`SELECT * FROM … WHERE … ORDER BY … LIMIT …;` with its values as quoted literals.

    Times that say no zone get `zone`; where it cannot be written into one, a line before the statement sets it.

    A place inside the table whose values come from a masked column is written with the mask and a comment, unless
    that column is in `reveal`. Raises `UsageError`.
    """
    order = row_order(view).order
    order = order.reversed() if place.backward else order
    source, narrowed = source_of(view, order, sql_literal, zone)
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
    named = order.whole or view.table.withheld
    names = ", ".join(quoted_name(column.name) for column in view.table.columns) if named else "*"
    lines = [f"{_set_zone(view, zone)}SELECT {names}\nFROM {source}"]
    lines += [f"WHERE {stated}"] if stated else []
    lines += [f"ORDER BY {order_by(order.keys)}"] if order.keys else []
    return said + "\n".join([*lines, f"LIMIT {limit};"])


def count_sql(view: TableView, *, zone: str = UTC) -> str:
    """`SELECT count(*) FROM … WHERE …;`, in `zone` as `view_sql`. Raises `UsageError`."""
    stated = where(view, sql_literal, zone)
    counted = f"{_set_zone(view, zone)}SELECT count(*)\nFROM {table_source(view.table)}"
    return counted + (f"\nWHERE {stated};" if stated else ";")


def _set_zone(view: TableView, zone: str) -> str:
    """What is typed for a time is read in the session's zone, and the reader's own may be another one."""
    left = any(
        not _says_its_zone(view.table.column(one.column), value, zone)
        for one in view.filters
        if is_read_in_zone(view.table.column(one.column)) and one.operator not in NEEDS_NO_VALUE
        for value in (one.values or (one.value,))
    )
    return f"SET TIME ZONE {sql_literal(zone)};\n" if left else ""


def _says_its_zone(column: Column, value: str, zone: str) -> bool:
    """Whether a typed value means the same in every session, or is made to by `condition`."""
    if column.type_name == "timestamptz" and can_be_zoned(value, zone):
        return True
    return column.type_name in {"timestamptz", "timetz"} and _SAYS_ITS_ZONE.search(value) is not None


def _shown(
    view: TableView, order: Order, place: PagePlace, reveal: frozenset[str]
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
