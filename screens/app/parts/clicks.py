"""One click selects, a second one on the same thing opens, however long after the first it comes."""

from __future__ import annotations


class Clicks:
    """Remembers what was clicked last; whoever moves on by a key lets it forget."""

    def __init__(self) -> None:
        self._last: object = None

    def is_second(self, what: object) -> bool:
        """Whether this very thing was clicked just before; then the next click is a first one again."""
        again = self._last == what
        self._last = None if again else what
        return again

    def forget(self) -> None:
        """The next click is a first one."""
        self._last = None
