"""The verdict on top of the checks: what it came to, how old that is, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.widgets import Static

from soundcheck.checks.verdict import Verdict
from soundcheck.screens.app.checks.group_line import verdict_text
from soundcheck.screens.app.parts import later
from soundcheck.stores.clock import Clock
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.project.own_command import spelled

AGES_EVERY: Final = 10.0
_LOW: Final = 30
"""Rows under which the verdict is short."""


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict, the moment it was given, and the stores that did not answer by then."""

    verdict: Verdict
    corner: str
    at: float
    troubles: frozenset[Half]


class VerdictPane(Static):
    """Any words while checks run; then the verdict, whose age is drawn anew by itself."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(id="verdict", classes="pane", markup=False)
        self.border_title = Content("Verdict")
        self._clock = clock
        self._given: Given | None = None
        self._repaired: tuple[str, ...] = ()
        self._troubles: Mapping[Half, str] = {}

    def on_mount(self) -> None:
        """Grow older."""
        later.every(self, AGES_EVERY, self.draw)

    def say(self, text: Content) -> None:
        """Words instead of a verdict."""
        self._given = None
        self.update(text)
        self.border_subtitle = Content("")

    def begin(self) -> None:
        """Another run: what was repaired before the last one is told."""
        self._repaired = ()

    def repaired(self, what: str) -> None:
        """Something was put right in passing, before the checks looked."""
        self._repaired = (*self._repaired, what)

    def give(self, verdict: Verdict, corner: str) -> None:
        """The verdict, with what stands beside its age."""
        self._given = Given(verdict, corner, self._clock.monotonic(), frozenset(self._troubles))
        self.draw()

    def follow(self, troubles: Mapping[Half, str]) -> None:
        """The stores that do not answer now."""
        self._troubles = troubles
        self.draw()

    def draw(self) -> None:
        """Two lines of sentence where the screen is low; the row it rests on has all of it."""
        given = self._given
        if given is None:
            return
        size = self.screen.size
        most = 2 * size.width - 20 if size.height < _LOW else 2000
        lines = [verdict_text(given.verdict, max(most, 60))]
        lines += [Content.styled(f"· {spelled(what)}", "$muted") for what in self._repaired]
        lines += [Content.styled(f"! {words}", "bold $warning") for words in failed_since(given, self._troubles)]
        self.update(Content("\n").join(lines))
        age = age_words(self._clock.monotonic() - given.at)
        self.border_subtitle = Content(f"{age} · {given.corner}")


def age_words(seconds: float) -> str:
    """`just now`, `4 min ago`, `2 h ago`."""
    if seconds < 60:
        return "just now"
    return f"{seconds // 60:.0f} min ago" if seconds < 3600 else f"{seconds // 3600:.0f} h ago"


def failed_since(given: Given, troubles: Mapping[Half, str]) -> list[str]:
    """Which stores stopped answering after the verdict was given; one that was down by then is part of it."""
    return [
        f"Since then the {half} stopped answering: {words} ctrl+r asks again."
        for half, words in troubles.items()
        if half not in given.troubles
    ]
