"""The keys that work on every screen."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

from soundcheck.screens.app.start import Place

_PLACE_KEYS: Final = [
    Binding(f"{place.digit},f{number}", f"go('{place}')", place.label, show=False, tooltip=f"Go to {place.label}")
    for number, place in enumerate(Place, start=2)
]
"""1 to 4, and F2 to F5 for where digits are text."""

APP_KEYS: Final[list[BindingType]] = [
    *_PLACE_KEYS,
    Binding("question_mark", "explain", "Help", key_display="?", tooltip="What this screen is for"),
    Binding("f1", "explain", "Help", key_display="F1", tooltip="What this screen is for"),
    # The framework adds its own ctrl+p only where no other key opens the palette.
    Binding(
        "f6,ctrl+p",
        "command_palette",
        "Palette",
        show=False,
        key_display="F6",
        tooltip="Find every action by its name",
    ),
    Binding("L,f10", "start_stack", "Start stack", key_display="L", tooltip="Start the local stack again"),
    Binding("W,f7", "allow_writing", "Writing", show=False, tooltip="Allow writing in this session, or stop it"),
    Binding("ctrl+q", "quit", "Quit", priority=True, key_display="ctrl+q", tooltip="Leave Soundcheck"),
]
