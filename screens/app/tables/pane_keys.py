"""The keys of a table's rows, those that the key line should show first."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

KEYS: Final[list[BindingType]] = [
    Binding("r", "reveal", "Reveal", tooltip="Show or mask the personal column under the cursor"),
    Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only rows whose value in this column fits"),
    Binding("s", "sort", "Sort", tooltip="Sort by this column: ascending, descending, off"),
    Binding("g", "go_to", "Go to", tooltip="To a value, a date or a percentage of the rows"),
    Binding("n", "count", "Count", tooltip="Count the rows up to 10,000; once more counts all of them"),
    Binding("c", "copy", "Copy", tooltip="Copy the cell under the cursor"),
    Binding("S", "sort(True)", "Sort also by", show=False, tooltip="Sort by this column too, after the others"),
    Binding(
        "ctrl+f", "search", "Search rows", show=False, tooltip="Look for a word, a number or a date in every column"
    ),
    Binding("backspace", "unfilter", "Remove filter", show=False, tooltip="Take the last filter away"),
    Binding("ctrl+r", "read_again", "Read again", show=False, tooltip="Read the table again from its first row"),
    Binding("escape", "cancel", "Cancel", tooltip="Stop reading; the server stops as well"),
]

ROW_KEYS: Final = frozenset({"filter", "sort", "go_to", "count", "search", "unfilter"})
"""Actions that need rows, and the focus on them: in a text field their keys are letters."""
