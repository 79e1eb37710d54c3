"""One table's rows in a frame: reads the pages that the grid asks for, and says what it does and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from screens.app import amounts
from screens.app.grid.grid import Grid
from screens.app.tables.status_line import StatusLine, rows_words
from screens.app.trouble import Trouble
from screens.app.worker_errors import problem_of
from stores.catalog import Certainty, Table
from stores.cells import visible
from stores.clock import Clock
from stores.errors import SoundcheckError
from stores.paging import FIRST, Page, Place, read_page
from stores.personal import Sensitivity

if TYPE_CHECKING:
    from stores.database import Database

PATIENCE = 0.2
"""Seconds after which a read is shown as one that can be cancelled."""


class GridPane(Vertical):
    """The grid, the line about the cell under its cursor, and the failure that stands in for both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reveal", "Reveal", tooltip="Show or mask the personal column under the cursor"),
        Binding("c", "copy", "Copy", tooltip="Copy the cell under the cursor"),
        Binding("ctrl+r", "read_again", "Read again", show=False, tooltip="Read the table again from its first row"),
        Binding("escape", "cancel", "Cancel", tooltip="Stop reading; the server stops as well"),
    ]

    @dataclass
    class PageRead(Message):
        """A page came."""

        table: Table
        place: Place
        page: Page

    @dataclass
    class ReadFailed(Message):
        """A page did not come."""

        table: Table
        place: Place
        problem: SoundcheckError

    @dataclass
    class CopyWanted(Message):
        """A cell's text is to be copied."""

        text: str
        what: str

    table: reactive[Table | None] = reactive(None, init=False)

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self._clock = clock
        self._database: Database | None = None
        self._reading: tuple[Place, Worker[None]] | None = None
        self._takes_long = False
        self._patience: Timer | None = None
        self._failed: Place = FIRST
        self._elapsed_ms: float | None = None
        self._title = ""
        self._offered: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Grid, cell line, failure."""
        yield Static("No table is open.", id="no-table")
        grid = Grid(self._clock, id="grid")
        yield grid
        yield StatusLine(grid)
        yield Trouble()

    def on_mount(self) -> None:
        """Nothing is open yet."""
        self.query_one(Grid).display = False

    # ── reading ──

    @property
    def database(self) -> Database | None:
        """Where the rows come from."""
        return self._database

    def open(self, database: Database, table: Table) -> None:
        """Show another table from its first row: one query."""
        self._database = database
        self.query_one("#no-table").display = False
        self.query_one(Grid).clear()
        self._elapsed_ms = None
        self.table = table
        self._ask(FIRST)

    def close(self) -> None:
        """No table is open: the database is another one now."""
        if self._reading is not None:
            self._reading[1].cancel()
        self._reading, self._database, self.table = None, None, None
        self.query_one(Trouble).hide()
        self.query_one(Grid).clear()
        self.query_one(Grid).display = self.query_one(StatusLine).display = False
        self.query_one("#no-table").display = True
        self._title = ""
        self.border_title = self.border_subtitle = Content("")

    @on(Grid.PageWanted)
    def _page_wanted(self, event: Grid.PageWanted) -> None:
        event.stop()
        self._ask(event.place)

    def _ask(self, place: Place) -> None:
        """Start reading, unless this very page is on its way; the newest wish wins."""
        if self._reading and self._reading[0] == place:
            return
        if self._database is None or self.table is None:
            return
        trouble = self.query_one(Trouble)
        if trouble.is_shown:
            trouble.hide()
            self.query_one(Grid).focus()
        self._reading = (place, self._read(self._database, self.table, place))
        self._takes_long = False
        if self._patience is not None:
            self._patience.stop()
        self._patience = self.set_timer(PATIENCE, self._lose_patience)
        self._say()

    def _lose_patience(self) -> None:
        """Only a read that takes long is worth a word, and a key that stops it."""
        if self._reading is not None:
            self._takes_long = True
            self._say()

    @work(exclusive=True, group="rows", exit_on_error=False, description="Reading rows")
    async def _read(self, database: Database, table: Table, place: Place) -> None:
        """Touches nothing but the database; its end is a message."""
        try:
            page = await read_page(database, table, place=place)
        except SoundcheckError as problem:
            self.post_message(self.ReadFailed(table, place, problem))
        else:
            self.post_message(self.PageRead(table, place, page))

    @on(PageRead)
    def _show_page(self, event: PageRead) -> None:
        event.stop()
        if event.table is not self.table or self._reading is None or self._reading[0] != event.place:
            return
        self._reading = None
        self._elapsed_ms = event.page.elapsed_ms
        if event.place is FIRST:
            self.border_subtitle = Content(visible(event.page.note))
        grid = self.query_one(Grid)
        grid.display = True
        grid.show_page(event.place, event.page, estimate=self._estimate())
        self._say()

    @on(ReadFailed)
    def _show_failure(self, event: ReadFailed) -> None:
        event.stop()
        if event.table is not self.table:
            return
        self._reading, self._failed = None, event.place
        grid = self.query_one(Grid)
        had_focus = grid.has_focus
        grid.display = False
        self.query_one(Trouble).show(event.problem, focus=had_focus)
        self._say()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A read that broke in an unforeseen way is a failure like any other."""
        problem = problem_of(event)
        if problem is not None and self._reading is not None and self.table is not None:
            self.post_message(self.ReadFailed(self.table, self._reading[0], problem))

    @on(Trouble.Again)
    def _try_again(self, event: Trouble.Again) -> None:
        event.stop()
        self.query_one(Grid).display = bool(self.query_one(Grid).columns)
        self._ask(self._failed)

    def _estimate(self) -> int:
        rows = self.table.rows if self.table else None
        return rows.number if rows and rows.certainty is not Certainty.UNKNOWN else 0

    # ── what the keys do ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what would do something is offered."""
        grid = self.query_one(Grid)
        if action == "cancel":
            return self._reading is not None and self._takes_long
        if action == "reveal":
            return grid.has_focus and grid.column is not None and grid.column.sensitivity is not Sensitivity.OPEN
        if action == "copy":
            return grid.has_focus and grid.row is not None
        return True

    def action_cancel(self) -> None:
        """Cancel the task, which cancels the query on the server."""
        if self._reading is None:
            return
        place, worker = self._reading
        worker.cancel()
        self._reading, self._failed = None, place
        grid = self.query_one(Grid)
        if not grid.columns:
            had_focus = grid.has_focus
            self.query_one(Trouble).show(
                SoundcheckError("Reading was cancelled.", "Press r to read again."), focus=had_focus
            )
        self._say()

    def action_reveal(self) -> None:
        """Unmask the column under the cursor, or mask it again."""
        grid = self.query_one(Grid)
        if grid.column is not None:
            grid.reveal(grid.revealed ^ {grid.column.name})
            self._say()

    def action_copy(self) -> None:
        """Hand the cell's text up, masked as it is on screen."""
        grid = self.query_one(Grid)
        if grid.row is not None and grid.column is not None:
            cell = grid.painter.cell(grid.row.values, grid.column, 1_000_000)
            self.post_message(self.CopyWanted(cell.text, grid.column.name))

    def action_read_again(self) -> None:
        """From the first row, with the widths of today's content."""
        if self._database is not None and self.table is not None:
            self.open(self._database, self.table)

    # ── what the frame says ──

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        """Frame: what is open. Line below the rows: the cell, which rows, how long it took, or that it takes long."""
        grid, table = self.query_one(Grid), self.table
        if table is None:
            return
        key = ", ".join(table.primary_key) or "no key"
        title = visible(f"{table.name} · {amounts.row_count(table.rows)} rows · by {key}")
        if title != self._title:  # a new title draws the whole frame again
            self._title = title
            self.border_title = Content(title)
        slow = self._reading is not None and self._takes_long
        line = self.query_one(StatusLine)
        line.display = grid.display or slow
        if slow:
            line.show(Content.styled("◐ reading…  esc Cancel", "$warning"))
        else:
            line.show(Content.styled(rows_words(grid, self._elapsed_ms), "$muted"))
        offered = (grid.has_focus, slow, grid.row is None, grid.column.sensitivity if grid.column else None)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()
