"""A value as one line of plain text that a terminal can show: nothing in it moves the cursor or changes colours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CellKind(StrEnum):
    """What a cell is, so that NULL, "" and the text "NULL" never look alike."""

    NULL = "null"
    EMPTY = "empty"  # the empty string
    BLANK = "blank"  # nothing but spaces
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    JSON = "json"
    ARRAY = "array"
    BYTES = "bytes"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CellText:
    """The text, safe to print, and its kind. `cut` says that the value is longer than what stands here."""

    text: str
    kind: CellKind
    cut: bool = False


def cell_text(value: object, type_name: str = "", *, width: int | None = None) -> CellText:
    """A value in one line, at most `width` terminal columns wide. Never raises.

    `type_name` is `ColumnInfo.type_name`; it tells JSON and arrays from text.
    """
    raise NotImplementedError


def visible(text: str) -> str:
    """Text with control, bidirectional and invisible characters shown instead of sent; a line break becomes `⏎`."""
    raise NotImplementedError


def display_width(text: str) -> int:
    """Columns that a terminal gives to `text`."""
    raise NotImplementedError


def fit(text: str, width: int) -> str:
    """`text` cut to `width` columns with `…` at its end where something is missing; not padded."""
    raise NotImplementedError
