"""The keys of a record, and what `?` says of them."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

RECORD_KEYS: Final[list[BindingType]] = [
    Binding("x", "spell", "As code", tooltip="This row as JSON, INSERT, a Prisma call and Redis commands"),
    Binding("n", "count", "Count", tooltip="Count the rows that point at this one, up to 1,000 each"),
    Binding("f,enter", "follow", "Follow", tooltip="Open the row that this column names"),
    Binding("u", "ask", "Ask cache", tooltip="Ask the cache again: two commands for each key"),
    Binding("w", "copy('warm')", "Warm", show=False, tooltip="Store the row's present value in the cache"),
    Binding("d", "copy('drop')", "Drop", show=False, tooltip="Drop the cached copy; asks first"),
    Binding("t", "copy('saving')", "What it saves", show=False, tooltip="Time this row from either store"),
    Binding("tab", "part(1)", "Relations", tooltip="From the columns to the relations, to the copies"),
    Binding("shift+tab", "part(-1)", "Part before", show=False, tooltip="The same the other way round"),
    Binding("right,l", "copies", "Copies", show=False, tooltip="To the cached copies"),
    Binding("escape,backspace", "back", "Back", key_display="esc", tooltip="Back to where you came from"),
    Binding("R", "reveal_session", "Reveal all", show=False, tooltip="Show every value everywhere; mask again"),
    Binding("Z", "zoom", "Zoom", show=False, tooltip="Give the row all the room, or show its copies again"),
    Binding("F", "watch", "Watch", tooltip="Follow this row: ask again and again, and mark what changed; stop it"),
]

RECORD_HELP: Final = (
    "One row with every column. ∅ is NULL, no value. Personal and secret values stay masked until you reveal the "
    "very cell; copying copies what you see.\n\n"
    "Leads to: → is a row that this one names, ← are the rows that name it; tab goes there, enter opens them, n "
    "counts them all. On a column that names a row, f opens that row. "
    "The title is the way here, esc goes back one step.\n\n"
    "F follows the row: it is read again and again, ~ stands where a value changed, old → new below it.\n\n"
    "Beside it: the cache keys that hold this row, whether each copy still says what the database says, and the "
    "fields that differ, masked as they are masked here. Opening the row costs two commands for each key. On a "
    "copy (right arrow): d drops it and asks first, w stores the present value, t times what it saves."
)
