"""The line under the grid: the cell under the cursor exactly, with its type; the grid shows ages and cut values."""

from __future__ import annotations

from textual.content import Content

from screens.app.grid.grid import Grid
from stores.cells import CellKind, cell_text
from stores.paging import Cut
from stores.personal import Sensitivity, mask


def cell_line(grid: Grid, width: int) -> Content:
    """`createdAt  timestamptz  2026-11-19 08:12:44.120+00`, one line of at most `width` columns."""
    row, column = grid.row, grid.column
    if row is None or column is None:
        return Content("")
    value = row.values[column.index]
    label = f"{column.name}  {column.type_name}  "
    size = ""
    if isinstance(value, Cut):
        size = f"  {value.size:,} bytes, enter shows all"
    note = ""
    if grid.painter.is_masked(column):
        value = mask(value, column.sensitivity)
        note = "  r reveals" if column.sensitivity is not Sensitivity.OPEN else ""
    cell = cell_text(value, column.type_name, width=max(8, width - len(label) - len(size) - len(note)))
    text = {CellKind.NULL: "∅ NULL, no value", CellKind.EMPTY: '"" the empty text'}.get(cell.kind, cell.text)
    return Content.assemble((label, "$faint"), text, (size + note, "$faint"))
