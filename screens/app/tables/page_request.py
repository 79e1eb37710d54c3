"""A request for a page of a view."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.stores.rows.follow import SeenRow
from soundcheck.stores.rows.paging import FIRST, Page, PagePlace
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`jump` means the page continues nothing; `fraction` is roughly how far into the rows it is."""

    view: TableView
    place: PagePlace = FIRST
    jump: bool = False
    fraction: float | None = None
    note: str = ""
    anew: bool = False
    """Whether to measure the columns again."""
    here: SeenRow | None = None
    """The row to put the cursor back on."""

    def is_whole_with(self, page: Page) -> bool:
        """Whether this page, the first, holds all rows of the view."""
        return self.place == FIRST and not page.has_more_after and bool(page.keys or not page.rows)
