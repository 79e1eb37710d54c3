"""A style sheet that parses each of its sources once for the colours in force.

Textual's own forgets what it has parsed whenever it is told its variables again, which opening a screen does, and holds
64 sources at most: with more, each widget of a new kind has all of them parsed again. With Textual 8.2, 66 ms went to
parsing before the first rows, 27 of them to parsing `theme.tcss` six times; once takes 20.
"""

from __future__ import annotations

from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES: Final = 1024
"""More than there are kinds of widgets and screens."""


class ParsedOnce(Stylesheet):
    """Parses again where a variable has another value, and what is new."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """The colours from now on; nothing is forgotten where they are the same."""
        if variables != self._variables:
            super().set_variables(variables)
            self._require_parse = True

    def reparse(self) -> None:
        """Parse what is not parsed yet. Raises as `Stylesheet.parse` does."""
        self._rules_map = None
        if self._require_parse:
            self.parse()
