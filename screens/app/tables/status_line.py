"""The line under the grid: the cell under the cursor exactly, and on the right which rows these are.

A widget of its own, so that a key press draws this line and the two rows that changed, not the frame around them.

A line above the rows: what became of the last key, or what went wrong while the rows from before are still there.

Said above rows that are still there while their database is not: what happened, and how to try again.
"""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.tables.rows_said import RowsSaid
from soundcheck.stores import amounts
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.rows.cells import CellKind, cell_text, visible
from soundcheck.stores.rows.paging import Cut
from soundcheck.stores.rows.personal import Sensitivity, mask


class StatusLine(Widget):
    """`createdAt  timestamptz  2026-11-19 08:12:44.120+00 … rows 1–50 · 9 ms`."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self._grid = grid
        self._words = Content("")

    def tell(self, said: RowsSaid, doing: str) -> None:
        """On the right what takes long, else which rows these are; on the left the grid's present cell."""
        if doing:
            self._words = Content.styled(f"◐ {doing}  esc Cancel", "$warning")
        else:
            first_only = said.view is not None and said.view.as_it_comes
            self._words = Content.styled(rows_words(self._grid, said.elapsed_ms, first_only=first_only), "$muted")
        self.refresh()

    def render(self) -> Content:
        """The words keep their room; the cell is cut to what is left."""
        width, words = self.size.width, self._words
        left = cell_line(self._grid, width - words.cell_length - 2)
        gap = width - left.cell_length - words.cell_length
        return Content.assemble(left, " " * gap, words) if gap >= 1 else words


def cell_line(grid: Grid, width: int) -> Content:
    """The cell under the cursor with its name and type, in at most `width` columns; nothing where that is too few."""
    row, column = grid.row, grid.column
    if row is None or column is None:
        return Content("")
    value, note = row.values[column.index], ""
    if isinstance(value, Cut):
        note = f"  {amounts.size(value.size)}"
    if grid.painter.is_masked(column):
        value = mask(value, column.sensitivity)
        note = "  r reveals" if column.sensitivity is not Sensitivity.OPEN else ""
    names = (f"{visible(column.name)}  {column.type_name}  ", f"{visible(column.name)}  ", "")
    label = next(name for name in names if len(name) + len(note) + 12 <= width or not name)
    room = width - len(label) - len(note)
    if room < 2:
        return Content("")
    cell = cell_text(value, column.type_name, width=room)
    said = {CellKind.NULL: "∅ NULL, no value", CellKind.EMPTY: '"" the empty text'}.get(cell.kind, cell.text)
    return Content.assemble((label, "$faint"), said[:room] if len(said) > room else said, (note, "$faint"))


def rows_words(grid: Grid, elapsed_ms: float | None, *, first_only: bool = False) -> str:
    """`rows 101–117 · 0.1 % · 9 ms`: which rows are on screen, how far into the table, how long reading took.

    `first_only` says that there may be more rows than can be paged to, so that the last one at hand is no total.
    """
    first, end = grid.visible_rows
    window = grid.window
    if not len(window):
        return "no rows" if grid.columns else ""
    if window.base_is_exact:
        words = f"rows {first + 1:,}–{end:,}"
    elif end == window.end and window.at_end:
        words = f"the last {end - first} rows"
    else:
        words = f"rows ~{first + 1:,}–~{end:,}"
    if window.at_start and window.at_end and not first_only:
        words += f" of {window.total:,}"
    elif first and window.total > 1000:
        words += f" · {end / window.total * 100:.3g} %"
    return words if elapsed_ms is None else f"{words} · {amounts.milliseconds(elapsed_ms)}"


class SaidLine(Static):
    """Hidden while there is nothing to say."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._shown: str | SoundcheckError = ""
        self.display = False

    def show(self, said: str | SoundcheckError) -> None:
        """Words, or what went wrong with the next step; "" takes the line away. The same again costs nothing."""
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

    class Again(Message):
        """The person wants another try."""

    def show(self, problem: SoundcheckError | None) -> None:
        """Say that these rows are old and why; None for rows that are not."""
        self.display = problem is not None
        if problem is None:
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
