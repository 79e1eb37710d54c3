"""What is to be spelled: a view with the row under its cursor, or one record."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.screens.app.relation.crumbs import key_words
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class ViewSource:
    """A view, the row under the cursor (None for no row), and the columns that are revealed."""

    view: TableView
    record: Record | None
    reveal: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """What the page is about."""
        return self.view.table.label


@dataclass(frozen=True, slots=True)
class RecordSource:
    """One row, whole, and the columns whose cells are revealed."""

    record: Record
    reveal: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """What the page is about, a personal key masked."""
        return f"{self.record.table.label} › {key_words(self.record.table, self.record.key)}"
