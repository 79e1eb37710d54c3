"""All that is said of the rows on screen, as one value. It belongs to their view: another view begins with a new one.

So no line can outlive the rows that it speaks of, whichever key, page or failure put others in their place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.time_zone import zone_words
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Table


@dataclass(frozen=True, slots=True)
class RowsSaid:
    """What is said of the rows of `view`; "" and None where there is nothing to say."""

    view: TableView | None = None
    """None while no table is open."""
    about: str = ""
    """Of the rows themselves: how their place was found, what a search left out."""
    reply: str | SoundcheckError = ""
    """What became of the last key, until something else is asked for. It hides `about`."""
    offline: SoundcheckError | None = None
    """Why these rows are old."""
    failure: SoundcheckError | None = None
    """Why there are no rows."""
    note: str = ""
    """What the frame says of their order."""
    elapsed_ms: float | None = None
    """How long reading the last page took; None before the first one."""

    def is_about(self, table: Table | None) -> bool:
        """Whether this is the table on screen: an answer about another one comes too late."""
        if self.view is None or table is None:
            return False
        return (self.view.table.schema, self.view.table.name) == (table.schema, table.name)

    def remarks(self, zone: str) -> str:
        """What the frame says: the zone that times are in, and what is unusual about the order, which may be cut."""
        words = zone_words(zone, self.view.table.columns) if self.view is not None else ""
        return " ".join(part for part in (words, self.note) if part)

    def anew(self, view: TableView, *, about: str, note: str) -> RowsSaid:
        """Other rows are on screen, of this view or another one: all that was said of the ones before is gone."""
        return RowsSaid(view, about=about, note=note)

    def answered(self) -> RowsSaid:
        """The database is there."""
        return replace(self, offline=None) if self.offline is not None else self
