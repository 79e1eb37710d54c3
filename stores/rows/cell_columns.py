"""What is selected for each column, so that no long value is moved that nobody looks at. Pure.

Beside the columns come their sizes, as one array, and the row's place in the order, as another: as text, because text
is exact for every type and can be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.keyset import KeyColumn

_TEXT: Final = frozenset({"text", "varchar", "bpchar", "citext", "xml"})
_NEVER_LONG: Final = frozenset({"numeric", "inet", "cidr"})


@dataclass(frozen=True, slots=True)
class CellShape:
    """How much of a value is wanted: at most `limit` characters or bytes, and arrays as lists where `typed`."""

    limit: int
    typed: bool


GRID: Final = CellShape(300, typed=False)
"""For a grid: what fits on a screen, arrays as the server's text."""

WHOLE: Final = CellShape(1_000_000, typed=True)
"""For one row, or a script: a longer cell comes as a `Cut` that says its size."""

UNCUT: Final = CellShape(1 << 30, typed=True)
"""For a file: nothing is left out. PostgreSQL holds no value of more than 1 GiB."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The head of a value that is too long; `size` is the whole value's size in bytes."""

    head: str | bytes
    size: int


@dataclass(frozen=True, slots=True)
class SelectedCells:
    """A SELECT list over a subquery of the plain columns, and the names of those that may come cut."""

    sql: str
    cuttable: tuple[int, ...]
    """Positions in the row; their sizes come in this order."""
    limit: int

    def cells(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """The row without its two extra columns, long values as `Cut`."""
        cells = list(row[:-2])
        for position, size in zip(self.cuttable, row[-2] or (), strict=True):
            value = cells[position]
            if size is None or size <= self.limit:
                continue
            if value is None:
                cells[position] = Cut("", size)
            elif isinstance(value, str | bytes) and _bytes(value) < size:
                cells[position] = Cut(value, size)
        return tuple(cells)


def select(columns: Sequence[Column], keys: Sequence[KeyColumn], cells: CellShape = GRID) -> SelectedCells:
    """The columns, those of the order whole, the others in the wanted shape."""
    whole = {key.name for key in keys}
    parts, sizes, cuttable = [], [], []
    for position, column in enumerate(columns):
        head, size = _head(column, cells) if column.name not in whole else (quoted_name(column.name), "")
        parts.append(head if head == quoted_name(column.name) else f"{head} AS {quoted_name(column.name)}")
        if size:
            sizes.append(size)
            cuttable.append(position)
    parts.append(f"ARRAY[{', '.join(sizes)}]::int8[]")
    parts.append(f"ARRAY[{', '.join(f'{key.sql}::text' for key in keys)}]::text[]")
    return SelectedCells(", ".join(parts), tuple(cuttable), cells.limit)


def _head(column: Column, cells: CellShape) -> tuple[str, str]:
    """The expression for a column, and for its size in bytes ("" where it cannot be long).

    `octet_length` of text and bytea does not read the value; a prefix reads as much as it needs.
    """
    name, limit = quoted_name(column.name), cells.limit
    if column.fixed_width or column.type_name in _NEVER_LONG:
        return name, ""
    if column.type_name in _TEXT:
        as_text = name if column.type_name != "xml" else f"{name}::text"
        cut = f"CASE WHEN octet_length({as_text}) > {limit} THEN left({as_text}, {limit}) ELSE {as_text} END"
        return cut, f"octet_length({as_text})"
    if column.type_name == "bytea":
        return f"substring({name} FROM 1 FOR {limit})", f"octet_length({name})"
    if cells.typed and column.type_name not in {"json", "jsonb"}:
        return f"CASE WHEN octet_length({name}::text) <= {limit} THEN {name} END", f"octet_length({name}::text)"
    return f"left({name}::text, {limit})", f"octet_length({name}::text)"


def _bytes(value: str | bytes) -> int:
    return len(value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value)
