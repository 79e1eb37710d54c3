"""Words that say that something is being read, with the time that it has taken so far running beside them."""

from __future__ import annotations

import time
from typing import Final

from textual.content import Content
from textual.timer import Timer
from textual.visual import VisualType

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText

RUNNING: Final = "◐"
"""What words begin with while something runs."""


def with_time(words: str, seconds: int) -> str:
    """`◐ reading…  esc Back  3 s`: the time at the end, once there is a whole second of it."""
    return f"{words.rstrip()}  {seconds} s" if seconds else words


class TimedText(CommandText):
    """A text for one's own words, never markup. What does not begin with `◐` stands as it is."""

    def __init__(self, content: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(content, id=id, classes=classes, markup=False)
        self._words: Content | None = None
        self._since = 0.0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """The first words may say that something runs."""
        self._follow(self.content)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Other words, and another beginning."""
        super().update(content, layout=layout)
        self._follow(content)

    def _follow(self, content: VisualType) -> None:
        words = Content(content) if isinstance(content, str) else content
        if self._timer is not None:
            self._timer.stop()
        self._timer, self._words = None, None
        if isinstance(words, Content) and words.plain.lstrip().startswith(RUNNING) and self.is_attached:
            self._words, self._since = words, time.monotonic()
            self._timer = later.every(self, 1.0, self._tick)

    def _tick(self) -> None:
        if self._words is not None:
            text = with_time(self._words.plain, int(time.monotonic() - self._since))
            super().update(Content(text, spans=list(self._words.spans)), layout=False)
