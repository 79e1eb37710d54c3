"""CSV on standard output, by Python's own writer: one header, one record a row, line feeds as psql writes them.

NULL and the empty text are both an empty field, because CSV cannot tell them apart; `--json` can. Line breaks and tabs
of a value stay, inside quotes; other control characters and invisible ones are shown instead of sent, as everywhere.
A text that a spreadsheet would run as a formula (it begins with = + - @) gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

from soundcheck.stores.hidden_characters import HIDDEN
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.cells import size_text, time_text, visible
from soundcheck.stores.rows.server_text import server_text

_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_KEPT: Final = frozenset({"\n", "\r\n", "\t"})


def write_csv(stdout: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write all of it, in the stream's own encoding."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    writer = csv.writer(_Encodable(stdout, encoding), lineterminator="\n")
    writer.writerow([csv_text(name) for name in header])
    writer.writerows([csv_text(value) for value in row] for row in rows)


def csv_text(value: Any) -> str:
    """A value as a field: the server's own text for it, safe to print and to open in a spreadsheet."""
    if isinstance(value, Cut):
        head = value.head if isinstance(value.head, str) else "\\x" + value.head.hex()
        return f"{csv_text(head)}… ({size_text(value.size)})"
    text = time_text(value) if hasattr(value, "isoformat") else server_text(value) or ""
    shown = HIDDEN.sub(lambda found: found[0] if found[0] in _KEPT else visible(found[0]), text)
    runs = isinstance(value, str) and _FORMULA.match(shown) and not _PLAIN_NUMBER.fullmatch(shown)
    return f"'{shown}" if runs else shown


class _Encodable:
    """A stream's `write`, with what the stream's encoding lacks written as an escape."""

    def __init__(self, stream: TextIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding

    def write(self, text: str) -> int:
        return self._stream.write(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
