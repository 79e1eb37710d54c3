"""Vim's keys as a second name of keys that a screen has anyway; off unless somebody turns them on.

A vim key stands in only where the key that it means does something, so `h` is still History among the checks. One
key is given up: `g` waits for a second one, and what it did alone is on `:`. Letters in a text field stay letters.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from textual.containers import ScrollableContainer
from textual.widget import Widget

STANDS_FOR: Final = {
    "h": "left", "j": "down", "k": "up", "l": "right", "G": "end", "ctrl+d": "down", "ctrl+u": "up",
}  # fmt: skip
_HALF_A_SCREEN: Final = frozenset({"ctrl+d", "ctrl+u"})
_FIRST: Final = "home"

EXPLAINED: Final = (
    ("h j k l", "left, down, up, right"),
    ("g g   G", "to the first, to the last"),
    ("ctrl+d   ctrl+u", "half a screen down, up"),
    (":", "what g does without vim keys, as Go to"),
    ("/   n   N", "what they are without vim keys: find, next, before in a structure"),
)
"""For the help: keys, and what they do."""


@dataclass(frozen=True, slots=True)
class Press:
    """What a key press means: another key, so many times; `key` is "" while the first `g` waits for its second."""

    key: str = ""
    times: int = 1


class VimKeys:
    """Holds the one thing that has to be remembered: that `g` was pressed."""

    def __init__(self) -> None:
        self._waits = False

    def press(self, key: str, works: Collection[str], half: int) -> Press | None:
        """What a key means where the keys `works` do something and half a screen has `half` lines.

        None where it keeps its own meaning.
        """
        waited, self._waits = self._waits, False
        if key == "g" and _FIRST in works:
            self._waits = not waited
            return Press(_FIRST) if waited else Press()
        if key == "colon" and "g" in works and _FIRST in works:
            return Press("g")
        meant = STANDS_FOR.get(key)
        if meant is None or meant not in works:
            return None
        return Press(meant, max(half, 1) if key in _HALF_A_SCREEN else 1)


def half_a_screen(focused: Widget) -> int:
    """Lines of half of what is seen of the list or page that a widget is, or stands in; rows where they are taller."""
    for widget in focused.ancestors_with_self:
        if isinstance(widget, ScrollableContainer):
            lines = widget.size.height // 2
            first, last = getattr(widget, "visible_rows", (0, 2 * lines))
            return min(lines, max((last - first) // 2, 1))
    return 1
