"""Rows to strips: every value becomes segments of plain text, so that nothing in it is markup or an escape sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from soundcheck.screens.app.grid.column import NULL, GridColumn
from soundcheck.screens.app.grid.cut_cell import cut, headed, shown_part
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import CellKind, CellText
from soundcheck.stores.rows.follow import RowMark, RowState
from soundcheck.stores.sensitivity import Sensitivity

GAP: Final = 2
MARKS: Final = {RowState.NEW: "+", RowState.CHANGED: "~", RowState.GONE: "-"}
"""What stands behind a cell whose row is followed, so that no colour is needed to tell."""
PICKED: Final = "✓"
"""What stands there of a row that the user marked."""
_LABEL: Final = 14


@dataclass(frozen=True, slots=True)
class GridStyles:
    """The styles of a grid, without a background but for the two of the cursor."""

    header: Style
    key: Style
    text: Style
    null: Style
    number: Style
    time: Style
    masked: Style
    faint: Style
    new: Style
    changed: Style
    gone: Style
    cursor_row: Style
    cursor_cell: Style

    def on(self, ground: Style) -> GridStyles:
        """The same inks on a background, worked out once and not for every cell."""
        return GridStyles(**{field.name: ground + getattr(self, field.name) for field in fields(self)})

    def marked(self, style: Style, state: RowState | None) -> Style:
        """The style of a cell that something happened to."""
        if state is None:
            return style
        return style + {RowState.NEW: self.new, RowState.CHANGED: self.changed, RowState.GONE: self.gone}[state]

    def of(self, column: GridColumn, kind: CellKind, *, masked: bool) -> Style:
        """The style of one cell."""
        if kind in {CellKind.NULL, CellKind.EMPTY, CellKind.BLANK}:
            return self.null
        if masked:
            return self.masked
        if column.is_key:
            return self.key
        return {CellKind.NUMBER: self.number, CellKind.TIME: self.time}.get(kind, self.text)


def followed_cell(mark: RowMark | None, place: int, *, first: bool) -> tuple[RowState | None, str]:
    """What became of a cell, and the sign behind it: a row's own stands behind its first cell."""
    if mark is None:
        return None, ""
    if mark.state is RowState.GONE:
        return mark.state, MARKS[mark.state] if first else ""
    if first and mark.state is RowState.NEW:
        return mark.state, MARKS[mark.state]
    return (RowState.CHANGED, MARKS[RowState.CHANGED]) if place in mark.cells else (None, "")


