"""A value as one line of plain text for a terminal: nothing in it moves the cursor or changes colours. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Final

from soundcheck.stores import amounts
from soundcheck.stores.hidden_characters import HIDDEN, visible
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.server_text import array_text, server_text, time_text


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


_BYTES_SHOWN: Final = 16
_TIMES: Final = frozenset({"date", "time", "timetz", "timestamp", "timestamptz", "interval"})
_NUMBERS: Final = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8", "money", "oid"})
_TEXTS: Final = frozenset({"", "text", "varchar", "bpchar", "citext", "name", "char", "uuid", "xml"})

_JSON_SPACE: Final = re.compile(r'("(?:[^"\\]|\\.)*(?:"|$))|\s+', re.DOTALL)


def cell_text(value: object, type_name: str = "", *, width: int | None = None) -> CellText:
    """A value in one line, at most `width` terminal columns wide. Never raises.

    `type_name` is `ColumnInfo.type_name`; it tells JSON and arrays from text.
    """
    if isinstance(value, Cut):
        head = cell_text(value.head, type_name)
        kind = CellKind.TEXT if head.kind in {CellKind.EMPTY, CellKind.BLANK} else head.kind
        text = head.text if isinstance(value.head, bytes) else head.text + "…"
        if isinstance(value.head, bytes):
            text = f"{amounts.size(value.size)}  {_hex(value.head)}…"
        return CellText(text if width is None else fit(text, width), kind, cut=True)
    if isinstance(value, str) and width is not None:
        # A value of a megabyte costs no more than what fits; a few characters may join into one column.
        rest = value[8 * width + 64 :]
        cell = _cell(value[: 8 * width + 64] if rest else value, type_name)
        return _fitted(replace(cell, text=cell.text + "…", cut=True) if rest else cell, width)
    cell = _cell(value, type_name)
    return cell if width is None else _fitted(cell, width)


def _fitted(cell: CellText, width: int) -> CellText:
    text = fit(cell.text, width)
    return CellText(text, cell.kind, cell.cut or text != cell.text)


def _cell(value: object, type_name: str) -> CellText:
    match value:
        case None:
            return CellText("NULL", CellKind.NULL)
        case bool():
            return CellText("true" if value else "false", CellKind.BOOLEAN)
        case str():
            return _text_cell(value, type_name)
        case int():
            return CellText(_number(value), CellKind.NUMBER)
        case float() | Decimal():
            return CellText(server_text(value) or "", CellKind.NUMBER)
        case date() | time():
            return CellText(time_text(value), CellKind.TIME)
        case bytes() | bytearray() | memoryview():
            data = bytes(value)
            more = "…" if len(data) > _BYTES_SHOWN else ""
            return CellText(f"{amounts.size(len(data))}  {_hex(data)}{more}", CellKind.BYTES, bool(more))
        case list() | tuple():
            return CellText(visible(array_text(value)), CellKind.ARRAY)
        case dict():
            return CellText(visible(_json(value)), CellKind.JSON)
        case _:
            return CellText(visible(str(value)), CellKind.TEXT if type_name in _TEXTS else CellKind.OTHER)


def _text_cell(value: str, type_name: str) -> CellText:
    """The server's own text, by the type that it has there."""
    if type_name in {"json", "jsonb"}:
        return CellText(visible(_JSON_SPACE.sub(lambda found: found[1] or "", value)), CellKind.JSON)
    if type_name.endswith("[]"):
        return CellText(visible(value), CellKind.ARRAY)
    if not value:
        return CellText('""', CellKind.EMPTY)
    if not value.strip():
        return CellText(
            "".join("␣" if c == " " else visible(c) if HIDDEN.match(c) else "␣" for c in value), CellKind.BLANK
        )
    if type_name in _TIMES:
        return CellText(visible(value), CellKind.TIME)
    if type_name in _NUMBERS:
        return CellText(visible(value), CellKind.NUMBER)
    return CellText(visible(value), CellKind.TEXT if type_name in _TEXTS else CellKind.OTHER)


def display_width(text: str) -> int:
    """Columns that a terminal gives to `text`."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def fit(text: str, width: int) -> str:
    """`text` cut to `width` columns with `…` at its end where something is missing; not padded."""
    if width <= 0:
        return ""
    if len(text) <= width and (text.isascii() or display_width(text) <= width):
        return text
    kept: list[str] = []
    used = 0
    for position, character in enumerate(text):
        wide = _width(character)
        if used + wide > width - 1:
            # The rest may still be the last column, or characters without width.
            return text if used + display_width(text[position:]) <= width else "".join(kept) + "…"
        kept.append(character)
        used += wide
    return text


def _width(character: str) -> int:
    if character < "\x7f":
        return 1
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in {"Mn", "Me", "Cf"} else 1


def _number(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python turns into text
        return hex(value)


def _hex(data: bytes) -> str:
    return "\\x" + data[:_BYTES_SHOWN].hex()


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (TypeError, ValueError, RecursionError):
        return str(value)
