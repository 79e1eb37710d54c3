"""Moving between the lines of an open row: its columns, the relations below them, the copies beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundcheck.screens.app.record.copy_row import CopyRow
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.relation.leads_to import LeadRow

if TYPE_CHECKING:
    from textual.screen import Screen

# By `set_focus`, which holds at once: `focus` holds a turn later, when the next key of a burst has been taken already.


def step(screen: Screen[None], by: int) -> None:
    """To a line `by` lines further; past the ends it stays."""
    rows = list(screen.query("FieldRow, LeadRow"))
    if rows:
        here = rows.index(screen.focused) if screen.focused in rows else -by
        screen.set_focus(rows[max(0, min(len(rows) - 1, here + by))])


def part(screen: Screen[None], by: int) -> None:
    """To the first line of the next part: columns, relations, copies, and what else takes the focus."""
    chain, lines = screen.focus_chain, (FieldRow, LeadRow, CopyRow)
    starts = [
        at
        for at, one in enumerate(chain)
        if not at or not isinstance(one, lines) or type(one) is not type(chain[at - 1])
    ]
    if starts:
        here = chain.index(screen.focused) if screen.focused in chain else 0
        current = sum(at <= here for at in starts) - 1
        screen.set_focus(chain[starts[(current + by) % len(starts)]])
