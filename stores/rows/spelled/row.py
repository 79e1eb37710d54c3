"""A row as a JSON object. Pure.

A cell as a JSON value that loses nothing. Pure.

Integers, finite floats, booleans, arrays and JSON columns are values of JSON, the JSON columns with the very text that
the server has. Times are ISO 8601. Everything else is a string with psql's text: numeric, bytea, ranges, intervals and
what JSON or ISO 8601 has no way to say, as NaN or infinity. `stands_as_text` tells the last kind from the others.

The values of a row as they may leave the screen: masked columns masked, unless revealed cell by cell. Pure.

A row as an INSERT statement. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from soundcheck.stores import amounts
from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import UsageError
from soundcheck.stores.json_document import JsonText, held_by_json, json_document
from soundcheck.stores.postgres.server_values import ServerFloat, ServerList, read_array
from soundcheck.stores.postgres.sql_text import escaped_json, quoted_name, sql_literal
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.server_text import array_text, server_text, time_text
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_DOCUMENTS: Final = frozenset({"json", "jsonb"})
_TIMES: Final = frozenset({"date", "time", "timetz", "timestamp", "timestamptz"})
_NUMBERS: Final = frozenset({"int2", "int4", "int8", "oid", "float4", "float8"})


class JsonForm(StrEnum):
    """What the values of a column are in JSON."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    DOCUMENT = "json"  # any JSON value: the column is json or jsonb
    LIST = "list"
    TIME = "time"  # a string, ISO 8601
    STRING = "string"


def json_form(type_name: str) -> JsonForm:
    """By the bare name of a column's type."""
    if type_name in _DOCUMENTS:
        return JsonForm.DOCUMENT
    if type_name in _NUMBERS:
        return JsonForm.NUMBER
    if type_name == "bool":
        return JsonForm.BOOLEAN
    if type_name in _TIMES:
        return JsonForm.TIME
    return JsonForm.LIST if type_name.endswith("[]") else JsonForm.STRING


def json_value(value: Any, type_name: str = "") -> object:
    """The value, for `stores.json_document`. One over a million characters is `{"head": …, "size": bytes}`."""
    match value:
        case Cut():
            return {"head": value.head if isinstance(value.head, str) else server_text(value.head), "size": value.size}
        case str() if type_name in _DOCUMENTS and held_by_json(value):
            return JsonText(value)
        case str() if type_name.endswith("[]"):  # of a type that the driver does not know, as an enum
            found = read_array(value, str)
            return found if isinstance(found, str) else json_value(found, type_name)
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return JsonText(value.text) if isinstance(value, ServerFloat) else value
        case date() | time():
            return _iso(value) or server_text(value)
        case ServerList() if value.has_bounds:
            return value.text
        case list() | tuple():
            return [json_value(item, type_name.removesuffix("[]")) for item in value]
        case _:
            return server_text(value)


def stands_as_text(value: Any, type_name: str) -> bool:
    """Whether the value, or one within its list, is a string because JSON or ISO 8601 has no way to say it."""
    form = json_form(type_name)
    if value is None or isinstance(value, Cut):
        return False
    if form is JsonForm.LIST:
        found = json_value(value, type_name)
        return isinstance(found, str) or any(
            stands_as_text(one, type_name.removesuffix("[]")) for one in _elements(value)
        )
    if form is JsonForm.DOCUMENT:
        return not isinstance(json_value(value, type_name), JsonText)
    if form is JsonForm.NUMBER:
        return isinstance(value, float) and not math.isfinite(value)
    return form is JsonForm.TIME and (isinstance(value, str) or _iso(value) is None)


def _elements(values: Any) -> Iterator[Any]:
    for value in read_array(values, str) if isinstance(values, str) else values:
        if isinstance(value, list | tuple):
            yield from _elements(value)
        else:
            yield value


def _iso(value: date | time) -> str | None:
    """ISO 8601 with the whole offset; None where that has seconds, which the standard does not know."""
    if not isinstance(value, datetime | time):
        return value.isoformat()
    offset = value.utcoffset()
    if offset is not None and offset.seconds % 60:
        return None
    text = time_text(value).replace(" ", "T")
    return text if offset is None or text[-3] == ":" else f"{text}:00"


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
    """An object of column names and values, indented; `json_value` says what is a string in it."""
    document = {
        field.column.name: json_value(field.value, "" if field.masked else field.column.type_name)
        for field in shown_fields(record, reveal)
    }
    return escaped_json(json_document(document, indent=2))


_NOT_OF_A_NUMBER: Final = re.compile(r"[^-0-9.]")


def row_as_insert(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """One statement with quoted names and literals of the columns' types.

    Columns that the server computes are left out, and so are masked ones: a comment before the statement names them.
    Raises `UsageError` where a value was too long to be read whole.
    """
    given = [field for field in shown_fields(record, reveal) if not field.column.generated]
    masked = [field.column.name for field in given if field.masked]
    fields = [field for field in given if not field.masked]
    names = ", ".join(quoted_name(field.column.name) for field in fields)
    values = ", ".join(_literal(field) for field in fields)
    table = quoted_name(record.table.schema, record.table.name)
    # A name may hold a line break, which would end the comment.
    said = f"-- masked: {', '.join(' '.join(name.split()) for name in masked)}\n" if masked else ""
    said += f"-- {' '.join(record.table.without.split())}\n" if record.table.without else ""
    after = "\n-- Masked columns are left out: reveal them to copy their values." if masked else ""
    if not fields:
        return f"{said}INSERT INTO {table} DEFAULT VALUES;{after}"
    overriding = "OVERRIDING SYSTEM VALUE\n" if any(field.column.always_identity for field in fields) else ""
    return f"{said}INSERT INTO {table} ({names})\n{overriding}VALUES ({values});{after}"


def _literal(field: ShownField) -> str:
    value = field.value
    if isinstance(value, Cut):
        raise UsageError(
            f"{field.column.name} is too long for a statement: {amounts.size(value.size)}.",
            "Copy the other columns one by one.",
        )
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return format(value, "f")
        case float() | Decimal():
            text = server_text(value) or ""
            # A bare -0 is 0, and NaN or Infinity would be names.
            bare = math.isfinite(value) and not (value == 0 and text.startswith("-"))
            return text if bare else f"{sql_literal(text)}::{field.column.cast}"
        # The text of an amount is read by the reader's own lc_monetary, a number by none.
        case str() if field.column.type_name == "money":
            return f"{sql_literal(_number(value))}::numeric::money"
        case ServerList() if field.column.type_name == "money[]":
            bounds = value.text.partition("=")[0] + "=" if value.has_bounds else ""
            return f"{sql_literal(bounds + array_text(_numbers(value)))}::numeric[]::money[]"
        case _:
            return sql_literal(server_text(value))


def _number(amount: str) -> str:
    """`-$1,234.56`, as lc_monetary C has it, as a number."""
    return _NOT_OF_A_NUMBER.sub("", amount)


def _numbers(amounts: list[object]) -> list[object]:
    return [
        _numbers(one) if isinstance(one, list) else _number(one) if isinstance(one, str) else None for one in amounts
    ]
