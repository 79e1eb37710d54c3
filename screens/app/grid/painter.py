"""Rows to strips: every value becomes segments of plain text, so that nothing in it is markup or an escape sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from screens.app.grid.column import NULL, GridColumn
from stores.cells import CellKind, CellText
from stores.personal import Sensitivity

GAP: Final = 2
_LABEL: Final = 14


@dataclass(frozen=True, slots=True)
class Inks:
    """The styles of a grid, without a background but for the two of the cursor."""

    header: Style
    key: Style
    text: Style
    null: Style
    number: Style
    time: Style
    masked: Style
    faint: Style
    cursor_row: Style
    cursor_cell: Style

    def of(self, column: GridColumn, kind: CellKind, *, masked: bool) -> Style:
        """The style of one cell."""
        if kind in {CellKind.NULL, CellKind.EMPTY, CellKind.BLANK}:
            return self.null
        if masked:
            return self.masked
        if column.is_key:
            return self.key
        return {CellKind.NUMBER: self.number, CellKind.TIME: self.time}.get(kind, self.text)


class Painter:
    """Draws headers, rows and cards for one set of columns."""

    def __init__(self, columns: Sequence[GridColumn], inks: Inks, now: datetime, revealed: frozenset[str]) -> None:
        self.columns = columns
        self._inks = inks
        self._now = now
        self._revealed = revealed
        self.frozen = sum(column.width + GAP for column in columns if column.is_key)
        self.width = sum(column.width + GAP for column in columns)

    def start_of(self, index: int) -> int:
        """Where a column begins, counted from the first one."""
        return sum(column.width + GAP for column in self.columns[:index])

    def header(self) -> Strip:
        """The names of the columns."""
        segments = []
        for column in self.columns:
            name = set_cell_size(column.name, column.width) if cell_len(column.name) > column.width else column.name
            pad = " " * (column.width - cell_len(name))
            text = pad + name if column.to_the_right else name + pad
            segments.append(Segment(text + " " * GAP, self._inks.header))
        return Strip(segments, self.width)

    def row(self, row: Sequence[Any], cursor: int | None = None) -> Strip:
        """A row, its cell under the cursor marked."""
        segments = []
        for at, column in enumerate(self.columns):
            text, style = self._cell(row, column, column.width)
            pad = " " * (column.width - cell_len(text))
            text = pad + text if column.to_the_right else text + pad
            if at == cursor:
                segments += [Segment(text, style + self._inks.cursor_cell), Segment(" " * GAP, None)]
            else:
                segments.append(Segment(text + " " * GAP, style))
        return Strip(segments, self.width)

    def card(self, row: Sequence[Any], line: int, height: int, width: int, cursor: int | None = None) -> Strip:
        """One line of a row drawn as a card: a column a line, a blank line below."""
        if line == height - 1 or line >= len(self.columns):
            return Strip([Segment(" " * width)], width)
        column = self.columns[line]
        label = set_cell_size(column.name, _LABEL - 2) + "  "
        text, style = self._cell(row, column, max(4, width - _LABEL))
        if line == cursor:
            style += self._inks.cursor_cell
        rest = width - _LABEL - cell_len(text)
        return Strip([Segment(label, self._inks.faint), Segment(text, style), Segment(" " * max(0, rest))], width)

    def missing(self, width: int) -> Strip:
        """A row that is still on its way."""
        return Strip([Segment(set_cell_size("  ·  ·  ·", width), self._inks.faint)], width)

    def is_masked(self, column: GridColumn) -> bool:
        """Whether a column's values are hidden now."""
        return column.sensitivity is not Sensitivity.OPEN and column.name not in self._revealed

    def cell(self, row: Sequence[Any], column: GridColumn, width: int) -> CellText:
        """What a cell says in `width` columns."""
        return column.cell(row, self._now, revealed=column.name in self._revealed, width=width)

    def _cell(self, row: Sequence[Any], column: GridColumn, width: int) -> tuple[str, Style]:
        cell = self.cell(row, column, width)
        text = NULL if cell.kind is CellKind.NULL else cell.text
        if cell_len(text) > width:
            text = set_cell_size(text, width)
        return text, self._inks.of(column, cell.kind, masked=self.is_masked(column))
