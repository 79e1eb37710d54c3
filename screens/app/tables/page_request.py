"""A page of a view that somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.stores.rows.follow import Row
from soundcheck.stores.rows.paging import FIRST, Page, Place
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of a view. `jump` says that it continues nothing; `fraction` is about how far into the rows it lies."""

    view: TableView
    place: Place = FIRST
    jump: bool = False
    fraction: float | None = None
    note: str = ""
    anew: bool = False
    """Whether the columns are to be measured again."""
    here: Row | None = None
    """The row that the cursor is to stand on again."""

    def is_whole_with(self, page: Page) -> bool:
        """Whether the view ends with this page, its first one."""
        return self.place == FIRST and not page.has_more_after and bool(page.keys or not page.rows)
