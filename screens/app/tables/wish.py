"""A page of a view that somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.stores.rows.follow import Row
from soundcheck.stores.rows.paging import FIRST, Place
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class Wish:
    """A page of a view. `jump` says that it continues nothing; `fraction` is about how far into the rows it lies."""

    view: TableView
    place: Place
    jump: bool = False
    fraction: float | None = None
    note: str = ""
    anew: bool = False
    """Whether the columns are to be measured again."""
    here: Row | None = None
    """The row that the cursor is to stand on again."""


def same_place(view: TableView, grid: Grid) -> Wish:
    """What is on screen, once more."""
    window = grid.window
    start = max(grid.visible_rows[0], window.base)
    before = window.row(start - 1)
    if before is None or before.key is None:
        return Wish(view, FIRST, jump=True, here=grid.row)
    return Wish(view, Place.after(before.key), jump=True, fraction=start / max(window.total, 1), here=grid.row)
