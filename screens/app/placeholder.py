"""What stands where Setup's screens are not installed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores.project.own_command import spelled


class PlaceholderScreen(PlaceScreen):
    """Says how to set up without this screen."""

    PLACE: ClassVar[Place] = Place.SETUP

    def compose_body(self) -> ComposeResult:
        """One sentence."""
        yield Static(Content(spelled("Set up with:  soundcheck setup")), classes="pane")
