"""Notices changed tables: looks when it is asked to, as on the refresh key, and after a telling error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, cast

from soundcheck.screens.app.parts.store_question import StoreQuestion, What
from soundcheck.screens.app.relation.known import Known, known_anew
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

if TYPE_CHECKING:
    from textual.widget import Widget

    from soundcheck.screens.app.shell import Shell

_OTHER_CAUSES = frozenset({Trouble.TIMEOUT, Trouble.READ_ONLY})


@dataclass(frozen=True, slots=True)
class _Look(Generic[What]):
    """`doubt` is what went wrong, None for a routine look."""

    doubt: What | None


class CatalogWatch(Generic[What]):
    """A look costs one small statement while nothing changed.

    Calls `changed` with the new tables and the doubt, or `settled` with the doubt if the tables are the same or could
    not be read. Going back to a screen below asks nothing: it takes what the screen above found.
    """

    def __init__(
        self,
        node: Widget,
        *,
        changed: Callable[[Known, What | None], Any],
        settled: Callable[[What | None], Any],
        known: Known | None = None,
    ) -> None:
        self.known = known
        self._node = node
        self._changed = changed
        self._settled = settled
        self._question: StoreQuestion[_Look[What], Known | None] = StoreQuestion(
            node,
            "Looking for changed tables",
            answered=self._looked,
            failed=lambda look, _problem: self._settled(look.doubt),
        )

    @property
    def _app(self) -> Shell:
        return cast("Shell", self._node.app)

    def take(self, known: Known) -> None:
        """Use these tables, and pass them to the screens below."""
        self.known = self._app.known = known

    @property
    def found_above(self) -> Known | None:
        """Changed tables that another screen found, None if there are none."""
        mine, theirs = self.known, self._app.known
        if mine is None or theirs is None or theirs.catalog.fingerprint == mine.catalog.fingerprint:
            return None
        return theirs

    def look(self, doubt: What | None = None, *, whole: bool = False) -> None:
        """Look now. A routine look does not replace one that an error is waiting for."""
        database, known, waits = self._app.services.database, self.known, self._question.waits_for
        if database is None or known is None or (doubt is None and waits is not None and waits.doubt is not None):
            return
        self._question.ask(_Look(doubt), lambda: known_anew(database, known, whole=whole))

    def _looked(self, look: _Look[What], known: Known | None) -> Any:
        return self._settled(look.doubt) if known is None else self._changed(known, look.doubt)


def may_mean_a_change(problem: SoundcheckError) -> bool:
    """Whether the tables may be others than those that a statement was made for.

    Any refusal may: a missing column says so, but a changed type is "operator does not exist", a value that its
    column does not take, or "cached plan must not change result type", and a changed right is "permission denied".
    """
    return not (isinstance(problem, DatabaseProblem) and (problem.is_away or problem.trouble in _OTHER_CAUSES))
