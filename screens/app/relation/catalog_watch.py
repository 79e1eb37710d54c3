"""Whether the tables are still what they were: looked at on coming back, on the refresh key, after a telling error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.relation.known import Known, known_anew
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

_OTHER_CAUSES = frozenset({Trouble.TIMEOUT, Trouble.READ_ONLY})


class CatalogWatch(Asker):
    """Costs one small statement a look while nothing changed. `Answered` has the tables of now, None for the same ones.

    Nothing is asked before `known` is there, nor for a screen that something else covers. A step back to a screen below
    asks nothing: it takes what the screen above found.
    """

    if TYPE_CHECKING:
        app: Shell

    def __init__(self, known: Known | None = None) -> None:
        super().__init__("Looking for changed tables", id="changes")
        self.known = known
        self._unlisten: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        """The place is opened again, the terminal gets the focus, or somebody is back at its keys."""
        self._unlisten = self.app.activity.listen(later.while_open(self, self._woken))
        later.on_signal(self, self.app.mode_change_signal, lambda _: self._woken())

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._unlisten()

    def _woken(self) -> None:
        is_seen = self.app.screen is self.screen and not self.app.activity.pause_reason
        if is_seen and self.known is not None and self.waits_for is None:
            self.look()

    def take(self, known: Known) -> None:
        """The tables are these, for the screens below this one as well."""
        self.known = self.app.known = known

    @property
    def found_above(self) -> Known | None:
        """The tables that another screen found changed, None where they are the same."""
        mine, theirs = self.known, self.app.known
        if mine is None or theirs is None or theirs.catalog.fingerprint == mine.catalog.fingerprint:
            return None
        return theirs

    def look(self, why: Any = "back", *, whole: bool = False) -> None:
        """Look now; `why` comes back with the answer. An error that waits for its answer is not forgotten for less."""
        database, known = self.app.services.database, self.known
        if database is None:
            return
        if isinstance(why, str) and not isinstance(self.waits_for, str | None):
            return
        self.ask(why, lambda: known_anew(database, known, whole=whole))


def may_mean_a_change(problem: SoundcheckError) -> bool:
    """Whether the tables may be others than those that a statement was made for.

    Any refusal may: a missing column says so, but a changed type is "operator does not exist", a value that its
    column does not take, or "cached plan must not change result type", and a changed right is "permission denied".
    """
    return not (isinstance(problem, DatabaseProblem) and (problem.is_away or problem.trouble in _OTHER_CAUSES))
