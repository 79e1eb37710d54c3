"""Textual's lists and trees, in which one click selects and a second one opens; by themselves they open at once."""

from __future__ import annotations

from typing import TypeVar

from rich.text import Text
from textual import events
from textual.widgets import OptionList, Tree

from soundcheck.screens.app.parts.clicks import Clicks

Data = TypeVar("Data")


class ClickedTree(Tree[Data]):
    """The triangle before a branch opens and closes it with one click, as ever."""

    def __init__(self, label: Text, data: Data, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(label, data, id=id)
        self._clicks = Clicks()

    async def _on_click(self, event: events.Click) -> None:
        """Keep Textual from opening what was not selected before."""
        line = event.style.meta.get("line")
        if line is None or event.style.meta.get("toggle"):
            return
        node = self.get_node_at_line(line)
        if not self._clicks.is_second(node) or self.cursor_node is not node:
            event.prevent_default()
            self.cursor_line = line


class ClickedOptions(OptionList):
    """What opens is `OptionSelected`, as enter posts it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._clicks = Clicks()

    async def _on_click(self, event: events.Click) -> None:
        """Keep Textual from opening what was not selected before."""
        at = event.style.meta.get("option")
        if at is not None and (not self._clicks.is_second(at) or self.highlighted != at):
            event.prevent_default()
            self.highlighted = at
