r"""CSV on standard output, byte for byte what psql's `\copy … WITH (FORMAT csv, HEADER)` writes for the same values.

So NULL is an empty field and the empty text is `""`, and text keeps its line breaks and control characters. On a
terminal those are shown instead of sent, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

from soundcheck.stores import amounts
from soundcheck.stores.hidden_characters import HIDDEN, visible
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.spelled.csv_field import csv_field

_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_KEPT_ON_A_TERMINAL: Final = frozenset({"\n", "\r\n", "\t"})


def write_csv(
    stdout: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]], *, for_spreadsheet: bool = False
) -> None:
    """Write all of it, in the stream's own encoding; what that lacks is written as an escape.

    `for_spreadsheet` puts an apostrophe before a text that a spreadsheet would run as a formula.
    """
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    shown = stdout.isatty()
    for row in (header, *rows):
        fields = [csv_field(csv_text(value, for_spreadsheet=for_spreadsheet), alone=len(row) == 1) for value in row]
        line = ",".join(fields)
        if shown:
            line = HIDDEN.sub(lambda found: found[0] if found[0] in _KEPT_ON_A_TERMINAL else visible(found[0]), line)
        stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def csv_text(value: Any, *, for_spreadsheet: bool = False) -> str | None:
    """A value before it is quoted: psql's text, None for NULL."""
    if isinstance(value, Cut):
        head = value.head if isinstance(value.head, str) else "\\x" + value.head.hex()
        return f"{csv_text(head, for_spreadsheet=for_spreadsheet)}… ({amounts.size(value.size)})"
    text = server_text(value)
    if for_spreadsheet and isinstance(value, str) and _FORMULA.match(value) and not _PLAIN_NUMBER.fullmatch(value):
        return f"'{text}"
    return text
