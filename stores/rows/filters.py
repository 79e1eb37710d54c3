"""A simple condition on one column, as `--where "email contains ana"`.

Which comparisons a column offers, by its type. Pure.

A sort order as people type it: `createdAt:desc,name`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError

Bind = Callable[[str | None], str]
"""Takes a parameter's text and gives its placeholder."""


class Operator(StrEnum):
    """How a column is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS_OR_EQUAL = "<="
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    GREATER = ">"
    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    IN = "in"
    BETWEEN = "between"
    JSON_PATH = "json path"
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"


NEEDS_NO_VALUE: Final = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})

_WORDS: Final = r"contains|starts\s+with|between|json\s+path|in|is\s+not\s+null|is\s+null"
_OPERATOR: Final = re.compile(
    rf"\s*(?:(?P<symbol><>|!=|≠|<=|≤|>=|≥|==|=|<|>)|\s(?P<word>{_WORDS})(?=[\s(]|$))\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SYNONYMS: Final = {"<>": "!=", "≠": "!=", "==": "=", "≤": "<=", "≥": ">="}
_HOW: Final = (
    'Write it as "COLUMN = VALUE", with =, !=, <, <=, >, >=, contains, starts with, in A, B, between A and B, '
    "json path, is null or is not null."
)
_ITEM: Final = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^,'"]+?"""
_LIST: Final = re.compile(rf"\s*({_ITEM})\s*(?:,|$)")
_PAIR: Final = re.compile(rf"\s*({_ITEM})\s+and\s+({_ITEM})\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """One condition; values are text, given their type by the server.

    `value` is the one value of an operator that takes one, "" for the two NULL operators; `values` are those of IN
    (any number) and BETWEEN (two, both included).
    """

    column: str
    operator: Operator
    value: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        joint = " and " if self.operator is Operator.BETWEEN else ", "
        return f"{self.column} {self.operator} {joint.join(self.values) or self.value}".rstrip()


def parse_filter(text: str, columns: Iterable[Column]) -> RowFilter:
    """Read `column op value`; a column with spaces may stand in double quotes, a value in either quotes.

    Raises `UsageError` that names the column and the known ones.
    """
    names = [column.name for column in columns]
    name, rest = _split_column(text.strip(), names)
    found = _OPERATOR.fullmatch(rest)
    if found is None:
        raise UsageError(f"There is no comparison in {text!r}.", _HOW)
    word = " ".join((found["symbol"] or found["word"]).lower().split())
    operator = Operator(_SYNONYMS.get(word, word))
    value = found["value"].rstrip()
    if operator in NEEDS_NO_VALUE:
        if value:
            raise UsageError(f"Nothing can follow {operator} in {text!r}.", _HOW)
        return RowFilter(name, operator)
    if not value:
        raise UsageError(f"No value follows {operator} in {text!r}.", 'Write "" for the empty text.')
    if operator is Operator.IN:
        return RowFilter(name, operator, values=_listed(value, text))
    if operator is Operator.BETWEEN:
        pair = _PAIR.fullmatch(value)
        if pair is None:
            raise UsageError(f"between takes two values in {text!r}.", f"Write {name} between A and B.")
        return RowFilter(name, operator, values=(_bare(pair[1]), _bare(pair[2])))
    return RowFilter(name, operator, value if operator is Operator.JSON_PATH else _bare(value))


def _bare(value: str) -> str:
    """The value without the quotes round it."""
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"" else value


def _listed(value: str, text: str) -> tuple[str, ...]:
    """The values of `in`, separated by commas, round brackets round all of them or not."""
    inner = value[1:-1] if value.startswith("(") and value.endswith(")") else value
    found, place = [], 0
    while place < len(inner):
        item = _LIST.match(inner, place)
        if item is None or item.end() == place:
            raise UsageError(f"The list of values in {text!r} cannot be read.", 'Write COLUMN in one, "two, three".')
        found.append(_bare(item[1]))
        place = item.end()
    return tuple(found)


def _split_column(text: str, names: list[str]) -> tuple[str, str]:
    """The column that the text starts with, the longest that fits, and what follows it."""
    for name in sorted(names, key=len, reverse=True):
        for written in ('"' + name.replace('"', '""') + '"', name):
            rest = text[len(written) :]
            if text.startswith(written) and _OPERATOR.fullmatch(rest):
                return name, rest
    given = re.match(r'"((?:[^"]|"")*)"|[^\s<>=!]*', text)
    called = (given[1].replace('""', '"') if given[1] is not None else given[0]) if given else text
    if called in names:
        raise UsageError(f"There is no comparison after {called} in {text!r}.", _HOW)
    raise UsageError(f"There is no column {called!r}.", f"Columns: {', '.join(names)}.")


_ORDERED: Final = (
    Operator.EQUAL, Operator.NOT_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER,
    Operator.GREATER_OR_EQUAL, Operator.BETWEEN, Operator.IN,
)  # fmt: skip
_EQUALITY: Final = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN)
_NULLS: Final = (Operator.IS_NULL, Operator.IS_NOT_NULL)

_BY_FAMILY: Final = {
    Family.TEXT: (
        Operator.CONTAINS, Operator.EQUAL, Operator.STARTS_WITH, Operator.NOT_EQUAL, Operator.IN, Operator.LESS,
        Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.BETWEEN,
    ),
    Family.NUMBER: _ORDERED,
    Family.TIME: (
        Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.BETWEEN, Operator.EQUAL, Operator.NOT_EQUAL,
        Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.IN,
    ),
    Family.BOOLEAN: (Operator.EQUAL, Operator.NOT_EQUAL),
    Family.UUID: (*_EQUALITY, Operator.STARTS_WITH),
    Family.ENUM: _EQUALITY,
    Family.JSON: (Operator.CONTAINS, Operator.JSON_PATH),
    Family.ARRAY: (Operator.CONTAINS, Operator.EQUAL, Operator.NOT_EQUAL),
    Family.BYTES: (Operator.EQUAL, Operator.NOT_EQUAL),
    Family.OTHER: (*_ORDERED, Operator.CONTAINS),
    Family.OPAQUE: (Operator.CONTAINS,),
}  # fmt: skip


def operators_for(column: Column) -> tuple[Operator, ...]:
    """The operators to offer, the likeliest first; those on NULL only where the column may hold one."""
    return (*_BY_FAMILY[family(column)], *(_NULLS if column.may_be_null else ()))


_PART: Final = re.compile(r'\s*("(?:[^"]|"")*"|[^",]*?)\s*(?:(?::|\s)\s*(asc|desc))?\s*(?:,|$)', re.IGNORECASE)


def parse_sort(text: str, table: Table) -> tuple[SortColumn, ...]:
    """Columns with `:desc` or ` desc` behind them; a name with a comma or a colon stands in double quotes.

    Raises `UsageError` for an unknown column.
    """
    names = {column.name for column in table.columns}
    if text.strip() in names:
        return (SortColumn(text.strip()),)
    found, place = [], 0
    while place < len(text):
        part = _PART.match(text, place)
        if part is None or part.end() == place:
            table.column(text[place:].strip())  # raises, with the known names
            break
        name = part[1]
        name = name[1:-1].replace('""', '"') if name.startswith('"') else name
        found.append(SortColumn(table.column(name).name, (part[2] or "").lower() == "desc"))
        place = part.end()
    return tuple(found)
