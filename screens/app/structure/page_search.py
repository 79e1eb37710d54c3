"""Where a word stands on a page of texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content


@dataclass(frozen=True, slots=True)
class Hit:
    """From character `start` up to `end` of the text number `part`."""

    part: int
    start: int
    end: int


def hits(texts: Sequence[str], term: str) -> tuple[Hit, ...]:
    """All places of a term in their order, capitals or not; none for an empty term."""
    if not term:
        return ()
    pattern = re.compile(re.escape(term), re.IGNORECASE)
    return tuple(
        Hit(part, found.start(), found.end()) for part, text in enumerate(texts) for found in pattern.finditer(text)
    )


def row_of(text: Content, start: int, width: int) -> int:
    """The row of character `start` where the text is wrapped to `width` cells."""
    rest = re.match(r"\S*", text.plain[start:])
    *before, here = text.plain[: start + (rest.end() if rest else 0)].split("\n")  # a word is wrapped as a whole
    full = sum(max(len(Content(line).wrap(width)), 1) for line in before)
    return full + max(len(Content(here).wrap(width)) - 1, 0)
