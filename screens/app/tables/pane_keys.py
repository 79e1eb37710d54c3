"""The keys of a table's rows, those that the key line should show first."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

KEYS: Final[list[BindingType]] = [
    Binding("r", "try_again", "Try again", tooltip="Ask the database again, in the same place"),
    Binding("r", "reveal", "Reveal", tooltip="Show or mask the personal column under the cursor"),
    Binding("f", "follow", "Follow", tooltip="Open the row that this foreign key names"),
    Binding(
        "A", "search_all", "Search all columns", tooltip="Look for the term in the columns that were left out, too"
    ),
    Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only rows whose value in this column fits"),
    Binding("s", "sort", "Sort", tooltip="Sort by this column: ascending, descending, off"),
    Binding("g", "go_to", "Go to", tooltip="To a value, a date or a percentage of the rows"),
    Binding("x", "spell", "SQL", tooltip="These rows as SQL, this row as a Prisma call and Redis commands"),
    Binding("t", "structure", "Structure", tooltip="Columns, indexes, constraints and the SQL that makes this table"),
    Binding("n", "count", "Count", tooltip="Count the rows up to 10,000; once more counts all of them"),
    Binding("F", "watch", "Watch", tooltip="Follow these rows: ask again and again, and mark what changed; stop it"),
    Binding("c", "copy", "Copy", tooltip="Copy the cell under the cursor"),
    Binding(
        "C", "cache_column", "Cache column", show=False, tooltip="Whether each row's cached copy is fresh; hide it"
    ),
    Binding("S", "sort(True)", "Sort also by", show=False, tooltip="Sort by this column too, after the others"),
    Binding(
        "ctrl+f", "search", "Search rows", show=False, tooltip="Look for a word, a number or a date in every column"
    ),
    Binding("backspace", "unfilter", "Remove filter", show=False, tooltip="Take the last filter away"),
    Binding("minus", "hide", "Hide column", show=False, tooltip="Hide the column under the cursor"),
    Binding("plus", "show_all", "All columns", show=False, tooltip="Show all columns, as wide as they need"),
    Binding(
        "z", "freeze", "Freeze", show=False, tooltip="Keep the columns up to this one in sight; z there lets them go"
    ),
    Binding(
        "less_than_sign", "resize(-2)", "Narrower", show=False, tooltip="Make the column under the cursor narrower"
    ),
    Binding("greater_than_sign", "resize(2)", "Wider", show=False, tooltip="Make the column under the cursor wider"),
    Binding("ctrl+r", "read_again", "Read again", show=False, tooltip="Read the table again from its first row"),
    Binding("escape", "cancel", "Cancel", tooltip="Stop reading; the server stops as well"),
]

ROW_KEYS: Final = frozenset(
    {
        "filter",
        "sort",
        "go_to",
        "count",
        "search",
        "spell",
        "structure",
        "hide",
        "show_all",
        "resize",
        "freeze",
        "cache_column",
    }
)
"""Actions that need rows, and the focus on them: in a text field their keys are letters."""
