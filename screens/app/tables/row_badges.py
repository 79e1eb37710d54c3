"""How the copies of a table's rows stand, as the grid's column `cache` shows them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from soundcheck.screens.app.tables.row_names import by_name
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.copies.cached_copy import CachedCopy, Freshness
from soundcheck.stores.keys import KeyRule, keys_about_row

_MOST_KNOWN: Final = 5_000
_TEXTS: Final = {
    Freshness.FRESH: ("✓ fresh", "new"),
    Freshness.STALE: ("✗ STALE", "changed"),
    Freshness.NOT_CACHED: ("—", "faint"),
    Freshness.CACHED: ("• cached", "text"),
    Freshness.ORPHAN: ("! orphan", "changed"),
    Freshness.UNREADABLE: ("! no JSON", "changed"),
    Freshness.UNKNOWN: ("! unknown", "changed"),
}


class RowBadges:
    """What is known of the rows of one table, by primary key, and how it reads in the grid."""

    width = 11
    title = "cache"

    def __init__(self, table: Table) -> None:
        names = [column.name for column in table.columns]
        self.table = table
        self._places = tuple(names.index(name) for name in table.primary_key)
        self._known: dict[tuple[Any, ...], tuple[tuple[Any, ...], CachedCopy | None]] = {}

    def of(self, values: Sequence[Any]) -> tuple[str, str]:
        """Text and ink; a dot while it is not known."""
        known = self._known.get(self._key(values))
        if known is None:
            return "·", "faint"
        return ("", "faint") if known[1] is None else _TEXTS[known[1].freshness]

    def is_known(self, values: tuple[Any, ...]) -> bool:
        """Whether it was asked for this row as it is now: a row that changed since is another."""
        known = self._known.get(self._key(values))
        return known is not None and known[0] == values

    def learn(self, rows: Sequence[tuple[Any, ...]], copies: Sequence[CachedCopy | None]) -> None:
        """The answers."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        for values, copy in zip(rows, copies, strict=True):
            self._known[self._key(values)] = (values, copy)

    def forget_row(self, values: Sequence[Any]) -> None:
        """Ask again for one row."""
        self._known.pop(self._key(values), None)

    def forget_copies(self, keys: frozenset[str], plan: tuple[KeyRule, ...]) -> None:
        """Ask again for the rows that these keys are about."""
        for own, (values, _) in list(self._known.items()):
            if keys.intersection(keys_about_row(self.table.name, by_name(self.table, values), plan)):
                del self._known[own]

    def forget(self) -> None:
        """Ask again."""
        self._known.clear()

    def _key(self, values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[place] for place in self._places)
