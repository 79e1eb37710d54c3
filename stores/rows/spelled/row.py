"""A row as a JSON object. Pure.

A cell as a JSON value that loses nothing. Pure.

The values of a row as they may leave the screen: masked columns masked, unless revealed cell by cell. Pure.

A row as an INSERT statement. Pure.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.sql_text import escaped_json, quoted_name, sql_literal
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.cells import cell_text, size_text, time_text
from soundcheck.stores.rows.personal import Sensitivity, mask, sensitivity
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.server_text import server_text


def json_value(value: Any, type_name: str = "") -> object:
    """A cell as JSON: numeric, times and bytes as text, so that nothing is rounded; JSON columns as they are.

    A value over a million characters is `{"head": …, "size": bytes}`.
    """
    match value:
        case Cut():
            head = value.head if isinstance(value.head, str) else cell_text(value.head).text
            return {"head": head, "size": value.size}
        case str() if type_name in {"json", "jsonb"}:
            return _document(value)
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else cell_text(value).text
        case Decimal() | bytes():
            return "\\x" + value.hex() if isinstance(value, bytes) else cell_text(value).text
        case date() | time():
            return time_text(value)
        case list() | tuple():
            return [json_value(item) for item in value]
        case _:
            return str(value)


def _document(text: str) -> object:
    """Parsed where that loses nothing that JSON can say; the text itself otherwise."""

    def refuse(_: str) -> object:
        raise ValueError

    def number(digits: str) -> float:
        found = float(digits)
        if not math.isfinite(found):
            raise ValueError
        return found

    try:
        return json.loads(text, parse_float=number, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text


@dataclass(frozen=True, slots=True)
class ShownField:
    """A column and the value that may be shown; `masked` where it is not the real one."""

    column: Column
    value: Any
    masked: bool


def shown_fields(record: Record, reveal: frozenset[str] = frozenset()) -> tuple[ShownField, ...]:
    """The record's fields in order; `reveal` are the names of columns to show as they are."""
    found = []
    for field in record.fields:
        level = sensitivity(record.table.name, field.column.name)
        hidden = mask(field.value, level)
        masked = level is not Sensitivity.OPEN and field.column.name not in reveal and hidden is not field.value
        found.append(ShownField(field.column, hidden if masked else field.value, masked))
    return tuple(found)


def row_as_json(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """An object of column names and values, indented; numeric and times as text, so that nothing is rounded."""
    document = {
        field.column.name: json_value(field.value, "" if field.masked else field.column.type_name)
        for field in shown_fields(record, reveal)
    }
    return escaped_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def row_as_insert(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """One statement with quoted names and literals; a masked value is its mask, and a comment says so.

    Columns that the server computes are left out. Raises `UsageError` where a value was too long to be read whole.
    """
    fields = [field for field in shown_fields(record, reveal) if not field.column.generated]
    masked = [field.column.name for field in fields if field.masked]
    names = ", ".join(quoted_name(field.column.name) for field in fields)
    values = ", ".join(_literal(field.column.name, field.value) for field in fields)
    table = quoted_name(record.table.schema, record.table.name)
    if not fields:
        return f"INSERT INTO {table} DEFAULT VALUES;"
    overriding = "OVERRIDING SYSTEM VALUE\n" if any(field.column.always_identity for field in fields) else ""
    # A name may hold a line break, which would end the comment.
    said = f"-- masked: {', '.join(' '.join(name.split()) for name in masked)}\n" if masked else ""
    said += f"-- {' '.join(record.table.without.split())}\n" if record.table.without else ""
    return f"{said}INSERT INTO {table} ({names})\n{overriding}VALUES ({values});"


def _literal(name: str, value: Any) -> str:
    if isinstance(value, Cut):
        raise UsageError(
            f"{name} is too long for a statement: {size_text(value.size)}.", "Copy the other columns one by one."
        )
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return sql_literal(server_text(value))
