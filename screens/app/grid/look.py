"""How the grid looks and which keys it has; what they do stands in `grid.py`."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

from soundcheck.screens.app.grid.painter import GridStyles

INKS: Final = {name: f"grid--{name.replace('_', '-')}" for name in GridStyles.__dataclass_fields__}
"""Each ink's component class."""

CSS: Final = """
Grid {
    background: $background;
    scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
    .grid--header { color: $muted; text-style: bold; }
    .grid--key { color: $secondary; }
    .grid--text { color: $foreground; }
    .grid--null { color: $faint; text-style: italic; }
    .grid--number { color: $foreground; }
    .grid--time { color: $secondary; }
    .grid--masked { color: $faint; }
    .grid--faint { color: $faint; }
    .grid--new { color: $success; }
    .grid--changed { color: $warning; }
    .grid--gone { color: $error; text-style: strike; }
    .grid--cursor-row { background: $cursor-blurred; }
    .grid--cursor-cell { text-style: bold; }
    &:focus .grid--cursor-row { background: $cursor; }
    &:focus .grid--cursor-cell { background: $primary; color: $background; text-style: bold; }
    &:ansi .grid--null { text-style: dim italic; }
    &:ansi .grid--faint { text-style: dim; }
    &:ansi .grid--masked { text-style: dim; }
    &:ansi .grid--new { text-style: bold; }
    &:ansi .grid--changed { text-style: bold; }
    &:ansi .grid--gone { text-style: dim strike; }
    &.-offline {
        .grid--key, .grid--text, .grid--number, .grid--time, .grid--masked { color: $faint; }
    }
    &.-offline:ansi {
        .grid--key, .grid--text, .grid--number, .grid--time { text-style: dim; }
    }
    &:ansi .grid--cursor-row { background: ansi_default; text-style: bold; }
    &:ansi:focus .grid--cursor-cell { background: ansi_default; color: ansi_default; text-style: bold reverse; }
}
"""

KEYS: Final[list[BindingType]] = [
    Binding("enter", "open", "Record", tooltip="Open the row under the cursor with all its columns"),
    Binding("up,k", "move(-1)", "Up", show=False, tooltip="The row above"),
    Binding("down,j", "move(1)", "Down", show=False, tooltip="The row below"),
    Binding("left,h", "move_column(-1)", "Left", show=False, tooltip="The column to the left"),
    Binding("right,l", "move_column(1)", "Right", show=False, tooltip="The column to the right"),
    Binding("pageup", "page(-1)", "Page up", show=False, tooltip="One page up"),
    Binding("pagedown,space", "page(1)", "Page down", show=False, tooltip="One page down"),
    Binding("v", "pick", "Mark", show=False, tooltip="Mark this row, or unmark it; c copies all marked rows"),
    Binding("V", "unpick", "Unmark", show=False, tooltip="Unmark all rows"),
    Binding("home", "edge('first')", "First row", show=False, tooltip="To the first row of the table"),
    Binding("end,G", "edge('last')", "Last row", show=False, tooltip="To the last row, whatever the table's size"),
]
