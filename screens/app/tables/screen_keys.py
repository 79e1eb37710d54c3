"""Keys that work on every screen with a table's rows, wherever the focus is, and what `?` says of the tables."""

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


TABLES_HELP: Final = (
    "The tables of the database, and the rows of the open one. Rows are read page by page along a key, so that "
    "the last page of ten million rows comes as fast as the first. Counts with ~ are estimates; n counts.\n\n"
    "In the rows: s sorts by the column under the cursor, / filters it, g goes to a value, a date or 50 %, f "
    "follows a foreign key, x spells it as SQL, t shows the table's structure. What would read very many rows "
    "says so first. Esc stops a read.\n\n"
    "m draws how the tables refer to each other, D compares them with the Prisma schema: what a push would do. z "
    "keeps the columns up to the cursor in sight while the others move. Vim's keys are in the palette.\n\n"
    "F follows the rows on screen: they are asked for again and again, ~ is a changed cell, + a new row, - one "
    "that is gone; the line below has the old value of the cell under the cursor. It asks less often while nothing "
    "changes, and stops while nobody looks. Asking keeps a sleeping (Neon) database awake. Of long values the "
    "first 300 characters and the size are compared.\n\n"
    "Which time zone times are in stands in the frame; Time zone in the palette (F6) changes it, and filters are "
    "read in it.\n\n"
    "Where the database does not answer, the rows turn grey and stay; r tries again in the same place.\n\n"
    '∅ is NULL, "" is the empty text, ••• is personal and masked until you reveal it. Nothing here writes.'
)
