"""A toast's text: its commands spelled as they work here, and never broken inside a quoted path."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from soundcheck.screens.app.parts.hanging_text import QUOTED_PATH, wrapped
from soundcheck.stores.project.own_command import spelled

_FRAME: Final = 3
"""Columns: the coloured edge and a blank on either side."""
_SOFT_END: Final = " \n"
"""Ends a line that goes on in the next one: the blank at which it was wrapped stays."""


def toast_text(message: str, screen: int) -> str:
    """The text in a window of this width, all of which a toast may take, as the theme says, less its frame.

    A toast wraps by itself, so only what it would break is wrapped here.
    """
    text, width = spelled(message), max(screen - _FRAME, 8)
    if QUOTED_PATH.search(text) is None:
        return text
    return "\n".join(
        _SOFT_END.join(piece.plain.rstrip() for piece in wrapped(Content(line), width)) for line in text.split("\n")
    )


def in_one_line(text: str) -> str:
    """A toast's text as it was before it was wrapped."""
    return text.replace(_SOFT_END, " ")
