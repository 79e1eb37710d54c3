"""Find: one line that takes a word of the page.

Where a word stands on a page of texts. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.parts.one_line import OneLine


class FindLine(OneLine):
    """Enter goes to the first place, Esc closes."""

    @dataclass
    class Chosen(Message):
        """The word to find."""

        term: str

    def compose_line(self) -> ComposeResult:
        """A word and the field."""
        with Horizontal():
            yield Static("Find", classes="line-word")
            yield Input(id="find-word", compact=True, placeholder="a part of a name; then n and N")

    def ask(self) -> None:
        """Which word; the one before is still there."""
        self.opened()
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.accept()

    @on(Input.Submitted)
    def _go(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Chosen(event.value))


@dataclass(frozen=True, slots=True)
class FoundWord:
    """From character `start` up to `end` of the text number `part`."""

    part: int
    start: int
    end: int


def hits(texts: Sequence[str], term: str) -> tuple[FoundWord, ...]:
    """All places of a term in their order, capitals or not; none for an empty term."""
    if not term:
        return ()
    pattern = re.compile(re.escape(term), re.IGNORECASE)
    return tuple(
        FoundWord(part, found.start(), found.end())
        for part, text in enumerate(texts)
        for found in pattern.finditer(text)
    )


def row_of(text: Content, start: int, width: int) -> int:
    """The row of character `start` where the text is wrapped to `width` cells."""
    rest = re.match(r"\S*", text.plain[start:])
    *before, here = text.plain[: start + (rest.end() if rest else 0)].split("\n")  # a word is wrapped as a whole
    full = sum(max(len(Content(line).wrap(width)), 1) for line in before)
    return full + max(len(Content(here).wrap(width)) - 1, 0)
