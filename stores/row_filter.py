"""A simple condition on one column, as `--where "email contains ana"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stores.catalog import Column
from stores.errors import UsageError

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

_OPERATOR: Final = re.compile(
    r"\s*(?:(?P<symbol><>|!=|<=|>=|==|=|<|>)|\s(?P<word>contains|is\s+not\s+null|is\s+null)(?=\s|$))\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SYNONYMS: Final = {"<>": "!=", "==": "="}
_HOW: Final = 'Write it as "COLUMN = VALUE", with =, !=, <, <=, >, >=, contains, is null or is not null.'


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
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return RowFilter(name, operator, value[1:-1])
    if not value:
        raise UsageError(f"No value follows {operator} in {text!r}.", 'Write "" for the empty text.')
    return RowFilter(name, operator, value)


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


def condition(row_filter: RowFilter, column: Column, bind: Bind) -> str:
    """The condition as SQL; the value becomes a parameter that the server casts to the column's type."""
    from psycopg import sql

    name = sql.Identifier(column.name).as_string(None)
    operator = row_filter.operator
    if operator in NEEDS_NO_VALUE:
        return f"{name} {operator.upper()}"
    value = bind(row_filter.value)
    if operator is Operator.CONTAINS:
        if column.type_name.endswith("[]"):
            return f"{value}::text = ANY({name}::text[])"
        return f"position(lower({value}::text) IN lower({name}::text)) > 0"
    if operator is Operator.NOT_EQUAL:
        return f"{name} IS DISTINCT FROM {value}::{column.cast}"
    return f"{name} {operator} {value}::{column.cast}"
