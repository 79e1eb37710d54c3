"""A simple condition on one column, as `--where "email contains ana"`: one grammar to read and to write. Pure.

It is SQL's where SQL has a word for it: `col = 'it''s'`, `"Col" in ('a', 'b, c')`, `col not between 1 and 5`,
`col like 'a!%' escape '!'`. Beside that a value may be bare (`name = Ana Ruiz`), and so may the name of a column that
is no plain word. `!=` finds rows without a value as well, as `is distinct from` does, of which it is the short form.

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
from soundcheck.stores.catalog.tables import Column, Table, meant
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.value_text import read_list, read_pair, read_quoted, read_value, write_value

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
    NOT_IN = "not in"
    BETWEEN = "between"
    NOT_BETWEEN = "not between"
    LIKE = "like"
    NOT_LIKE = "not like"
    ILIKE = "ilike"
    NOT_ILIKE = "not ilike"
    JSON_PATH = "json path"
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"


NEEDS_NO_VALUE: Final = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})
TAKES_A_LIST: Final = frozenset({Operator.IN, Operator.NOT_IN})
TAKES_A_PAIR: Final = frozenset({Operator.BETWEEN, Operator.NOT_BETWEEN})
TAKES_A_PATTERN: Final = frozenset({Operator.LIKE, Operator.NOT_LIKE, Operator.ILIKE, Operator.NOT_ILIKE})

_SYNONYMS: Final = {
    "<>": "!=", "≠": "!=", "==": "=", "≤": "<=", "≥": ">=", "is distinct from": "!=", "is not distinct from": "=",
    "isnull": "is null", "notnull": "is not null",
}  # fmt: skip
_WORDS: Final = sorted((one for one in (*Operator, *_SYNONYMS) if one[0].isalpha()), key=len, reverse=True)
_WORD: Final = "|".join(_WORDS).replace(" ", r"\s+")
_OPERATOR: Final = re.compile(
    r"\s*(?:(?P<symbol><>|!=|≠|<=|≤|>=|≥|==|=|<|>)"
    rf"""|(?<=[\s"])(?P<word>{_WORD})(?=[\s('"$]|$))\s*(?P<value>.*)""",
    re.IGNORECASE | re.DOTALL,
)
_NAME: Final = re.compile(r'"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[^\W\d][\w$]*)')
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*")
_ESCAPE: Final = re.compile(r"\s*\bescape\b\s*", re.IGNORECASE)
_HOW: Final = (
    "Write it as \"COLUMN = 'VALUE'\", with =, !=, <, <=, >, >=, contains, starts with, like, ilike, in (A, B), "
    "between A and B, each of these with not, json path, is null or is not null."
)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """One condition; values are text, given their type by the server.

    `value` is the one value of an operator that takes one, "" for the two NULL operators; `values` are those of IN
    (any number) and BETWEEN (two, both included). Its text is what `parse_filter` reads as the same condition.
    """

    column: str
    operator: Operator
    value: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = self.column if _PLAIN_NAME.fullmatch(self.column) else quoted_name(self.column)
        if self.operator in NEEDS_NO_VALUE:
            return f"{name} {self.operator}"
        if self.operator in TAKES_A_PAIR:
            return f"{name} {self.operator} {' and '.join(map(write_value, self.values))}"
        if self.operator in TAKES_A_LIST:
            return f"{name} {self.operator} ({', '.join(map(write_value, self.values))})"
        return f"{name} {self.operator} {write_value(self.value)}"


def parse_filter(text: str, columns: Iterable[Column]) -> RowFilter:
    """Read `column op value`. Raises `UsageError` that names what cannot be read, the column and the known ones."""
    names = [column.name for column in columns]
    name, rest = _split_column(text.strip(), names)
    found = _OPERATOR.match(rest, 1)
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
        raise UsageError(f"No value follows {operator} in {text!r}.", "Write '' for the empty text.")
    if word in {"is distinct from", "is not distinct from"} and value.lower() == "null":
        return RowFilter(name, Operator.IS_NOT_NULL if operator is Operator.NOT_EQUAL else Operator.IS_NULL)
    if operator in TAKES_A_LIST:
        return RowFilter(name, operator, values=read_list(value))
    if operator in TAKES_A_PAIR:
        pair = read_pair(value)
        if pair is None:
            raise UsageError(f"{operator} takes two values in {text!r}.", f"Write {name} {operator} 'A' and 'B'.")
        return RowFilter(name, operator, values=pair)
    if operator in TAKES_A_PATTERN:
        return RowFilter(name, operator, _pattern(value))
    return RowFilter(name, operator, read_value(value))


def _pattern(text: str) -> str:
    """A pattern whose escape is the backslash, whatever ESCAPE says that it is."""
    quoted = read_quoted(text)
    said = _ESCAPE.match(text, quoted[1]) if quoted else None
    if quoted is None or said is None:
        return read_value(text)
    escape = read_value(text[said.end() :])
    if len(escape) > 1:
        raise UsageError(f"ESCAPE takes one character, not {escape!r}.", "Write like '10!%' escape '!'.")
    pattern, found, place = quoted[0], [], 0
    while place < len(pattern):
        here = pattern[place]
        if escape and here == escape and place + 1 < len(pattern):
            place += 1
            found.append("\\" + pattern[place])
        else:
            found.append("\\" * 2 if here == "\\" and escape != "\\" else here)
        place += 1
    return "".join(found)


def _split_column(text: str, names: list[str]) -> tuple[str, str]:
    """The column that the text starts with, and what follows it with the last character of the name before it.

    As in SQL it is one word, or stands in double quotes; then the longest name that fits. A word in no known case is
    taken for the one column that differs from it in case alone.
    """
    word = _NAME.match(text)
    if word is not None and _OPERATOR.match(text, word.end()):
        name = word["quoted"].replace('""', '"') if word["quoted"] else word["plain"]
        alike = [one for one in names if one.lower() == name.lower()] if word["plain"] else []
        if name in names or len(alike) == 1:
            return (name if name in names else alike[0]), text[word.end() - 1 :]
    for name in sorted(names, key=len, reverse=True):
        if name and text.startswith(name) and _OPERATOR.match(text, len(name)):
            return name, text[len(name) - 1 :]
    given = re.match(r'"((?:[^"]|"")*)"|[^\s<>=!]*', text)
    called = (given[1].replace('""', '"') if given[1] is not None else given[0]) if given else text
    if called in names:
        raise UsageError(f"There is no comparison after {called} in {text!r}.", _HOW)
    raise UsageError(f"There is no column {called!r}.{meant(called, names)}", f"Columns: {', '.join(names)}.")


_ORDERED: Final = (
    Operator.EQUAL, Operator.NOT_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER,
    Operator.GREATER_OR_EQUAL, Operator.BETWEEN, Operator.IN, Operator.NOT_IN,
)  # fmt: skip
_EQUALITY: Final = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN)
_NULLS: Final = (Operator.IS_NULL, Operator.IS_NOT_NULL)

_BY_FAMILY: Final = {
    Family.TEXT: (
        Operator.CONTAINS, Operator.EQUAL, Operator.STARTS_WITH, Operator.NOT_EQUAL, Operator.IN, Operator.LESS,
        Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.BETWEEN, Operator.LIKE,
        Operator.ILIKE, Operator.NOT_LIKE, Operator.NOT_ILIKE, Operator.NOT_IN,
    ),
    Family.NUMBER: _ORDERED,
    Family.TIME: (
        Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.BETWEEN, Operator.EQUAL, Operator.NOT_EQUAL,
        Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.IN, Operator.NOT_IN,
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
