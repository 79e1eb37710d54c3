"""A pane of rows as its parts see it: one state, the grid, the database, and a way to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual.containers import Vertical
from textual.reactive import var

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts.question import Question
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.clock import Clock
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.postgres.database import Database

What = TypeVar("What")
Answer = TypeVar("Answer")


class RowsPane(Vertical):
    """Whatever a part finds out becomes another `state`; the lines of the pane are bound to it and follow."""

    state: var[PaneState] = var(PaneState(), init=False)

    if TYPE_CHECKING:
        app: Shell

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.clock = clock
        self.grid = Grid(clock, id="grid")
        self.database: Database | None = None
        """Where the rows come from."""
        self._questions: list[tuple[str, Question[Any, Any]]] = []

    @property
    def view(self) -> TableView | None:
        """What is on screen, None for nothing."""
        return self.state.view

    @property
    def table(self) -> Table | None:
        """The table that is open."""
        return self.state.table

    def say(self, words: str | SoundcheckError) -> None:
        """What became of a key, above the rows until something else is asked for; "" takes it away."""
        self.state = self.state.replied(words)

    def look_at_grid(self) -> None:
        """Where the cursor is now, and which rows are on screen."""
        self.state = self.state.at(self.grid.here)

    # ── asking ──

    def question(
        self,
        description: str,
        *,
        answered: Callable[[What, Answer], Any],
        failed: Callable[[What, SoundcheckError], Any],
        doing: str = "asking the server…",
    ) -> Question[What, Answer]:
        """One that Esc cancels, and that is named as `doing` when it takes long; of several the first one made is."""
        made = Question(self, description, answered=answered, failed=failed, slow=self._show_what_is_slow)
        self._questions.append((doing, made))
        return made

    def _show_what_is_slow(self) -> None:
        slow = (doing for doing, question in self._questions if question.is_slow)
        self.state = self.state.waiting(busy=next(slow, ""))

    @property
    def is_asking(self) -> bool:
        """Whether an answer is awaited."""
        return any(question.waits_for is not None for _, question in self._questions)

    def cancel_all(self) -> None:
        """Nobody needs the answers any more."""
        for _, question in self._questions:
            question.cancel()
