"""What a command writes on its standard output: one JSON document, or plain lines, some of them in columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from soundcheck.stores.rows.cells import display_width

_LONE: Final = re.compile("[\ud800-\udfff]")
"""A byte that is no UTF-8 (`surrogateescape`), which only JSON's own escape can write."""


def write_json(stdout: TextIO, document: object) -> None:
    """One document, and nothing else, on standard output; ASCII where the stream is not UTF-8."""
    utf8 = "utf" in (getattr(stdout, "encoding", None) or "utf-8").lower()
    text = json.dumps(document, indent=2, ensure_ascii=not utf8, allow_nan=False)
    stdout.write(_LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def write_lines(stdout: TextIO, lines: Iterable[str]) -> None:
    """Lines that hold nothing but what can be shown, in the stream's own encoding."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    for line in lines:
        stdout.write(line.rstrip().encode(encoding, "backslashreplace").decode(encoding) + "\n")


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Columns side by side, each as wide as its widest cell."""
    table = [header, *rows]
    widths = [max(display_width(row[i]) for row in table) for i in range(len(header))]
    return ["  ".join(map(_padded, row, widths, right)) for row in table]


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space
