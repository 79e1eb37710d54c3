"""One term looked for in a whole row: its type is read from the term, and only columns that can hold it are asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.filter_sql import condition, contains
from soundcheck.stores.rows.filters import Bind, Operator, RowFilter
from soundcheck.stores.rows.personal import Sensitivity, sensitivity
from soundcheck.stores.rows.typed_value import parse_value

SEARCH_TIMEOUT: Final = 5.0
"""Seconds that a search may take on the server."""

MOST_COLUMNS: Final = 16
"""Columns that are searched at most: those that can be equal to the term first, then the table's first ones."""

_DAY: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d\d.*)?")
_DAYS: Final = frozenset({"date", "timestamp", "timestamptz"})


@dataclass(frozen=True, slots=True)
class Search:
    """What a term is taken for, and where it is looked for; `left_out` are columns over the limit, or secret ones."""

    term: str
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    read_as: str
    """As `text`, `a number or text`, `a date or text`."""


def plan_search(table: Table, term: str, reveal: frozenset[str] = frozenset()) -> Search:
    """How a term would be searched for. Raises `UsageError` for an empty term, or where no column can hold it.

    A secret column (a password's hash, a token) is left out unless it is in `reveal`: the answer would tell its value.
    """
    term = term.strip()
    if not term or "\x00" in term:
        raise UsageError("There is nothing to search for.", "Type a word, a number, a date or an id.")
    kinds = [*(["a number"] if _is_number(term) else []), *(["a date"] if _is_day(term) else [])]
    fitting = [column for column in table.columns if _can_hold(column, term)]
    hidden = [c for c in fitting if c.name not in reveal and sensitivity(table.name, c.name) is Sensitivity.SECRET]
    open_ones = sorted((c for c in fitting if c not in hidden), key=lambda c: family(c) in {Family.TEXT, Family.JSON})
    searched, over = open_ones[:MOST_COLUMNS], open_ones[MOST_COLUMNS:]
    if not searched:
        raise UsageError(f"No column of {table.name} can hold {term!r}.", "Filter one column instead.")
    names = {column.name for column in searched}
    return Search(
        term,
        tuple(column.name for column in table.columns if column.name in names),
        tuple(column.name for column in (*hidden, *over)),
        " or ".join([*kinds, "text"]),
    )


def search_condition(table: Table, search: Search, bind: Bind, zone: str = "") -> str:
    """The search as SQL: any of its columns holds the term; `zone` as in `condition`."""
    return " OR ".join(_holds(table.column(name), search.term, bind, zone) for name in search.columns)


def _can_hold(column: Column, term: str) -> bool:
    match family(column):
        case Family.TEXT | Family.JSON:
            return True
        case Family.ARRAY:
            return column.type_name in {"text[]", "varchar[]"}
        case Family.ENUM:
            return any(term.lower() in label.lower() for label in column.labels)
        case Family.NUMBER:
            return column.type_name != "money" and _is_number(term) and _parses(column, term)
        case Family.UUID:
            return _parses(column, term)
        case Family.TIME:
            return column.type_name in _DAYS and _is_day(term) and _parses(column, term)
        case _:
            return False


def _holds(column: Column, term: str, bind: Bind, zone: str) -> str:
    match family(column):
        case Family.TEXT | Family.JSON:
            return contains(column, term, bind)
        case Family.ARRAY:
            return condition(RowFilter(column.name, Operator.CONTAINS, term), column, bind)
        case Family.ENUM:
            labels = tuple(label for label in column.labels if term.lower() in label.lower())
            return condition(RowFilter(column.name, Operator.IN, values=labels), column, bind)
        case _:
            return condition(RowFilter(column.name, Operator.EQUAL, parse_value(column, term)), column, bind, zone)


def _parses(column: Column, term: str) -> bool:
    try:
        parse_value(column, term)
    except UsageError:
        return False
    return True


def _is_number(term: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,40}(\.\d{1,40})?", term, re.ASCII) is not None


def _is_day(term: str) -> bool:
    return _DAY.fullmatch(term) is not None
