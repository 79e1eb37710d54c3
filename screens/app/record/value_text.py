"""A whole value as lines that a terminal can show: JSON indented, times exact, line breaks kept, nothing sent raw."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from soundcheck.screens.app.grid.column import NULL
from soundcheck.screens.app.parts.ages import age
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.paging import Cut

_JSON: Final = frozenset({"json", "jsonb"})
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},:]|[^\s\[\]{},:"]+')
SHORT_LINES: Final = 12
SHORT_CHARACTERS: Final = 600


@dataclass(frozen=True, slots=True)
class ValueText:
    """`lines` are safe to print. `more` says in words what is left out of them, "" where nothing is."""

    kind: CellKind
    lines: tuple[str, ...]
    more: str = ""


def indented(text: str) -> str:
    """JSON over several lines, piece by piece: numbers and escapes stay exactly as the database has them."""
    out: list[str] = []
    depth = 0
    for piece in _TOKENS.findall(text):
        if piece in "]}":
            depth -= 1
            out.append(piece if out and out[-1] in {"[", "{"} else "\n" + "  " * depth + piece)
            continue
        if out and (out[-1] in {"[", "{"} or out[-1] == ","):
            out.append("\n" + "  " * depth)
        out.append(": " if piece == ":" else piece)
        if piece in "[{":
            depth += 1
    return "".join(out)


def whole(value: Any, type_name: str, now: datetime) -> ValueText:
    """Every line of a value; for a `Cut` those of its head, and `more` says how large it is."""
    if isinstance(value, Cut):
        head = whole(value.head, type_name, now)
        return ValueText(head.kind, head.lines, f"{value.size:,} bytes in all; the rest stays on the server")
    kind = cell_text(value, type_name, width=20).kind
    if value is None:
        return ValueText(kind, (f"{NULL} NULL",))
    if value == "":
        return ValueText(kind, ('""  the empty text',))
    if isinstance(value, datetime):
        return ValueText(kind, (f"{cell_text(value, type_name).text} · {age(value, now)}",))
    if isinstance(value, str):
        text = indented(value) if type_name in _JSON else value.replace("\r\n", "\n")
        lines = text.split("\n")
    else:
        lines = [cell_text(value, type_name).text]
    return ValueText(kind, tuple(visible(line) for line in lines))


def short(value: Any, type_name: str, now: datetime) -> ValueText:
    """The first lines of a value, never more than a screen can hold at once; `more` says what is left out."""
    cut = ""
    if isinstance(value, str) and len(value) > SHORT_CHARACTERS:
        cut = f"{len(value):,} characters in all, enter shows them"
        value = value[:SHORT_CHARACTERS]
    text = whole(value, type_name, now)
    lines, left = [], SHORT_CHARACTERS
    for line in text.lines[:SHORT_LINES]:
        lines.append(line[:left])
        left -= len(line)
        if left <= 0:
            break
    if not cut and (left < 0 or len(text.lines) > SHORT_LINES):
        cut = f"{len(text.lines):,} lines in all, enter shows them"
    return ValueText(text.kind, tuple(lines), cut or text.more)
