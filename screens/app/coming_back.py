"""The user comes back, to the app or to a place: what is shown there is read again where that is cheap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.place_screen import PlaceScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    from soundcheck.screens.app.shell import Shell

AT_MOST_EVERY: Final = 60.0
"""Seconds between two such reads of one screen."""


class ComingBack:
    """Tells the screen on top: a place that was opened again, a terminal that has the focus again, a key after a pause.

    A screen that is covered by a dialog is not told.
    """

    def __init__(self, app: Shell) -> None:
        self._app = app
        self._opened: set[str] = set()
        """The places that were open before."""
        self._told: WeakKeyDictionary[Screen[Any], float] = WeakKeyDictionary()

    def listen(self) -> None:
        """From now on."""
        self._app.activity.listen(later.while_open(self._app, self._come_back))
        later.on_signal(self._app, self._app.mode_change_signal, self._go_to_place)

    def stores_are_back(self) -> None:
        """A store that was down answers again: every screen is told once more, when it is seen next."""
        self._told.clear()
        self._come_back()

    def _go_to_place(self, place: str) -> None:
        """A place that opens for the first time reads by itself."""
        if place in self._opened:
            self._come_back()
        self._opened.add(place)

    def _come_back(self) -> None:
        app, screen = self._app, self._app.screen
        if app.activity.pause_reason or not isinstance(screen, PlaceScreen) or not screen.is_mounted:
            return
        now = app.services.clock.monotonic()
        if now - self._told.get(screen, -math.inf) >= AT_MOST_EVERY:
            self._told[screen] = now
            screen.look_again()
