"""The bottom line: the keys that work now, seven at most; refresh, the way back, the way out and help are the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from soundcheck.screens.app.parts import later

MOST: Final = 7
_BEHIND_THE_LAST: Final = 2
"""Cells between two keys, which the last one does not need."""
_ROOM_FOR_QUIT: Final = 60
_ROOM_FOR_REFRESH: Final = 50


class KeyLine(Widget):
    """Keys for what has the focus now, then those that are the same everywhere; a click presses the key."""

    def on_mount(self) -> None:
        """Follow the focus."""
        later.on_signal(self, self.screen.bindings_updated_signal, lambda _screen: self.refresh())

    def keys(self) -> list[tuple[str, str, str]]:
        """What is shown: key, its name on screen, its word; never more than fits and never more than seven."""
        found: dict[str, tuple[str, str, str]] = {}
        first: Sequence[str] = getattr(self.screen, "next_keys", ())
        active_bindings = sorted(
            self.screen.active_bindings.items(),
            key=lambda one: first.index(one[1].binding.action) if one[1].binding.action in first else len(first),
        )
        for key, active in active_bindings:
            binding = active.binding
            if binding.show and binding.description and active.enabled and binding.action not in found:
                found[binding.action] = (key, self._shown_key(binding), self._word(binding))
        help_key = found.pop("app.explain", None) or found.pop("explain", None)
        quit_key = found.pop("app.quit", None) or found.pop("quit", None)
        refresh_key = found.pop("read_again", None)
        typing = isinstance(self.screen.focused, Input)
        if typing and refresh_key is not None:
            found["read_again"] = refresh_key  # what ends and steers the field goes first
        if typing or self.size.width < _ROOM_FOR_REFRESH:
            refresh_key = None
        back_key = next((found.pop(action) for action, entry in list(found.items()) if entry[0] == "escape"), None)
        if back_key is not None or self.size.width < _ROOM_FOR_QUIT:
            quit_key = None  # esc leads to where it stands
        last = [key for key in (refresh_key, back_key, quit_key, help_key) if key]
        shown: list[tuple[str, str, str]] = []
        room = self.size.width + _BEHIND_THE_LAST - sum(map(_width, last))
        for entry in found.values():
            if len(shown) == MOST - len(last) or _width(entry) > room:
                break
            room -= _width(entry)
            shown.append(entry)
        return [*shown, *last]

    def render(self) -> Content:
        """` / Find   enter Record   ? Help`."""
        parts = [
            Content.assemble((f" {name}", "bold $primary"), (f" {word}", "$muted")) for _key, name, word in self.keys()
        ]
        return Content(" " * _BEHIND_THE_LAST).join(parts)

    async def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        at = 0
        for entry in self.keys():
            at += _width(entry)
            if event.x < at:
                self.app.simulate_key(entry[0])
                return

    def _shown_key(self, binding: Binding) -> str:
        return binding.key_display or self.app.get_key_display(binding)

    def _word(self, binding: Binding) -> str:
        """Esc says what it would do now: the screen names it."""
        return binding.description


def _width(entry: tuple[str, str, str]) -> int:
    return Content(entry[1]).cell_length + Content(entry[2]).cell_length + 4
