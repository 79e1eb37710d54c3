"""A sheet of terminal cells: texts of any width, and lines that join where they meet. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from soundcheck.stores.rows.cells import display_width

_NORTH: Final = 1
_EAST: Final = 2
_SOUTH: Final = 4
_WEST: Final = 8
_SHAPES: Final = {
    _EAST | _WEST: "─", _NORTH | _SOUTH: "│", _EAST: "─", _WEST: "─", _NORTH: "│", _SOUTH: "│",
    _EAST | _SOUTH: "╭", _WEST | _SOUTH: "╮", _EAST | _NORTH: "╰", _WEST | _NORTH: "╯",
    _NORTH | _EAST | _SOUTH: "├", _NORTH | _WEST | _SOUTH: "┤", _EAST | _SOUTH | _WEST: "┬",
    _EAST | _NORTH | _WEST: "┴", _NORTH | _EAST | _SOUTH | _WEST: "┼",
}  # fmt: skip


class Canvas:
    """Columns and rows count from 0; it grows where something is drawn. What is written covers what is drawn."""

    def __init__(self) -> None:
        self._joints: defaultdict[tuple[int, int], int] = defaultdict(int)
        self._texts: dict[tuple[int, int], str] = {}

    def across(self, y: int, x: int, other: int) -> None:
        """A horizontal line from column to column, both included."""
        left, right = sorted((x, other))
        for at in range(left, right + 1):
            self._joints[at, y] |= (_WEST if at > left else 0) | (_EAST if at < right else 0)

    def down(self, x: int, y: int, other: int) -> None:
        """A vertical line from row to row, both included."""
        top, bottom = sorted((y, other))
        for at in range(top, bottom + 1):
            self._joints[x, at] |= (_NORTH if at > top else 0) | (_SOUTH if at < bottom else 0)

    def write(self, x: int, y: int, text: str) -> None:
        """Printable text; a wide character takes two cells."""
        width = display_width(text)
        if width:
            self._texts[x, y] = text
            self._texts.update(dict.fromkeys(((x + at, y) for at in range(1, width)), ""))

    def box(self, x: int, y: int, width: int, height: int, title: str) -> None:
        """A frame with its title in the upper edge; the title must fit `width` - 4."""
        self.across(y, x, x + width - 1)
        self.across(y + height - 1, x, x + width - 1)
        self.down(x, y, y + height - 1)
        self.down(x + width - 1, y, y + height - 1)
        self.write(x + 1, y, f" {title} ")

    def lines(self) -> tuple[str, ...]:
        """All rows, without spaces at their ends."""
        cells = {**{at: _SHAPES.get(joints, " ") for at, joints in self._joints.items()}, **self._texts}
        rows: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for (x, y), text in cells.items():
            rows[y][x] = text
        return tuple(_joined(rows[y]) for y in range(max(rows, default=-1) + 1))


def _joined(row: dict[int, str]) -> str:
    return "".join(row.get(x, " ") for x in range(max(row, default=-1) + 1)).rstrip()
