"""Plain lines fit to be read aloud: every symbol that means something comes with its word. Pure.

Screen readers skip most symbols, or say "bullet" and "greater than". So a mark at a line's beginning is followed by
what it means, and arrows, multiplication signs and the like are words.
"""

from __future__ import annotations

import re
from typing import Final

MARKS: Final = {
    "✓": "ok", "✗": "failed", "!": "warning", "–": "skipped", "+": "add", "~": "change", "-": "remove",
}  # fmt: skip
"""What stands at a line's beginning, and its word. A plan's line says what would be done, as its heading does."""

_MARKED: Final = re.compile(
    rf"(?P<before> *)(?P<mark>[{re.escape(''.join(MARKS))}]) +(?!(?:{'|'.join([*MARKS.values(), 'error'])}):)(?=\S)"
)
_WORDS: Final = (
    (re.compile(r"(?<=\S) → (?=\S)"), " to "),
    (re.compile(r"(?<=\S) · (?=\S)"), ", "),
    (re.compile(r"(?<=\d)×(?=\d)"), " by "),
    (re.compile(r"×(?=\d)"), "times "),
    (re.compile(r"(?<=\d)×"), " times"),
    (re.compile(r"(?<![^\s(])~(?=\d)"), "about "),
    (re.compile(r"(?<![^\s(])≈ ?(?=\d)"), "about "),
    (re.compile(r"(?<![^\s(])≥ ?(?=\d)"), "at least "),
    (re.compile(r"(?<![^\s(])≤ ?(?=\d)"), "at most "),
)


def aloud(line: str) -> str:
    """The line with words for its symbols; what is in words already stays as it is."""
    if found := _MARKED.match(line):
        line = f"{found['before']}{found['mark']} {MARKS[found['mark']]}: {line[found.end() :]}"
    for symbol, word in _WORDS:
        line = symbol.sub(word, line)
    return f"{line} (masked)" if "•••" in line and "mask" not in line.lower() else line
