"""Text whose wrapped lines hang under their words, not under their marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

HangingRow: TypeAlias = tuple[Content, Content]
"""A mark and the words that hang beside it."""


class HangingText(Widget):
    """Rows of mark and words. The words may be anything: nothing in them is markup."""

    DEFAULT_CSS = "HangingText { height: auto; width: 1fr; }"

    def __init__(self, rows: Sequence[HangingRow] = (), *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._hanging: tuple[HangingRow, ...] = tuple(rows)

    @property
    def plain(self) -> str:
        """All of it as text, unwrapped."""
        return "\n".join(mark.plain + words.plain for mark, words in self._hanging)

    def show(self, rows: Sequence[HangingRow]) -> None:
        """Put other rows there."""
        self._hanging = tuple(rows)
        self.refresh(layout=True)

    def render(self) -> Content:
        """All rows, wrapped to the width there is."""
        return Content("\n").join(hang(self._hanging, self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the wrapped text takes."""
        return len(hang(self._hanging, width))


def hang(rows: Sequence[HangingRow], width: int) -> list[Content]:
    """Each row wrapped; a word that is too long for a line is broken."""
    drawn = []
    for mark, words in rows:
        indent = mark.cell_length
        pieces = wrapped(words, max(width - indent, 8)) if words else [words]
        for index, piece in enumerate(pieces):
            drawn.append(Content.assemble(mark if index == 0 else Content(" " * indent), piece.rstrip()))
    return drawn


QUOTED_PATH: Final = re.compile(r"""'[/~][^'\n]*'(?:"'"'[^'\n]*')*""")
"""A path as `shlex.quote` writes it: one word for a shell, whatever blanks are in it."""
_KEPT_BLANK: Final = "\ue000"
"""Stands for a blank at which no line ends."""


def wrapped(words: Content, width: int) -> list[Content]:
    """Wrapped, but never inside a word of a command, unless that is too long for a line."""
    kept = QUOTED_PATH.sub(lambda found: found[0].replace(" ", _KEPT_BLANK), words.plain)
    if kept == words.plain:
        return words.wrap(width)
    pieces = Content(kept, spans=list(words.spans)).wrap(width)
    return [Content(piece.plain.replace(_KEPT_BLANK, " "), spans=list(piece.spans)) for piece in pieces]


def row(mark: str, style: str, *words: str | tuple[str, str]) -> HangingRow:
    """A row out of a mark with its style, and pieces of text with theirs."""
    return Content.styled(mark, style), Content.assemble(*words)
