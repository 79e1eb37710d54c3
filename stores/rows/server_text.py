"""A value as psql's text for it: the one text that a value has wherever it leaves, exact and nothing added. Pure.

Copying, CSV, INSERT and a filter that finds the row again use this; JSON has its own rules where it has its own types.
The text is what the server sends for the value under `session_settings`: `t` for true, where `::text` is `true`.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from soundcheck.stores.postgres.server_values import ServerFloat, ServerList
from soundcheck.stores.rows.cell_columns import Cut

_BARE_ELEMENT: Final = re.compile(r'[^\s,{}"\\]+')
_ZEROS: Final = re.compile(r"(\.\d*?)0+(?=[+-]|$)")
_WHOLE_HOURS: Final = re.compile(r"([+-]\d\d):00$")
_FIXED_DIGITS: Final = 15
"""Digits before the point from which on PostgreSQL writes a float8 with an exponent."""


def server_text(value: Any) -> str | None:
    """The text of a value that came from the driver; None for NULL, and for a value that came cut."""
    match value:
        case None | Cut():
            return None
        case str():
            return value
        case ServerFloat() | ServerList():
            return value.text
        case bool():
            return "t" if value else "f"
        case int():
            return str(value)
        case float():
            return _float_text(value)
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case date() | time():
            return time_text(value)
        case list() | tuple():
            return array_text(value)
        case dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def array_text(values: list[object] | tuple[object, ...]) -> str:
    """An array as PostgreSQL writes it: `{one,"two words",NULL}`."""
    return values.text if isinstance(values, ServerList) else "{" + ",".join(map(_element, values)) + "}"


def time_text(value: date | time) -> str:
    """A time as PostgreSQL writes it: no zeros at the end of the fraction, whole hours of the zone alone."""
    if not isinstance(value, datetime | time):
        return value.isoformat()
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if "." in text:
        text = _ZEROS.sub(lambda found: found[1] if found[1] != "." else "", text)
    return _WHOLE_HOURS.sub(r"\1", text) if value.tzinfo is not None else text


def _element(value: object) -> str:
    if isinstance(value, list | tuple):
        return array_text(value)
    text = server_text(value)
    if text is None:
        return "NULL"
    if text.upper() != "NULL" and _BARE_ELEMENT.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _float_text(value: float) -> str:
    """A float that did not come from the server, as the server would write a float8."""
    text = repr(value).replace("inf", "Infinity").replace("nan", "NaN")
    if "e" in text or not text[-1].isdigit():
        return text
    whole, _, fraction = text.partition(".")
    if len(whole.lstrip("-")) > _FIXED_DIGITS:
        digits = whole.lstrip("-").rstrip("0")
        point = "." + digits[1:] if digits[1:] else ""
        return f"{'-' if value < 0 else ''}{digits[0]}{point}e+{len(whole.lstrip('-')) - 1}"
    return whole if fraction == "0" else text
