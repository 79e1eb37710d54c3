"""The line under the grid: the cell under the cursor exactly, and on the right which rows these are.

A widget of its own, so that a key press draws this line and the two rows that changed, not the frame around them.

A line above the rows: what became of the last key, or what went wrong while the rows from before are still there.

Said above rows that are still there while their database is not: what happened, and how to try again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.getters import app as typed_app
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from soundcheck.screens.app.grid.cut_cell import cut
from soundcheck.screens.app.grid.here import Here
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.stack_news import as_ours
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.stores import amounts
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.paging import Cut
from soundcheck.stores.rows.personal import mask

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell


WHOLE: Final = "  enter Whole"
_LEAST: Final = 6
"""Columns of a value beside which the key still has room; its name only where there are twice as many."""


class StatusLine(Widget):
    """`createdAt  timestamptz  2026-11-19 08:12:44.120+00 … rows 1–50 · 9 ms`."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    state: var[PaneState] = var(PaneState())

    def __init__(self) -> None:
        super().__init__()
        self._busy_since = 0.0
        self._timer: Timer | None = None

    def watch_state(self, before: PaneState, state: PaneState) -> None:
        """Drawn only where something on it changed; while something takes long, its time runs."""
        if state.is_busy and self._timer is None:
            self._busy_since, self._timer = time.monotonic(), later.every(self, 1.0, self.refresh)
        elif not state.is_busy and self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.display = state.view is not None and (state.shows_grid or state.is_busy)
        if _drawn_of(state) != _drawn_of(before):
            self.refresh()

    def render(self) -> Content:
        """What takes long, else which rows these are, keeps its room; the cell is cut to what is left."""
        state, width = self.state, self.size.width
        if state.is_busy:
            took = int(time.monotonic() - self._busy_since)
            words = Content.styled(f"◐ {state.doing}  esc Cancel{f'  {took} s' if took else ''}", "$warning")
        else:
            first_only = state.view is not None and state.view.as_it_comes
            words = Content.styled(rows_words(state.here, state.elapsed_ms, first_only=first_only), "$muted")
            if WHOLE in cell_line(state.here, width - words.cell_length - 2).plain:  # the value needs the room more
                words = Content.styled(rows_words(state.here, None, first_only=first_only), "$muted")
        left = cell_line(state.here, width - words.cell_length - 2)
        gap = width - left.cell_length - words.cell_length
        return Content.assemble(left, " " * gap, words) if gap >= 1 else words


def _drawn_of(state: PaneState) -> tuple[object, ...]:
    return state.here, state.elapsed_ms, state.doing, state.view


def cell_line(here: Here, width: int) -> Content:
    """The cell under the cursor with its name and type, in at most `width` columns; nothing where that is too few.

    The value goes first: name and type give way to it, and where it is cut all the same, the key that shows all of it
    is named.
    """
    row, column = here.row, here.column
    if row is None or column is None or width < 2:
        return Content("")
    value, size = row.values[column.index], ""
    if isinstance(value, Cut):
        size = f"  {amounts.size(value.size)}"
    if here.masked:
        value, size = mask(value, column.sensitivity), "  r reveals"
    name = visible(column.name)
    labels = (f"{name}  {column.type_name}  ", f"{name}  ", "")
    for label in labels:
        room = width - cell_len(label) - cell_len(size)
        cell = cell_text(value, column.type_name, width=max(room, 0))
        said = {CellKind.NULL: "∅ NULL, no value", CellKind.EMPTY: '"" the empty text'}.get(cell.kind, cell.text)
        if not cell.cut and cell_len(said) <= room:
            return Content.assemble((label, "$faint"), said, (size, "$faint"))
    for label, note, least in ((labels[1], size + WHOLE, 2 * _LEAST), ("", size + WHOLE, _LEAST), ("", WHOLE, _LEAST)):
        room = width - cell_len(label) - cell_len(note)
        if room >= least:
            break
    else:
        label, note, room = "", "", width
    said = cut(cell_text(value, column.type_name, width=room).text, room)
    return Content.assemble((label, "$faint"), said, (note, "$faint"))


def rows_words(here: Here, elapsed_ms: float | None, *, first_only: bool = False) -> str:
    """`rows 101–117 · 0.1 % · 9 ms`: which rows are on screen, how far into the table, how long reading took.

    `first_only` says that there may be more rows than can be paged to, so that the last one at hand is no total.
    """
    first, end = here.first, here.end
    if not here.at_hand:
        return "no rows" if here.has_columns else ""
    if here.exact:
        words = f"rows {first + 1:,}–{end:,}"
    elif here.at_end:
        words = f"the last {end - first} rows"
    else:
        words = f"rows ~{first + 1:,}–~{end:,}"
    if here.from_first and here.to_last and not first_only:
        words += f" of {here.total:,}"
    elif first and here.total > 1000:
        words += f" · {end / here.total * 100:.3g} %"
    words += f" · {here.picked} marked" if here.picked else ""
    return words if elapsed_ms is None else f"{words} · {amounts.milliseconds(elapsed_ms)}"


class SaidLine(Static):
    """Hidden while there is nothing to say."""

    state: var[PaneState] = var(PaneState())

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._shown: str | SoundcheckError = ""
        self.display = False

    def watch_state(self, state: PaneState) -> None:
        """Words, or what went wrong with the next step. The same again costs nothing."""
        said = state.said
        if said == self._shown:
            return
        self._shown = said
        self.display = bool(said)
        if isinstance(said, SoundcheckError):
            self.update(Content.assemble(("✗ ", "bold $error"), said.message, " ", (spelled(said.hint), "$muted")))
        else:
            self.update(Content.styled(visible(said), "$muted"))


class OfflineLine(Static):
    """Hidden while the rows are those of now; a click is another try."""

    DEFAULT_CSS = "OfflineLine { height: auto; display: none; }"

    state: var[PaneState] = var(PaneState())

    class Again(Message):
        """The person wants another try."""

    if TYPE_CHECKING:
        app = typed_app(Shell)

    def on_mount(self) -> None:
        """A store of the local stack is named as that."""
        self.watch(self.app, "stack", self._draw, init=False)

    def watch_state(self, before: PaneState, state: PaneState) -> None:
        """Say that these rows are old and why."""
        if state.offline is not before.offline:
            self._draw()

    def _draw(self) -> None:
        self.display = self.state.offline is not None
        if self.state.offline is None:
            return
        problem = as_ours(self.state.offline, self.app.stack)
        if problem is not self.state.offline:
            self.update(Content.assemble(("✗ offline  ", "bold $error"), spelled(f"{problem.message} {problem.hint}")))
            return
        self.update(
            Content.assemble(
                ("✗ offline  ", "bold $error"),
                f"{problem.message} ",
                ("These rows are from before.  ", "$muted"),
                ("r", "bold $primary"),
                (" Try again", "$muted"),
            )
        )

    def on_click(self, event: events.Click) -> None:
        """The same as the key."""
        event.stop()
        self.post_message(self.Again())
