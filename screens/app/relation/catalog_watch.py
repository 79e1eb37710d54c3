"""Whether the tables are still what they were: looked at on coming back, on the refresh key, after a telling error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.question import Question
from soundcheck.screens.app.relation.known import Known, known_anew
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

if TYPE_CHECKING:
    from textual.widget import Widget

    from soundcheck.screens.app.shell import Shell

_OTHER_CAUSES = frozenset({Trouble.TIMEOUT, Trouble.READ_ONLY})

Doubt = TypeVar("Doubt")


@dataclass(frozen=True, slots=True)
class _Look(Generic[Doubt]):
    """`doubt` is what went wrong, None where somebody just looks."""

    doubt: Doubt | None


class CatalogWatch(Generic[Doubt]):
    """Costs one small statement a look while nothing changed.

    `changed` is called with the tables of now and what was doubted; `settled` with the latter alone, where they are the
    same, or nobody knows. Nothing is asked before `known` is there, nor for a screen that something else covers. A step
    back to a screen below asks nothing: it takes what the screen above found. Its widget calls `listen` once it is
    mounted, and `end` when it is gone.
    """

    def __init__(
        self,
        node: Widget,
        *,
        changed: Callable[[Known, Doubt | None], Any],
        settled: Callable[[Doubt | None], Any],
        known: Known | None = None,
    ) -> None:
        self.known = known
        self._node = node
        self._changed = changed
        self._settled = settled
        self._question: Question[_Look[Doubt], Known | None] = Question(
            node,
            "Looking for changed tables",
            answered=self._looked,
            failed=lambda look, _problem: self._settled(look.doubt),
        )
        self._unlisten: Callable[[], None] = lambda: None

    @property
    def _app(self) -> Shell:
        return cast("Shell", self._node.app)

    def listen(self) -> None:
        """The place is opened again, the terminal gets the focus, or somebody is back at its keys."""
        self._unlisten = self._app.activity.listen(later.while_open(self._node, self._woken))
        later.on_signal(self._node, self._app.mode_change_signal, lambda _: self._woken())

    def end(self) -> None:
        """Nobody looks any more."""
        self._unlisten()

    def _woken(self) -> None:
        is_seen = self._app.screen is self._node.screen and not self._app.activity.pause_reason
        if is_seen and self.known is not None and self._question.waits_for is None:
            self.look()

    def take(self, known: Known) -> None:
        """The tables are these, for the screens below this one as well."""
        self.known = self._app.known = known

    @property
    def found_above(self) -> Known | None:
        """The tables that another screen found changed, None where they are the same."""
        mine, theirs = self.known, self._app.known
        if mine is None or theirs is None or theirs.catalog.fingerprint == mine.catalog.fingerprint:
            return None
        return theirs

    def look(self, doubt: Doubt | None = None, *, whole: bool = False) -> None:
        """Look now. An error that waits for its answer is not forgotten for less."""
        database, known, waits = self._app.services.database, self.known, self._question.waits_for
        if database is None or (doubt is None and waits is not None and waits.doubt is not None):
            return
        self._question.ask(_Look(doubt), lambda: known_anew(database, known, whole=whole))

    def _looked(self, look: _Look[Doubt], known: Known | None) -> Any:
        return self._settled(look.doubt) if known is None else self._changed(known, look.doubt)


def may_mean_a_change(problem: SoundcheckError) -> bool:
    """Whether the tables may be others than those that a statement was made for.

    Any refusal may: a missing column says so, but a changed type is "operator does not exist", a value that its
    column does not take, or "cached plan must not change result type", and a changed right is "permission denied".
    """
    return not (isinstance(problem, DatabaseProblem) and (problem.is_away or problem.trouble in _OTHER_CAUSES))
