"""The readable names beside foreign keys: one query for each visible single-column key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.readable_names import readable_names

if TYPE_CHECKING:
    from soundcheck.screens.app.grid.arrangement import Names
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.stores.catalog.tables import Table
    from soundcheck.stores.postgres.database import Database

NamedRows = Sequence[Mapping[str, Any]]


class RowNames:
    """Read after the rows. A name that fails to load is not an error: the id is there."""

    def __init__(self, pane: RowsPane) -> None:
        self._pane = pane
        self._question: StoreQuestion[NamedRows, dict[str, Names]] = pane.question(
            "Reading names of related rows", answered=self._show, failed=self._go_without
        )

    def cancel(self) -> None:
        """Drop the open question: other rows have other names."""
        self._question.cancel()

    def ask(self, values: Sequence[tuple[Any, ...]]) -> None:
        """Read the names for these rows, along with those already asked for."""
        pane, table, known = self._pane, self._pane.table, self._pane.state.known
        database = pane.database
        if table is None or known is None or database is None or not known.relations.outgoing(table):
            return
        shown = frozenset(column.name for column in pane.grid.columns)
        rows = [*(self._question.waits_for or ()), *(by_name(table, row) for row in values)]
        self._question.ask(rows, lambda: names_of_rows(database, known, table, rows, shown))

    def ask_for_all(self) -> None:
        """Read the names for all loaded rows, once the relations are known."""
        window = self._pane.grid.window
        rows = [row.values for row in window.rows_from(window.base)]
        if rows:
            self.ask(rows)

    def _show(self, _rows: NamedRows, answer: dict[str, Names]) -> None:
        grid = self._pane.grid
        if answer:
            now = grid.arrangement
            merged = {**now.names, **{name: {**now.names.get(name, {}), **found} for name, found in answer.items()}}
            grid.rearrange(replace(now, names=merged))

    def _go_without(self, _rows: NamedRows, _problem: SoundcheckError) -> None:
        pass


def by_name(table: Table, values: tuple[Any, ...]) -> dict[str, Any]:
    """A row's values by column name."""
    return {column.name: value for column, value in zip(table.columns, values, strict=True)}


async def names_of_rows(
    database: Database, known: Known, table: Table, rows: NamedRows, shown: frozenset[str]
) -> dict[str, Names]:
    """The names of the referenced rows, by column. Raises `DatabaseProblem`."""
    found: dict[str, Names] = {}
    for key in known.relations.outgoing(table):
        target = known.table(key.target)
        if len(key.columns) == 1 and key.columns[0] in shown and target is not None:
            names = await readable_names(database, key, target, rows)
            if told := {values: name for values, name in names.items() if name}:
                found[key.columns[0]] = told
    return found
