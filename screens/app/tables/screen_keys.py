"""Keys that every screen with a table's rows has, whatever has the focus on it."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType
from textual.widgets import Input

from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.routes import OpenDiagram
from soundcheck.screens.app.tables.rows_pane import RowsPane

SCREEN_KEYS: Final[list[BindingType]] = [
    Binding("m", "diagram", "Relations", show=False, tooltip="Draw how the tables refer to each other"),
    Binding(
        "D", "drift", "Drift", show=False, tooltip="Compare the Prisma schema with the database: what push would do"
    ),
]

NARROW: Final = 60
"""Columns of a terminal under which rows are shown as cards."""


def works_here(screen: PlaceScreen, action: str) -> bool:
    """In a text field the keys are letters; without a database there is nothing to draw or compare."""
    if action not in {"diagram", "drift"}:
        return True
    return screen.app.services.database is not None and not isinstance(screen.focused, Input)


def show_relations(pane: RowsPane) -> None:
    """With the table that is open in the middle."""
    known = pane.state.known
    pane.app.post_message(OpenDiagram(pane.table, known.catalog if known else None))
