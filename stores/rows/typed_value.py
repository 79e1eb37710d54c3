"""A typed value before it is sent: whether it can be one of the column's, and what is expected otherwise. Pure.

Only what the server would refuse for certain is refused here; the rest passes as it was typed.

A server's refusal of a typed value, as the fault of the value: what was typed, and what the column takes. Pure.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import SoundcheckError, UsageError
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.rows.filters import (
    NEEDS_NO_VALUE,
    TAKES_A_LIST,
    TAKES_A_PAIR,
    TAKES_A_PATTERN,
    Operator,
    RowFilter,
)
from soundcheck.stores.rows.view import FIRST, PagePlace, TableView, Where

_WHOLE: Final = {"int2": 2**15, "int4": 2**31, "int8": 2**63}
_TAKE_TEXT: Final = frozenset({Operator.CONTAINS, Operator.STARTS_WITH, *TAKES_A_PATTERN})
_YES: Final = frozenset({"true", "tru", "tr", "t", "yes", "ye", "y", "on", "1"})
_NO: Final = frozenset({"false", "fals", "fal", "fa", "f", "no", "n", "off", "of", "0"})
_UUID: Final = re.compile(r"(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}|\{(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}\}")
_NEWER: Final = re.compile(r"[+-]?(?:0[xX]_?[0-9a-fA-F]|0[oO]_?[0-7]|0[bB]_?[01]|[0-9])[0-9a-fA-F_.eE+-]*")
"""Numbers that PostgreSQL reads since version 16: in hexadecimal, octal or binary, with underscores."""
_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[ T])")
_TIME_WORDS: Final = frozenset({"now", "today", "tomorrow", "yesterday", "infinity", "-infinity", "epoch", "allballs"})

_EXPECTED: Final = {
    "date": "a date, as 2024-03-31",
    "time": "a time of day, as 18:30",
    "timetz": "a time of day with its zone, as 18:30+02",
    "interval": "a length of time, as 3 days 04:00",
    "timestamp": "a date or a time, as 2024-03-31 or 2024-03-31 18:30; a date alone is the whole day",
    "timestamptz": "a date or a time, as 2024-03-31 or 2024-03-31 18:30+02 (the zone shown where none is given); "
    "a date alone is the whole day",
    "numeric": "a number, as 12.50",
    "float4": "a number, as 0.5",
    "float8": "a number, as 0.5",
    "money": "an amount, as 12.50",
    "bool": "true or false",
    "uuid": "a UUID, as 6f1c0e1e-1111-4222-8333-444455556666",
    "bytea": "bytes in hex, as \\xdeadbeef",
    "inet": "an address, as 10.0.0.1 or 10.0.0.0/8",
    "cidr": "a network, as 10.0.0.0/8",
}


def expected(column: Column) -> str:
    """What can be typed for this column, as `a whole number, as 42`."""
    kind = family(column)
    if kind is Family.ENUM:
        return f"one of {', '.join(column.labels)}"
    if column.type_name in _WHOLE:
        most = _WHOLE[column.type_name]
        return f"a whole number from {-most} to {most - 1}"
    if kind is Family.JSON:
        return 'JSON, as {"emoji": "x"}'
    if kind is Family.ARRAY:
        return "a list, as {one,two}"
    if kind is Family.TEXT:
        return "text"
    return _EXPECTED.get(column.type_name, f"a value of type {column.type}")


def parse_value(column: Column, text: str) -> str:
    """The value as it is sent to the server. Raises `UsageError` that names the column and what is expected."""
    sent = _parsed(column, text)
    if sent is None or "\x00" in text:
        raise refusal(column, text)
    return sent


def refusal(column: Column, text: str) -> UsageError:
    """What is wrong with a value, in words."""
    shown = text if len(text) <= 60 else text[:59] + "…"
    return UsageError(f"{column.name} takes {expected(column)}; {shown!r} is none.", f"Its type is {column.type}.")


def checked(row_filter: RowFilter, column: Column) -> RowFilter:
    """The condition with its values as they are sent. Raises `UsageError` as `parse_value` does."""
    operator, kind = row_filter.operator, family(column)
    if operator in NEEDS_NO_VALUE:
        return row_filter
    if operator in TAKES_A_PAIR and len(row_filter.values) != 2:
        raise UsageError(f"{operator} takes two values for {column.name}.", f"Write {column.name} {operator} A and B.")
    if operator is Operator.JSON_PATH:
        if kind is not Family.JSON or "$" not in row_filter.value:
            raise UsageError(
                f'{column.name} takes a JSON path, as $.tags[*] ? (@ == "x"); {row_filter.value!r} is none.',
                f"Its type is {column.type}.",
            )
        return row_filter
    if operator is Operator.CONTAINS and kind is Family.ARRAY:
        element = replace(column, type_name=column.type_name.removesuffix("[]"))
        return replace(row_filter, value=parse_value(element, row_filter.value))
    if operator in _TAKE_TEXT or kind is Family.OPAQUE:
        for value in (row_filter.value, *row_filter.values):
            if "\x00" in value:
                raise refusal(column, value)
        return row_filter
    if row_filter.values or operator in TAKES_A_LIST:
        return replace(row_filter, values=tuple(parse_value(column, one) for one in row_filter.values))
    return replace(row_filter, value=parse_value(column, row_filter.value))


def _parsed(column: Column, text: str) -> str | None:
    word = text.strip()
    match family(column):
        case Family.NUMBER:
            return _number(column.type_name, word)
        case Family.BOOLEAN:
            return "true" if word.lower() in _YES else "false" if word.lower() in _NO else None
        case Family.UUID:
            return word if _UUID.fullmatch(word) else None
        case Family.ENUM:
            near = [label for label in column.labels if label.lower() == word.lower()]
            return text if text in column.labels else near[0] if len(near) == 1 else None
        case Family.TIME:
            return word if _may_be_time(word) else None
        case Family.BYTES:
            hexadecimal = re.fullmatch(r"(?:\\x|0x)((?:[0-9a-fA-F]{2})*)", word)  # without it, SQL means the letters
            return f"\\x{hexadecimal[1]}" if hexadecimal else None
        case Family.JSON:
            return text if _is_json(text) else None
        case Family.ARRAY:
            return word if word.startswith(("{", "[")) and word.endswith("}") else None
        case _:
            return text


def _number(type_name: str, word: str) -> str | None:
    if type_name == "money":
        return word if re.search(r"\d", word) else None
    if _NEWER.fullmatch(word) and re.search(r"[_xXoObB]", word):
        return word
    if type_name in _WHOLE:
        fits = re.fullmatch(r"[+-]?[0-9]{1,30}", word) and -_WHOLE[type_name] <= int(word) < _WHOLE[type_name]
        return word if fits else None
    try:
        Decimal(word)
    except InvalidOperation:
        return None
    return word if word.isascii() and "_" not in word and "snan" not in word.lower() else None


def _may_be_time(word: str) -> bool:
    day = _DAY.match(word)
    if day is not None and int(day[1]) > 0:
        try:
            date(int(day[1]), int(day[2]), int(day[3]))
        except ValueError:
            return False
    return word.lower() in _TIME_WORDS or any(character.isdigit() for character in word)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


_NOT_COMPARABLE: Final = frozenset({"42883", "42804", "42846", "0A000"})
_SYNTAX: Final = "42601"


def explained(problem: DatabaseProblem, view: TableView, place: PagePlace = FIRST) -> SoundcheckError:
    """The problem itself, or `UsageError` where a typed value or comparison is its cause."""
    typed = place.where is Where.AT
    if not view.filters and not typed:
        return problem
    if problem.trouble is not Trouble.VALUE and problem.sqlstate not in {*_NOT_COMPARABLE, _SYNTAX}:
        return problem
    said = "; ".join(map(str, view.filters)) or "the value to begin at"
    names = dict.fromkeys(
        [*(one.column for one in view.filters), *((view.sort[0].name,) if typed and view.sort else ())]
    )
    takes = "; ".join(f"{name} takes {expected(view.table.column(name))}" for name in names)
    return UsageError(f"{problem.message} Conditions: {said}.", f"{takes}.")
