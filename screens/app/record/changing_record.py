"""A row of a table that changes while it is open: it is read again from what the table is now."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from textual import events, on

from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.relation.catalog_watch import CatalogWatch, may_mean_a_change
from soundcheck.screens.app.relation.known import Known
from soundcheck.stores.catalog.changes import change_words, is_the_same, names_now
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.rows.cells import visible


class ChangingRecord(PlaceScreen):
    """A subclass yields a `CatalogWatch` and reads the row."""

    def __init__(self, table: Table, key: Sequence[str], known: Known | None) -> None:
        super().__init__()
        self._table = table
        self._key = tuple(key)
        self._known = known
        self._news = ""
        """What changed about the table since the row was opened."""

    @abstractmethod
    def read(self) -> None:
        """Read the row of the key."""

    @abstractmethod
    def show_problem(self, problem: SoundcheckError, *, focus: bool) -> None:
        """Say why the row did not come."""

    @abstractmethod
    async def take_known(self, known: Known) -> None:
        """Other tables are known, for what stands beside the row."""

    def went_wrong(self, problem: SoundcheckError, *, focus: bool) -> None:
        """Look first whether the table changed, where that may be the cause."""
        if may_mean_a_change(problem):
            self.query_one(CatalogWatch).look((problem, focus))
        else:
            self.show_problem(problem, focus=focus)

    @on(events.ScreenResume)
    async def _come_back(self) -> None:
        for watch in self.query(CatalogWatch):
            if (known := watch.found_above) is not None:
                await self._take_tables(known, None, focus=True)

    @on(Asker.Answered, "#changes")
    async def _tables_looked_at(self, event: Asker.Answered) -> None:
        event.stop()
        problem, focus = event.what if isinstance(event.what, tuple) else (None, True)
        if event.answer is not None:
            await self._take_tables(event.answer, problem, focus=focus)
        elif problem is not None:
            self.show_problem(problem, focus=focus)

    @on(Asker.Failed, "#changes")
    def _tables_not_looked_at(self, event: Asker.Failed) -> None:
        event.stop()
        if isinstance(event.what, tuple):
            problem, focus = event.what
            self.show_problem(problem, focus=focus)

    async def _take_tables(self, known: Known, problem: SoundcheckError | None, *, focus: bool) -> None:
        """Read the row again where its table changed, or say why that is not possible."""
        self._known = known
        self.query_one(CatalogWatch).take(known)
        await self.take_known(known)
        before, now = self._table, known.now(self._table)
        if now is not None and not is_the_same(before, now):
            names = names_now(before, now)
            self._news = change_words(before, now)
            if tuple(names.get(name) for name in before.primary_key) == now.primary_key:
                self._table = now
                self.read()
                return
            problem = DatabaseProblem(Trouble.MISSING, visible(self._news), "Esc leads back to the rows.")
        elif now is None:
            said = f"{visible(before.name)} is not there any more: it was dropped."
            problem = DatabaseProblem(Trouble.MISSING, said, "Esc leads back.")
        if problem is not None:
            self.show_problem(problem, focus=focus)
