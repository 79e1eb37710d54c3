"""Which columns are drawn, how wide, and what stands in their headers beside the name. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rich.cells import cell_len

from soundcheck.screens.app.grid.column import GridColumn
from soundcheck.stores.catalog.index_match import SortColumn

NARROWEST: Final = 3
WIDEST_BY_HAND: Final = 200
_WIDEST_NAME: Final = 20

Names = Mapping[tuple[str, ...], str]
"""Readable names by the text of a foreign key's values."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a person made of a table's columns, and what the view adds to them.

    `hidden` and `widths` go by column name; `frozen` names the last column that stays in sight while others move, ""
    for the key alone; `names` holds, by column, the readable names beside its ids.
    """

    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)
    sort: tuple[SortColumn, ...] = ()
    names: Mapping[str, Names] = field(default_factory=dict)
    frozen: str = ""

    def applied(self, measured: Sequence[GridColumn]) -> tuple[GridColumn, ...]:
        """The columns to draw. Keys are never hidden, and something always stays."""
        shown = [one for one in measured if one.is_key or one.name not in self.hidden] or list(measured)
        order = [one.name for one in measured]
        last = order.index(self.frozen) if self.frozen in order else -1
        return tuple(self._drawn(one, still=one.is_key or order.index(one.name) <= last) for one in shown)

    def _drawn(self, column: GridColumn, *, still: bool) -> GridColumn:
        mark, names = sort_mark(self.sort, column.name), self.names.get(column.name, {})
        width = column.width
        if names:
            width += 2 + min(_WIDEST_NAME, max(cell_len(name) for name in names.values()))
        width = self.widths.get(column.name, max(width, cell_len(column.name) + cell_len(mark) if mark else 0))
        return replace(column, width=width, still=still, mark=mark, names=names)


def sort_mark(sort: Sequence[SortColumn], name: str) -> str:
    """` ▲`, ` ▼`, with several columns also which one counts when: ` ▲2`; "" for a column that is not sorted by."""
    for place, one in enumerate(sort, start=1):
        if one.name == name:
            return f" {'▼' if one.descending else '▲'}{place if len(sort) > 1 else ''}"
    return ""
