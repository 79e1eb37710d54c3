"""Place 3: is the cache doing its job."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from screens.app.cache.panel import CachePanel
from screens.app.place_screen import PlaceScreen
from screens.app.start import Place


class CacheScreen(PlaceScreen):
    """The panel, large."""

    PLACE: ClassVar[Place] = Place.CACHE
    watches_cache: ClassVar[bool] = True

    def compose_body(self) -> ComposeResult:
        """The panel."""
        yield CachePanel()
