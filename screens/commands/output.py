"""What a command writes on its standard output: one JSON document, or plain lines, some of them in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.json_document import json_document
from soundcheck.stores.rows.cells import display_width


def write_json(stdout: TextIO, document: object) -> None:
    """One document, and nothing else, on standard output; ASCII where the stream is not UTF-8."""
    utf8 = "utf" in (getattr(stdout, "encoding", None) or "utf-8").lower()
    stdout.write(json_document(document, indent=2, ascii_only=not utf8) + "\n")


def write_lines(stdout: TextIO, lines: Iterable[str]) -> None:
    """Lines that hold nothing but what can be shown, in the stream's own encoding."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    for line in lines:
        stdout.write(line.rstrip().encode(encoding, "backslashreplace").decode(encoding) + "\n")


def write_script(stdout: TextIO, text: str) -> None:
    """SQL, exactly; on a terminal nothing that could drive it."""
    if stdout.isatty():
        text = "\n".join("\t".join(map(visible, line.split("\t"))) for line in text.split("\n"))
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Columns side by side, each as wide as its widest cell."""
    table = [header, *rows]
    widths = [max(display_width(row[i]) for row in table) for i in range(len(header))]
    return ["  ".join(map(_padded, row, widths, right)) for row in table]


def record_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Each row as `name: value` lines, which are read aloud with their names; a blank line between rows."""
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        lines += [f"{name}: {value}" for name, value in zip(header, row, strict=True)]
    return lines


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space
