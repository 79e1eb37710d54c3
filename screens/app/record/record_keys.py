"""The keys of a record."""

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
