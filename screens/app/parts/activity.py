"""Whether anybody is looking: the one rule that decides if a live view may ask anything at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual import events

from soundcheck.stores.clock import Clock

SIGNS_OF_LIFE: Final = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
IDLE_AFTER: Final = 60.0
"""Seconds without a key or a click after which live views fall silent; a sleeping Neon may then stay asleep."""


class Activity:
    """The last sign of life of the person, and whether the terminal has the focus."""

    def __init__(self, clock: Clock, idle_after: float = IDLE_AFTER) -> None:
        self._clock = clock
        self._idle_after = idle_after
        self._last = clock.monotonic()
        self._has_focus = True
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have it called when a pause may begin or end; what comes back ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()

    @property
    def has_focus(self) -> bool:
        """Whether the terminal has the focus, as far as it tells."""
        return self._has_focus

    @has_focus.setter
    def has_focus(self, focused: bool) -> None:
        if focused and not self._has_focus:
            self._last = self._clock.monotonic()  # whoever turns to the terminal again is back
        self._has_focus = focused
        self._tell()

    def touch(self) -> None:
        """A key or a click came in."""
        was_idle, self._last = self.is_idle, self._clock.monotonic()
        if was_idle:
            self._tell()

    @property
    def is_idle(self) -> bool:
        """Whether nothing came in for too long."""
        return self._clock.monotonic() - self._last >= self._idle_after

    @property
    def pause_reason(self) -> str:
        """Why live views are silent, in a few words; "" when they may ask."""
        if not self.has_focus:
            return "terminal in the background"
        return "no key for a minute" if self.is_idle else ""
