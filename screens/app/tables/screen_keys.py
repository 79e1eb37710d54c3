"""Keys that work on every screen with a table's rows, wherever the focus is."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType
from textual.widgets import Input

from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.routes import OpenDiagram
from soundcheck.screens.app.tables.rows_pane import RowsPane

SCREEN_KEYS: Final[list[BindingType]] = [
    Binding(
        "R",
        "reveal_session",
        "Reveal all",
        show=False,
        tooltip="Show personal and secret values on every screen until R is pressed again; on development databases",
    ),
    Binding("Z", "zoom", "Zoom", show=False, tooltip="Give the rows all the room, or take it back"),
    Binding("m", "diagram", "Relations", show=False, tooltip="Draw how the tables refer to each other"),
    Binding(
        "D", "drift", "Drift", show=False, tooltip="Compare the Prisma schema with the database: what push would do"
    ),
]

NEXT_KEYS: Final = (
    "fill", "copy_seed", "open", "follow", "unfilter", "search_all", "reveal", "filter", "sort", "copy", "go_to",
)  # fmt: skip
"""What one most likely needs next among rows."""

NARROW: Final = 60
"""Terminals with fewer columns show rows as cards."""


def works_here(screen: PlaceScreen, action: str) -> bool:
    """Whether the action is available: not in a text field, and not without a database."""
    if action == "zoom":
        return not isinstance(screen.focused, Input)
    if action == "reveal_session":
        return screen.may_reveal and not isinstance(screen.focused, Input)
    if action not in {"diagram", "drift"}:
        return True
    return screen.app.services.database is not None and not isinstance(screen.focused, Input)


def show_relations(pane: RowsPane) -> None:
    """Open the diagram around the open table."""
    known = pane.state.known
    pane.app.post_message(OpenDiagram(pane.table, known.catalog if known else None))
