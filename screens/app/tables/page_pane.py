"""A view's rows in a frame: reads the pages that the grid asks for, and says what went wrong where it went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from screens.app.asker import Asker
from screens.app.grid.arrangement import Arrangement
from screens.app.grid.grid import Grid
from screens.app.tables.status_line import StatusLine, rows_words
from screens.app.trouble import Trouble
from stores.catalog import Certainty, RowCount, Table
from stores.cells import visible
from stores.clock import Clock
from stores.errors import SoundcheckError
from stores.paging import FIRST, Page, Place, read_view
from stores.table_view import TableView

if TYPE_CHECKING:
    from stores.database import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """A page of a view. `jump` says that it continues nothing; `fraction` is about how far into the rows it lies."""

    view: TableView
    place: Place
    jump: bool = False
    fraction: float | None = None
    note: str = ""


class PagePane(Vertical):
    """The grid, the line about the cell under its cursor, and the failure that stands in for both.

    A view is `view` only when its first page is there: until then, and where it fails, the rows of the one before stay.
    """

    table: reactive[Table | None] = reactive(None, init=False)

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self._clock = clock
        self._database: Database | None = None
        self._rows: RowCount | None = None
        self._failed: Wish | None = None
        self._elapsed_ms: float | None = None
        self.view: TableView | None = None

    def compose(self) -> ComposeResult:
        """Lines of the moment, grid, cell line, failure."""
        yield Static("No table is open.", id="no-table")
        yield from self.compose_lines()
        yield Static(id="said", markup=False)
        grid = Grid(self._clock, id="grid")
        yield grid
        yield StatusLine(grid)
        yield Trouble()
        yield Asker("Reading rows", id="pages")

    def compose_lines(self) -> Iterable[Widget]:
        """What stands above the rows."""
        return ()

    def on_mount(self) -> None:
        """Nothing is open yet."""
        self.grid.display = False
        self.say("")

    @property
    def grid(self) -> Grid:
        """The rows."""
        return self.query_one(Grid)

    @property
    def pages(self) -> Asker:
        """Who reads the pages."""
        return self.query_one("#pages", Asker)

    @property
    def database(self) -> Database | None:
        """Where the rows come from."""
        return self._database

    # ── reading ──

    def open(self, database: Database, table: Table) -> None:
        """Show another table from its first row: one query."""
        self.open_view(database, TableView(table))

    def open_view(self, database: Database, view: TableView) -> None:
        """Show a view of another table, or this one anew with the widths of today's content."""
        self._database = database
        self.query_one("#no-table").display = False
        self.grid.clear()
        self._elapsed_ms = None
        self.table, self.view, self._rows = view.table, view, None if view.narrowed else view.table.rows
        self.grid.rearrange(replace(self.arrangement_of(view.table), sort=view.sort))
        self.view_changed()
        self._ask(Wish(view, FIRST))

    def arrangement_of(self, table: Table) -> Arrangement:
        """How a person wants this table's columns."""
        return Arrangement()

    def show(self, view: TableView) -> None:
        """Other rows of the same table, from the first one on."""
        self._ask(Wish(view, FIRST))

    def jump(self, place: Place, fraction: float | None, note: str = "") -> None:
        """Other rows of the same view, from a place in its middle."""
        if self.view is not None:
            self._ask(Wish(self.view, place, jump=True, fraction=fraction, note=note))

    def close(self) -> None:
        """No table is open: the database is another one now."""
        for asker in self.query(Asker):
            asker.cancel()
        self._database, self.table, self.view = None, None, None
        self.query_one(Trouble).hide()
        self.grid.clear()
        self.grid.display = self.query_one(StatusLine).display = False
        self.query_one("#no-table").display = True
        self.border_title = self.border_subtitle = Content("")
        self.view_changed()

    @on(Grid.PageWanted)
    def _page_wanted(self, event: Grid.PageWanted) -> None:
        event.stop()
        waits: Wish | None = self.pages.waits_for
        if self.view is not None and (waits is None or waits.view == self.view):
            self._ask(Wish(self.view, event.place))

    def _ask(self, wish: Wish) -> None:
        """Start reading, unless this very page is on its way; the newest wish wins."""
        database = self._database
        if self.pages.waits_for == wish or database is None:
            return
        trouble = self.query_one(Trouble)
        if trouble.is_shown:
            trouble.hide()
            self.grid.focus()
        if wish.jump or wish.view != self.view:
            self.say("")
        self.pages.ask(wish, lambda: read_view(database, wish.view, place=wish.place))
        self.draw_words()

    @on(Asker.Slow)
    def _say_slow(self, event: Asker.Slow) -> None:
        event.stop()
        self.draw_words()

    @on(Asker.Answered, "#pages")
    def _show_page(self, event: Asker.Answered) -> None:
        event.stop()
        wish: Wish = event.what
        page: Page = event.answer
        grid, other = self.grid, wish.view != self.view
        if other:
            self.view = wish.view
            self._rows = None if wish.view.narrowed else wish.view.table.rows
            self.view_changed()
        if other or wish.jump:
            grid.forget_rows()
            grid.rearrange(replace(grid.arrangement, sort=wish.view.sort))
        self._elapsed_ms = page.elapsed_ms
        if wish.place is FIRST or other:
            self.border_subtitle = Content(visible(page.note))
        grid.display = True
        fraction = wish.fraction if wish.fraction is not None else page.position
        grid.show_page(wish.place, page, estimate=self._estimate(), fraction=fraction)
        if wish.note:
            self.say(wish.note)
        self.page_came(wish, page)
        self.draw_words()

    @on(Asker.Failed, "#pages")
    def _show_failure(self, event: Asker.Failed) -> None:
        event.stop()
        wish: Wish = event.what
        if self.grid.columns and (wish.jump or wish.view != self.view):
            self.say_problem(event.problem)
        else:
            self._failed = wish
            had_focus = self.grid.has_focus
            self.grid.display = False
            self.query_one(Trouble).show(event.problem, focus=had_focus)
        self.draw_words()

    @on(Trouble.Again)
    def _try_again(self, event: Trouble.Again) -> None:
        event.stop()
        self.grid.display = bool(self.grid.columns)
        if self._failed is not None:
            self._ask(self._failed)

    def _estimate(self) -> int:
        rows = self._rows
        return rows.number if rows and rows.certainty is not Certainty.UNKNOWN else 0

    def stop_reading(self) -> None:
        """Cancel the task, which cancels the query on the server."""
        stopped: Wish | None = self.pages.cancel()
        if stopped is None:
            return
        self._failed = stopped
        if not self.grid.columns:
            problem = SoundcheckError("Reading was cancelled.", "Press r to read again.")
            self.query_one(Trouble).show(problem, focus=self.grid.has_focus)
        elif stopped.view != self.view or stopped.jump:
            self.say("Cancelled; these are the rows from before.")
        self.draw_words()

    # ── what a subclass adds ──

    def view_changed(self) -> None:
        """Another view is open, or none."""

    def page_came(self, wish: Wish, page: Page) -> None:
        """New rows are at hand."""

    # ── words ──

    def say(self, words: str) -> None:
        """A line above the rows, until the next page is asked for; "" takes it away."""
        said = self.query_one("#said", Static)
        said.display = bool(words)
        said.update(Content.styled(visible(words), "$muted"))

    def say_problem(self, problem: SoundcheckError) -> None:
        """What went wrong, above the rows that are still there."""
        self.say("-")
        self.query_one("#said", Static).update(
            Content.assemble(("✗ ", "bold $error"), problem.message, " ", (problem.hint, "$muted"))
        )

    def title(self) -> str:
        """What the frame says is open."""
        return visible(self.table.name) if self.table else ""

    def draw_words(self, *_: Any) -> None:
        """Frame: what is open. Line below the rows: the cell, which rows, how long it took, or that it takes long."""
        grid, slow = self.grid, [asker for asker in self.query(Asker) if asker.is_slow]
        if self.table is None:
            return
        if (title := self.title()) != str(self.border_title or ""):  # a new title draws the whole frame again
            self.border_title = Content(title)
        line = self.query_one(StatusLine)
        line.display = grid.display or bool(slow)
        if slow:
            doing = "reading" if self.pages in slow else "asking the server"
            line.show(Content.styled(f"◐ {doing}…  esc Cancel", "$warning"))
        else:
            line.show(Content.styled(rows_words(grid, self._elapsed_ms), "$muted"))
