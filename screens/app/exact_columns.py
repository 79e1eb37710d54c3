"""Text that terminals measure differently keeps what stands beside it in its column, whatever a terminal makes of it.

A flag, an emoji joined of several, a letter with its marks: one terminal gives it two columns, another four. So words
with such characters are written over blanks of the width that the app counts with, the padding behind them included.
Then the cursor is put where the next text belongs. What a terminal draws wider runs into the padding. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rich.cells import cell_len

_OTHERS: Final = re.compile(
    "[^\x00-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u27bf\u2800-\u28ff"
    "\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]"
)
"""Characters that have to be looked at one by one: all outside these ranges, which every terminal measures alike."""
_PIECE: Final = re.compile(
    r"(?P<move>\x1b\[(?:\d+;)?(?P<column>\d+)H)|(?P<control>\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x1f])|(?P<text>[^\x00-\x1f]+)"
)
_PADDING: Final = re.compile(r" {2,}| +$|$")
_FIRST_EMOJI: Final = "\U0001f000"
_JAMO: Final = ("\u1160", "\u11ff")
"""Vowels and finals of Hangul that join the letter before them."""


def is_agreed(text: str) -> bool:
    """Whether every terminal gives this text the same width."""
    return _first_doubtful(text, 0) is None


def anchored(frame: str) -> str:
    """A frame as it is written to the terminal, with what follows such text held in its column."""
    if is_agreed(frame):
        return frame
    written: list[str] = []
    column = 0  # unknown until the cursor is put somewhere
    for piece in _PIECE.finditer(frame):
        text = piece["text"]
        if piece["move"]:
            column = int(piece["column"])
        elif piece[0] in {"\n", "\r"}:
            column = 0
        if text is not None and column:
            written.append(_held(text, column))
            column += cell_len(text)
        else:
            written.append(piece[0])
    return "".join(written)


def _held(text: str, column: int) -> str:
    """A text that begins in a column: words that are measured differently, each time up to the next padding."""
    parts: list[str] = []
    start = 0
    while (doubtful := _first_doubtful(text, start)) is not None:
        first = max(doubtful - 1, start)  # a mark belongs to the letter before it
        padding = _PADDING.search(text, doubtful)
        stop, end = padding.span() if padding is not None else (len(text), len(text))
        parts.append(text[start:first])
        at = column + cell_len(text[:first])
        width = cell_len(text[first:end])
        parts.append(f"{' ' * width}\x1b[{at}G{text[first:stop]}\x1b[{at + width}G")
        start = end
    return "".join([*parts, text[start:]])


def _first_doubtful(text: str, start: int) -> int | None:
    """Where the first mark, joiner, emoji, or character of a font's own is."""
    for found in _OTHERS.finditer(text, start):
        character = found[0]
        joins = unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf", "Co", "Cn"}
        if joins or character >= _FIRST_EMOJI or _JAMO[0] <= character <= _JAMO[1]:
            return found.start()
    return None
