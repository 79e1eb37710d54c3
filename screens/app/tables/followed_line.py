"""The line below followed rows."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import var
from textual.widget import Widget

from soundcheck.screens.app.follow.follow_line import FollowLine, cell_words, state_words
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.stores.clock import Clock


class FollowedLine(FollowLine):
    """How often the rows are read, what changed, and the old value of the cell under the cursor."""

    state: var[PaneState] = var(PaneState())

    def __init__(self, clock: Clock) -> None:
        super().__init__(markup=False)
        self._clock = clock

    def watch_state(self, before: PaneState, state: PaneState) -> None:
        """The words mention ages, so they are redrawn at each key and each look."""
        if (state.following, state.here) != (before.following, before.here):
            self._draw()

    def on_resize(self) -> None:
        """Fit the words to the new width."""
        self._draw()

    def _draw(self) -> None:
        state, pane = self.state, self.parent
        width = pane.content_size.width if isinstance(pane, Widget) else 0
        words = state_words(state.following.status, dict(state.following.marks), width, neon=state.neon)
        cell = cell_words(state.here, self._clock.now(), width)
        self.show(Content("\n").join([part for part in (words, cell) if part.plain]))
