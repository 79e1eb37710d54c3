"""The keys of the rows."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

ROWS_KEYS: Final[list[BindingType]] = [
    Binding("f", "fill", "Fill with sample data", tooltip="Fill all eleven tables with sample data"),
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
    Binding("c", "copy", "Copy", tooltip="Copy the cell, the row or the marked rows: JSON, INSERT, CSV, Markdown, SQL"),
    Binding(
        "C", "cache_column", "Cache column", show=False, tooltip="Whether each row's cached copy is fresh; hide it"
    ),
    Binding("S", "sort(True)", "Sort also by", show=False, tooltip="Sort by this column too, after the others"),
    Binding(
        "ctrl+f", "search", "Search rows", show=False, tooltip="Look for a word, a number or a date in every column"
    ),
    Binding("backspace", "unfilter", "Clear filter", key_display="backspace", tooltip="Take the last filter away"),
    Binding("J", "to_column", "Column", show=False, tooltip="Jump to a column by the first letters of its name"),
    Binding("minus", "hide", "Hide column", show=False, tooltip="Hide the column under the cursor"),
    Binding("plus", "show_all", "All columns", show=False, tooltip="Show all columns, as wide as they need"),
    Binding(
        "z",
        "freeze",
        "Freeze",
        show=False,
        tooltip="Keep the columns up to this one in sight; z there lets them go",
    ),
    Binding(
        "less_than_sign", "resize(-2)", "Narrower", show=False, tooltip="Make the column under the cursor narrower"
    ),
    Binding("greater_than_sign", "resize(2)", "Wider", show=False, tooltip="Make the column under the cursor wider"),
    Binding("escape", "cancel", "Cancel", tooltip="Stop reading; the server stops as well"),
]
