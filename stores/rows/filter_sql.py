"""A condition as SQL: identifiers quoted, every value a parameter that the server casts to the column's type. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

from soundcheck.stores.catalog.families import Family, family, is_sortable
from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.filters import NEEDS_NO_VALUE, Bind, Operator, RowFilter

_DAY: Final = re.compile(r"\d{4,6}-\d{1,2}-\d{1,2}")
_CLOCK: Final = re.compile(rf"{_DAY.pattern}([ T]\d{{1,2}}:\d\d(:\d\d(\.\d+)?)?)?")
_ZONE_NAME: Final = re.compile(r"UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+)+")
_INSTANTS: Final = frozenset({"timestamp", "timestamptz"})
_PATH_FILTER: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\?\s*\((?:[^()"]|"(?:[^"\\]|\\.)*"|\([^()]*\))*\)')
_PREDICATE: Final = re.compile(r"==|!=|<>|<|>|&&|\|\||\blike_regex\b|\bstarts\s+with\b|^\s*!|\bexists\s*\(")


def condition(row_filter: RowFilter, column: Column, bind: Bind, zone: str = "") -> str:
    """The condition; a plain day stands for all of it in a column of date and time.

    A `zone` is written into times that say none, for SQL that runs in somebody else's session; "" leaves them to ours.
    """
    name, operator, value = quoted_name(column.name), row_filter.operator, row_filter.value
    if operator in NEEDS_NO_VALUE:
        return f"{name} {operator.upper()}"
    match operator:
        case Operator.IN | Operator.NOT_IN:
            return _listed(row_filter, column, bind, zone)
        case Operator.BETWEEN | Operator.NOT_BETWEEN:
            low, high = row_filter.values
            upper = _compare(column, Operator.LESS_OR_EQUAL, high, bind, zone)
            both = f"{_compare(column, Operator.GREATER_OR_EQUAL, low, bind, zone)} AND {upper}"
            return both if operator is Operator.BETWEEN else f"NOT ({both})"
        case Operator.LIKE | Operator.NOT_LIKE | Operator.ILIKE | Operator.NOT_ILIKE:
            return f"{_matched(column)} {operator.upper()} {bind(value)}"
    if operator is Operator.CONTAINS:
        return contains(column, value, bind)
    if operator is Operator.STARTS_WITH:
        return f"{as_text(column)} LIKE {bind(pattern(value) + '%')}"
    if operator is Operator.JSON_PATH:
        document = name if column.type_name == "jsonb" else f"{name}::jsonb"
        symbol = "@@" if _PREDICATE.search(_PATH_FILTER.sub("", value)) else "@?"
        return f"{document} {symbol} {bind(value)}::jsonpath"
    return _compare(column, operator, value, bind, zone)


def _listed(row_filter: RowFilter, column: Column, bind: Bind, zone: str) -> str:
    """One of the values, or, as in SQL, a value that is none of them."""
    negated = row_filter.operator is Operator.NOT_IN
    if not row_filter.values:
        return "true" if negated else "false"
    if column.type_name in _INSTANTS or not is_sortable(column):
        either = " OR ".join(_compare(column, Operator.EQUAL, one, bind, zone) for one in row_filter.values)
        return f"NOT ({either})" if negated else either
    values = ", ".join(f"{bind(one)}::{column.cast}" for one in row_filter.values)
    return f"{quoted_name(column.name)} {'NOT IN' if negated else 'IN'} ({values})"


def _matched(column: Column) -> str:
    """The column as LIKE takes it: types that have it as they are, `character(3)` with its spaces; others as text."""
    if column.type_name in {"bpchar", "name", "bytea"} and not column.nondeterministic:
        return quoted_name(column.name)
    return as_text(column)


def contains(column: Column, value: str, bind: Bind) -> str:
    """An array's element, a part of a JSON document, or a part of the text without regard to case."""
    name = quoted_name(column.name)
    if family(column) is Family.ARRAY:
        if is_sortable(column):
            return f"{name} @> ARRAY[{bind(value)}]::{column.cast}"
        return f"{bind(value)}::text = ANY({name}::text[])"
    if column.type_name == "jsonb" and _is_container(value):
        return f"{name} @> {bind(value)}::jsonb"
    return f"{as_text(column)} ILIKE {bind('%' + pattern(value) + '%')}"


def as_text(column: Column) -> str:
    """The column as text; a text column as it is, because a cast would hide its index."""
    name = quoted_name(column.name)
    text = name if column.type_name in {"text", "varchar", "citext"} else f"{name}::text"
    # LIKE and ILIKE refuse a nondeterministic collation; the database's own is never one.
    return f'{text} COLLATE "default"' if column.nondeterministic else text


def pattern(text: str) -> str:
    """`text` as itself inside LIKE, whose own escape is the backslash."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _compare(column: Column, operator: Operator, value: str, bind: Bind, zone: str) -> str:
    name = quoted_name(column.name)
    zoned = zone if column.type_name == "timestamptz" and can_be_zoned(value, zone) else ""
    if column.type_name in _INSTANTS and _DAY.fullmatch(value):
        return _day(name, column.cast, operator, value, bind, zoned)
    if not is_sortable(column):
        name, cast = f"{name}::text", "text"
    else:
        cast = column.cast
    symbol = "IS DISTINCT FROM" if operator is Operator.NOT_EQUAL else operator
    return f"{name} {symbol} {bind(f'{value} {zoned}' if zoned else value)}::{cast}"


def _day(name: str, cast: str, operator: Operator, value: str, bind: Bind, zone: str) -> str:
    """The day from its midnight on, in the zone that times are shown in, to the next one."""
    place = bind(f"{value} {zone}" if zone else value)
    end = f"({place}::date + 1)::{cast}"
    if zone:
        end = f"(({place}::date + 1)::timestamp AT TIME ZONE {bind(zone)})"
    begin = f"{place}::{cast}"
    match operator:
        case Operator.EQUAL:
            return f"({name} >= {begin} AND {name} < {end})"
        case Operator.NOT_EQUAL:
            return f"({name} < {begin} OR {name} >= {end} OR {name} IS NULL)"
        case Operator.LESS_OR_EQUAL:
            return f"{name} < {end}"
        case Operator.GREATER:
            return f"{name} >= {end}"
        case _:
            return f"{name} {operator} {begin}"


def can_be_zoned(value: str, zone: str) -> bool:
    """Whether a zone's name can follow what was typed: a day or a clock's time that says no zone itself."""
    return _ZONE_NAME.fullmatch(zone) is not None and _CLOCK.fullmatch(value) is not None


def _is_container(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
