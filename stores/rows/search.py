"""One term looked for in a whole row: its type is read from the term, and only columns that can hold it are asked.

A column is compared as its own type only where the term is one of its values for certain, and as text otherwise, so
that no column can make the server refuse the search. What is not looked into is named: a type that cannot hold the
term, a secret, a column over the limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum, auto
from typing import Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.filter_sql import as_text, condition, contains, pattern
from soundcheck.stores.rows.filters import Bind, Operator, RowFilter
from soundcheck.stores.rows.typed_value import parse_value
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

SEARCH_TIMEOUT: Final = 5.0
"""Seconds that a search may take on the server."""

MOST_COLUMNS: Final = 16
"""Columns that are searched unless all are asked for: those that can be equal to the term, then the first ones."""

_MOMENT: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(?: ?(?:Z|[+-](\d\d)(?::?(\d\d))?))?)?",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_DAYS: Final = frozenset({"date", "timestamp", "timestamptz"})
_WIDEST_FLOAT4: Final = Decimal("3.4e38")


class ColumnSearch(Enum):
    """How a column is searched."""

    EQUAL = auto()
    LABELS = auto()  # an enum's labels that hold the term
    ELEMENT = auto()  # of an array of texts
    PART = auto()  # of the value's text


@dataclass(frozen=True, slots=True)
class Search:
    """What a term is taken for, where it is looked for, and which columns are left out for which reason."""

    term: str
    columns: tuple[str, ...]
    read_as: str
    """As `text`, `a number or text`, `a date or text`."""
    over: tuple[str, ...] = ()
    """Those beyond `MOST_COLUMNS`."""
    secret: tuple[str, ...] = ()
    """Masked ones: an answer would tell what they hold."""
    unfit: tuple[str, ...] = ()
    """Those whose type cannot hold the term."""
    denied: tuple[str, ...] = ()
    """Those that this role may not read."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns that may hold the term and are not asked."""
        return (*self.secret, *self.over, *self.denied)


def plan_search(table: Table, term: str, reveal: frozenset[str] = frozenset(), *, everywhere: bool = False) -> Search:
    """How a term would be searched for; `everywhere` looks into every column, as text where its type is another.

    A secret column (a password's hash, a token) is left out unless it is in `reveal`: the answer would tell its value.
    Raises `UsageError` for an empty term, or where no column can hold it.
    """
    term = term.strip()
    if not term or "\x00" in term:
        raise UsageError("There is nothing to search for.", "Type a word, a number, a date or an id.")
    kinds = [*(["a number"] if _is_number(term) else []), *(["a date"] if _is_moment(term) else [])]
    looks = {column.name: look_at(column, term, everywhere=everywhere) for column in table.columns}
    fitting = [column for column in table.columns if looks[column.name] is not None]
    hidden = [c for c in fitting if c.name not in reveal and sensitivity(table.name, c.name) is Sensitivity.SECRET]
    ranked = sorted((c for c in fitting if c not in hidden), key=lambda c: _rank(c, looks[c.name]))
    most = len(ranked) if everywhere else MOST_COLUMNS
    if not ranked:
        raise UsageError(f"No column of {table.label} can hold {term!r}.", "Filter one column instead.")
    names = {column.name for column in ranked[:most]}
    return Search(
        term,
        tuple(column.name for column in table.columns if column.name in names),
        " or ".join([*kinds, "text"]),
        tuple(column.name for column in ranked[most:]),
        tuple(column.name for column in hidden),
        tuple(name for name, look in looks.items() if look is None),
        tuple(column.name for column in table.withheld),
    )


def search_condition(table: Table, search: Search, bind: Bind, zone: str = "") -> str:
    """The search as SQL: any of its columns holds the term; `zone` as in `condition`."""
    return " OR ".join(_holds(table.column(name), search.term, bind, zone) for name in search.columns)


