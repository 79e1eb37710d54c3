"""The pane with the focus is drawn in the accent colour."""

from __future__ import annotations

from textual.screen import Screen
from textual.widget import Widget

LIT = "-lit"


class LitPanes:
    """Gives the class `-lit` to each `.pane` of one screen that holds the focus.

    Not by the style sheet's `:focus-within`: Textual then styles every widget below the pane again whenever the focus
    moves, a quarter of what moving it cost. The class changes how the pane itself looks and nothing below it.
    """

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._lit: set[Widget] = set()

    def follow(self, focused: Widget | None) -> None:
        """Light the panes around this widget, and no others."""
        around = set() if focused is None else {each for each in focused.ancestors if each.has_class("pane")}
        panes = {pane for pane in around if isinstance(pane, Widget)}
        changed = self._lit ^ panes
        for pane in changed:
            pane.set_class(pane in panes, LIT, update=False)
        self._lit = panes
        self._screen.app.stylesheet.update_nodes(changed)