class Painter:
    """Draws headers, rows and cards for one set of columns; every strip is whole: as wide as the view, with ground."""

    def __init__(
        self, columns: Sequence[GridColumn], inks: GridStyles, ground: Style, now: datetime, revealed: frozenset[str]
    ) -> None:
        self.columns = columns
        self._grounds = {False: ground, True: ground + inks.cursor_row}
        self._inks = {here: inks.on(style) for here, style in self._grounds.items()}
        self._labels = [visible(column.name) for column in columns]
        self._now = now
        self._revealed = revealed
        self._still: tuple[int, int, int] = (-1, 0, 0)
        self._starts = list(accumulate((column.width + GAP for column in columns), initial=0))

    def inks(self, *, here: bool) -> GridStyles:
        """The inks on the ground of a row, `here` of the one under the cursor."""
        return self._inks[here]

    def start_of(self, index: int) -> int:
        """Where a column begins, counted from the first one."""
        return self._starts[index]

    def header(self, x: int, width: int) -> Strip:
        """The names of the columns that are seen when scrolled to `x`."""
        segments = {}
        for at in self._seen(x, width):
            column = self.columns[at]
            left, right = self._hidden(at, x, width)
            shown = column.width - left - max(right - GAP, 0)
            if column.mark and (left or right > GAP) and shown > 0:
                name = headed(self._labels[at], column.mark, shown, from_left=bool(left))
                text = " " * left + name + " " * (column.width - left - cell_len(name))
            else:
                name = headed(self._labels[at], column.mark, column.width)
                pad = " " * (column.width - cell_len(name))
                text = pad + name if column.to_the_right else name + pad
            segments[at] = [Segment(text + " " * GAP, self._inks[False].header)]
        return self._joined(segments, x, width, here=False)

    def row(
        self,
        row: Sequence[Any],
        x: int,
        width: int,
        cursor: int | None = None,
        mark: RowMark | None = None,
        *,
        picked: bool = False,
    ) -> Strip:
        """The columns of a row that are seen when scrolled to `x`, the cell under the cursor marked.

        `picked` rows have a tick behind their first cell.
        """
        segments, here = {}, cursor is not None
        inks = self._inks[here]
        for at in self._seen(x, width):
            column = self.columns[at]
            text, style = self._cell(row, column, column.width, inks)
            state, sign = followed_cell(mark, column.index, first=at == 0)
            sign = PICKED if picked and at == 0 else sign
            style = inks.marked(style, state)
            pad = " " * (column.width - cell_len(text))
            text = pad + text if column.to_the_right else text + pad
            if (name := self._name(row, column, column.width - cell_len(text.rstrip()) - 2)) and at != cursor:
                text = text.rstrip() + "  "
                rest = name + " " * (column.width - cell_len(text) - cell_len(name) + GAP)
                segments[at] = [Segment(text, style), Segment(rest, inks.faint)]
            elif at == cursor:
                text = cut(f"{text.rstrip()}  {name}", column.width) if name else text
                text += " " * (column.width - cell_len(text))
                segments[at] = [Segment(text, style + inks.cursor_cell), Segment(" " * GAP, self._grounds[here])]
            else:
                segments[at] = [Segment(text + " " * GAP, style)]
            if sign:
                *before, last = segments[at]
                body = Segment(last.text[:-GAP], last.style)
                segments[at] = [*before, body, Segment(sign, inks.marked(inks.faint, state)), Segment(" ", last.style)]
        return self._joined(segments, x, width, here=here)

    def still(self, width: int) -> tuple[int, int]:
        """How many columns stay while the rest moves in a view of `width`, and how many cells they take.

        The keys do, where they do not fill the view; then those that a person froze, up to half of it.
        """
        if self._still[0] != width:
            self._still = width, *_still(self.columns, width)
        return self._still[1:]

    def _seen(self, x: int, width: int) -> list[int]:
        """The columns of which at least a part is on screen."""
        (count, still), found, start = self.still(width), [], 0
        for at, column in enumerate(self.columns):
            end = start + column.width + GAP
            if at < count or (end > still + x and start < x + width):
                found.append(at)
            start = end
        return found

    def _joined(self, segments: dict[int, list[Segment]], x: int, width: int, *, here: bool) -> Strip:
        """The keys, then the others cut to where the view begins, then the ground up to its end."""
        count, still = self.still(width)
        fixed = [part for at, parts in segments.items() if at < count for part in parts]
        if count and not self.columns[count - 1].is_key:
            fixed = [*Strip(fixed).crop(0, still - 1), Segment("│", self._inks[here].faint)]
        rest: list[Segment] = []
        for at, parts in segments.items():
            left, right = self._hidden(at, x, width)
            if at >= count:
                rest.extend(shown_part(parts, left, right, gap=GAP) if left or right else parts)
        return Strip([*fixed, *rest]).adjust_cell_length(width, self._grounds[here]).simplify()

    def _hidden(self, at: int, x: int, width: int) -> tuple[int, int]:
        """How many cells of a column are out of sight on its left and on its right, the gap behind it counted in."""
        count, still = self.still(width)
        start = self.start_of(at) - (x if at >= count else 0)
        end = start + self.columns[at].width + GAP
        return max(still - start, 0) if at >= count else 0, max(end - width, 0)

    def card(
        self,
        row: Sequence[Any],
        line: int,
        height: int,
        width: int,
        cursor: int | None = None,
        mark: RowMark | None = None,
        *,
        picked: bool = False,
    ) -> Strip:
        """One line of a row drawn as a card: a column a line, a blank line below."""
        gap = line == height - 1 or line >= len(self.columns)
        here = cursor is not None and not gap
        ground, inks = self._grounds[here], self._inks[here]
        if gap:
            return Strip([Segment(" " * width, ground)], width)
        column = self.columns[line]
        state, sign = followed_cell(mark, column.index, first=line == 0)
        sign = PICKED if picked and line == 0 else sign
        label = headed(self._labels[line], column.mark, _LABEL - 2)
        label += " " * (_LABEL - 2 - cell_len(label))
        text, style = self._cell(row, column, max(4, width - _LABEL), inks)
        style = inks.marked(style, state)
        if name := self._name(row, column, width - _LABEL - cell_len(text) - 2):
            text = f"{text}  {name}"
        if line == cursor:
            style += inks.cursor_cell
        signed = Segment(f"{sign or ' '} ", inks.marked(inks.faint, state))
        strip = Strip([Segment(label, inks.faint), signed, Segment(text, style)])
        return strip.adjust_cell_length(width, ground)

    def missing(self, width: int) -> Strip:
        """A row that is still on its way."""
        return Strip([Segment(set_cell_size("  ·  ·  ·", width), self._inks[False].faint)], width)

    def is_masked(self, column: GridColumn) -> bool:
        """Whether a column's values are hidden now."""
        return column.sensitivity is not Sensitivity.OPEN and column.name not in self._revealed

    def cell(self, row: Sequence[Any], column: GridColumn, width: int) -> CellText:
        """What a cell says in `width` columns."""
        return column.cell(row, self._now, revealed=column.name in self._revealed, width=width)

    def blank(self, width: int) -> Strip:
        """Nothing."""
        return Strip([Segment(" " * width, self._grounds[False])], width)

    def _name(self, row: Sequence[Any], column: GridColumn, room: int) -> str:
        """The readable name beside a foreign key, cut to what is left of its column; none for a masked one."""
        name = visible(column.readable(row)) if column.names and not self.is_masked(column) and room > 1 else ""
        return cut(name, room)

    def _cell(self, row: Sequence[Any], column: GridColumn, width: int, inks: GridStyles) -> tuple[str, Style]:
        cell = self.cell(row, column, width)
        text = NULL if cell.kind is CellKind.NULL else cut(cell.text, width)
        return text, inks.of(column, cell.kind, masked=self.is_masked(column))


def _still(columns: Sequence[GridColumn], width: int) -> tuple[int, int]:
    count, cells = 0, 0
    for column in columns:
        wanted = cells + column.width + GAP
        if not (column.is_key or (column.still and wanted <= width // 2)):
            break
        count, cells = count + 1, wanted
        if column.is_key and cells >= width - 8:
            return 0, 0
    return count, cells