def look_at(column: Column, term: str, *, everywhere: bool = False) -> ColumnSearch | None:
    """How a column is searched for a term; None where its type cannot hold it."""
    match family(column):
        case Family.TEXT | Family.JSON | Family.OTHER | Family.OPAQUE:
            found: ColumnSearch | None = ColumnSearch.PART
        case Family.ARRAY:
            found = ColumnSearch.ELEMENT if column.type_name in {"text[]", "varchar[]"} else ColumnSearch.PART
        case Family.ENUM:
            found = ColumnSearch.LABELS if _labels(column, term) else None
        case Family.NUMBER:
            found = _look_at_number(column.type_name, term)
        case Family.UUID:
            found = ColumnSearch.EQUAL if _parses(column, term) else None
        case Family.BOOLEAN:
            found = ColumnSearch.EQUAL if term.lower() in {"true", "false"} else None
        case Family.TIME if column.type_name in _DAYS:
            found = ColumnSearch.EQUAL if _is_moment(term) else None
        case Family.TIME:
            found = ColumnSearch.PART
        case _:
            found = None
    return ColumnSearch.PART if found is None and everywhere else found


def search_words(table: Table, search: Search, how_to_ask: str, *, most: int | None = None) -> str:
    """What was not looked into and why, "" where that is nothing; at most `most` names for each reason.

    `how_to_ask` says how all columns are asked for.
    """
    reasons = [
        (search.over, f"over the limit of {MOST_COLUMNS}"),
        (search.secret, "masked; reveal first"),
        (search.unfit, "cannot hold it"),
        (search.denied, "not to be read by this role"),
    ]
    said = [f"{_names(names, most)} ({why})" for names, why in reasons if names]
    if not said:
        return ""
    ask = f" {how_to_ask}" if search.over or search.unfit else ""
    return f"Searched {len(search.columns)} of {len(table.all_columns)} columns, without {'; '.join(said)}.{ask}"


def _names(names: tuple[str, ...], most: int | None) -> str:
    if most is None or len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _rank(column: Column, look: ColumnSearch | None) -> int:
    """Columns that can be equal to the term first; other types as text last."""
    if look in {ColumnSearch.EQUAL, ColumnSearch.LABELS, ColumnSearch.ELEMENT}:
        return 0
    return 1 if family(column) in {Family.TEXT, Family.JSON} else 2


def _holds(column: Column, term: str, bind: Bind, zone: str) -> str:
    match look_at(column, term):
        case ColumnSearch.EQUAL:
            return condition(RowFilter(column.name, Operator.EQUAL, parse_value(column, term)), column, bind, zone)
        case ColumnSearch.LABELS:
            return condition(RowFilter(column.name, Operator.IN, values=_labels(column, term)), column, bind)
        case ColumnSearch.ELEMENT:
            return contains(column, term, bind)
        case _:
            return f"{as_text(column)} ILIKE {bind('%' + pattern(term) + '%')}"


def _labels(column: Column, term: str) -> tuple[str, ...]:
    return tuple(label for label in column.labels if term.lower() in label.lower())


def _look_at_number(type_name: str, term: str) -> ColumnSearch | None:
    """An integer out of range, or a number too large for a `real`, is no value of its type: the server says so too."""
    if not _is_number(term):
        return None
    if type_name == "money":
        return ColumnSearch.PART  # its text depends on the server's locale
    if type_name == "oid":
        return ColumnSearch.EQUAL if term.isdigit() and int(term) < 2**32 else None
    if type_name == "float4":
        return ColumnSearch.EQUAL if abs(Decimal(term)) < _WIDEST_FLOAT4 else None
    bits = {"int2": 15, "int4": 31, "int8": 63}.get(type_name)
    if bits is None:
        return ColumnSearch.EQUAL
    return ColumnSearch.EQUAL if "." not in term and -(2**bits) <= int(term) < 2**bits else None


def _parses(column: Column, term: str) -> bool:
    try:
        parse_value(column, term)
    except UsageError:
        return False
    return True


def _is_number(term: str) -> bool:
    return _NUMBER.fullmatch(term) is not None


def _is_moment(term: str) -> bool:
    """Whether it is a day, or a moment of one, that PostgreSQL reads for certain."""
    found = _MOMENT.fullmatch(term)
    if found is None:
        return False
    year, month, day, hour, minute, second, ahead, beyond = (int(part or 0) for part in found.groups())
    try:
        date(year, month, day)
        time(hour, minute, second)
    except ValueError:
        return False
    return ahead <= 14 and beyond < 60
