"""What the parts of a pane of rows see of it: its state, its grid, its database, and a way to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.reactive import var

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts.store_question import Answered, StoreQuestion, What
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.clock import Clock
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.postgres.database import Database


class RowsPane(Vertical):
    """A part reports by assigning a new `state`. The lines of the pane are bound to it."""

    state: var[PaneState] = var(PaneState(), init=False)

    if TYPE_CHECKING:
        app: Shell

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.clock = clock
        self.grid = Grid(clock, id="grid")
        self.database: Database | None = None
        """The database the rows are read from."""
        self._questions: list[tuple[str, StoreQuestion[Any, Any]]] = []

    @property
    def view(self) -> TableView | None:
        """The view on screen, None for nothing."""
        return self.state.view

    @property
    def table(self) -> Table | None:
        """The table that is open."""
        return self.state.table

    def say(self, words: str | SoundcheckError) -> None:
        """Show the result of a key above the rows until the next request; "" clears it."""
        self.state = self.state.replied(words)

    def look_at_grid(self) -> None:
        """Take over the grid's cursor and visible rows."""
        self.state = self.state.at(self.grid.here)

    # ── asking ──

    def question(
        self,
        description: str,
        *,
        answered: Callable[[What, Answered], Any],
        failed: Callable[[What, SoundcheckError], Any],
        doing: str = "asking the server…",
    ) -> StoreQuestion[What, Answered]:
        """Make one that Esc cancels. While it is slow, the status line shows `doing`; the first one made wins."""
        made = StoreQuestion(self, description, answered=answered, failed=failed, slow=self._show_what_is_slow)
        self._questions.append((doing, made))
        return made

    def _show_what_is_slow(self) -> None:
        slow = (doing for doing, question in self._questions if question.is_slow)
        self.state = self.state.waiting(busy=next(slow, ""))

    @property
    def is_asking(self) -> bool:
        """Whether any question is still open."""
        return any(question.waits_for is not None for _, question in self._questions)

    def cancel_all(self) -> None:
        """Drop every open question."""
        for _, question in self._questions:
            question.cancel()
