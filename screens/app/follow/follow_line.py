"""The lines under followed rows: how often they are asked for, what came of it, and the old value of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from textual.content import Content
from textual.widgets import Static

from soundcheck.screens.app.follow.status import FollowState, FollowStatus
from soundcheck.screens.app.grid.here import Here
from soundcheck.screens.app.grid.painter import MARKS
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.follow import CellChange, RowState
from soundcheck.stores.rows.personal import mask

_COLORS: Final = {RowState.NEW: "$success", RowState.CHANGED: "$warning", RowState.GONE: "$error"}
_WORDS: Final = {RowState.NEW: "new", RowState.CHANGED: "changed", RowState.GONE: "gone"}


class FollowLine(Static):
    """Shown while rows are followed, and after that as long as marks stand in them."""

    DEFAULT_CSS = "FollowLine { height: auto; display: none; }"

    _said = Content("")

    def show(self, text: Content) -> None:
        """These words; none takes the line away. The same words again cost nothing: others lay out the whole screen."""
        if text.is_same(self._said):
            return
        self._said = text
        self.display = bool(text.plain)
        self.update(text)


def state_words(following: FollowStatus, counts: Mapping[RowState, int], width: int, *, neon: bool) -> Content:
    """`● following every 1 s · ~ 2 changed · + 1 new · - 1 gone · F stops`; shorter where that does not fit."""
    said = _state_words(following, counts, neon=neon, short=False)
    return said if said.cell_length <= width else _state_words(following, counts, neon=neon, short=True)


def _state_words(following: FollowStatus, counts: Mapping[RowState, int], *, neon: bool, short: bool) -> Content:
    gap = " " if short else " · "
    tally = [
        part
        for state in (RowState.CHANGED, RowState.NEW, RowState.GONE)
        if counts.get(state)
        for part in ((gap, "$faint"), (_tally(state, counts[state], short=short), _COLORS[state]))
    ]
    if following.state is FollowState.OFF:
        return Content.assemble(("not followed any more", "$muted"), *tally) if tally else Content("")
    if following.state is FollowState.PAUSED:
        return Content.assemble((f"‖ paused: {following.why}", "$muted"), *tally)
    awake = " · keeps Neon awake" if neon else ""
    return Content.assemble(
        ("●" if short else "● following", "$success"),
        (f" every {following.wait:g} s", "$muted"),
        *tally,
        (awake, "$warning"),
        (" · F stops", "$faint"),
    )


def _tally(state: RowState, number: int, *, short: bool) -> str:
    return f"{MARKS[state]}{number}" if short else f"{MARKS[state]} {number} {_WORDS[state]}"


def cell_words(here: Here, now: datetime, width: int) -> Content:
    """What became of the cell under the cursor, its old value masked like the new one; nothing where nothing did."""
    row, column = here.row, here.column
    if row is None or column is None or row.mark is None:
        return Content("")
    change = row.mark.cells.get(column.index)
    if change is None:
        said = {RowState.NEW: "+ this row is new", RowState.GONE: "- this row is gone from here"}.get(row.mark.state)
        return Content.styled(f"{said}, {ago(row.mark.at, now)}", _COLORS[row.mark.state]) if said else Content("")
    value = mask(change.before, column.sensitivity) if here.masked else change.before
    name, when = visible(column.name), when_changed(change, now)
    room = max(width - len(name) - len(when) - 9, 4)
    return Content.assemble(
        (f"~ {name} was ", "$warning"), _value(value, column.type_name, room), (f" · {when}", "$faint")
    )


def when_changed(change: CellChange, now: datetime) -> str:
    """`4 s ago`, with the number of changes where there were several."""
    return ago(change.at, now) if change.times == 1 else f"{change.times} changes, {ago(change.at, now)}"


def ago(moment: datetime, now: datetime) -> str:
    """Seconds count here: `now`, `4 s ago`, `2 min ago`."""
    seconds = int((now - moment).total_seconds())
    if seconds < 1:
        return "just now"
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"


def _value(value: object, type_name: str, room: int) -> str:
    cell = cell_text(value, type_name, width=room)
    return "∅ NULL" if cell.kind is CellKind.NULL else cell.text
