"""A pasted text as clean lines: what editors, chats and terminals did to it is taken back.

Find the addresses on a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

MAX_CHARACTERS: Final = 256 * 1024
MAX_LINES: Final = 4000

_REPLACED: Final = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"',
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'",
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u3000": " ",
        "\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None, "\u00ad": None,
        "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n",
    }
)  # fmt: skip
_ESCAPES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_FENCE: Final = re.compile(r"(?:```|~~~)[\w+.-]*")
_QUOTED_REPLY: Final = re.compile(r"(?:>\s?)+")


@dataclass(frozen=True, slots=True)
class PastedLine:
    """One logical line and the number of its first physical one; a line ending in a backslash goes on."""

    number: int
    text: str

    def __repr__(self) -> str:
        return f"Line({self.number})"


def clean_lines(text: str) -> list[PastedLine]:
    """At most `MAX_LINES` lines with something on them; code fences and blank lines are left out."""
    text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").translate(_REPLACED)
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", _ESCAPES.sub("", text)))
    found: list[PastedLine] = []
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not parts:
            start = number
        if line.endswith("\\") and not line.endswith("\\\\"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        _add(found, start, " ".join(parts).strip())
        parts = []
        if len(found) >= MAX_LINES:
            break
    if parts:
        _add(found, start, " ".join(parts).strip())
    return found


def _add(found: list[PastedLine], number: int, text: str) -> None:
    if text.startswith(">"):
        text = _QUOTED_REPLY.sub("", text, count=1)
    if text and not _FENCE.fullmatch(text):
        found.append(PastedLine(number, text))


MOST: Final = 100
"""Addresses taken from one line; no line that a person pastes has more."""

_ADDRESS: Final = re.compile(r"(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]{0,30}://\S+")
_TRAILING: Final = "\"'`,;)]}>"


def addresses_in(text: str) -> list[str]:
    """Every `scheme://…` on a line, freed of the quotes and brackets around it."""
    found = []
    for match in islice(_ADDRESS.finditer(text), MOST):
        before = text[match.start() - 1 : match.start()]
        address = match.group()
        if before in {'"', "'", "`"} and before in address:
            address = address[: address.index(before)]
        elif before in {"<", "("} and (closing := {"<": ">", "(": ")"}[before]) in address:
            address = address[: address.rindex(closing)]
        found.append(address.rstrip(_TRAILING))
    return found
