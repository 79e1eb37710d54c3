"""A last column that stands still at the grid's right edge and says something of each row that is not in the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from screens.app.grid.painter import Inks, Painter


class Badges(Protocol):
    """Whoever knows it. `width` is in columns of the terminal, with the gap before it."""

    width: int
    title: str

    def of(self, values: Sequence[Any]) -> tuple[str, str]:
        """The text for a row, and the name of the ink it is written in."""
        ...


def with_badge(strip: Strip, badges: Badges, painter: Painter, values: Sequence[Any] | None, *, here: bool) -> Strip:
    """A drawn line and its badge; None for the values of the header."""
    text, ink = (badges.title, "header") if values is None else badges.of(values)
    inks: Inks = painter.inks(here=here)
    room = badges.width - 1
    text = set_cell_size(text, room) if cell_len(text) > room else text + " " * (room - cell_len(text))
    return Strip([*strip, Segment(" ", inks.text), Segment(text, getattr(inks, ink))], strip.cell_length + badges.width)
