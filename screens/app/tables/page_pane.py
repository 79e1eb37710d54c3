"""A view's rows in a frame: reads the pages that the grid asks for, and says what went wrong where it went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from soundcheck.screens.app.grid.arrangement import Arrangement
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.parts.trouble import Trouble
from soundcheck.screens.app.tables.rows_said import RowsSaid
from soundcheck.screens.app.tables.status_line import OfflineLine, SaidLine, StatusLine
from soundcheck.screens.app.tables.wish import Wish, same_place
from soundcheck.stores.catalog.tables import Certainty, RowCount, Table
from soundcheck.stores.clock import Clock
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.problem import is_away
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.rows.cells import visible
from soundcheck.stores.rows.paging import FIRST, Page, Place, read_view
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.postgres.database import Database


class PagePane(Vertical):
    """The grid, the line about the cell under its cursor, and the failure that stands in for both.

    A view is `view` only when its first page is there: until then, and where it fails, the rows of the one before stay.
    """

    table: reactive[Table | None] = reactive(None, init=False)

    if TYPE_CHECKING:
        app: Shell

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self._clock = clock
        self._database: Database | None = None
        self._rows: RowCount | None = None
        self._failed: Wish | None = None
        self._askers: tuple[Asker, ...] = ()
        self.said = RowsSaid()
        self._waking = ""

    def compose(self) -> ComposeResult:
        """Lines of the moment, grid, cell line, failure."""
        yield Static("No table is open.", id="no-table")
        yield from self.compose_lines()
        yield SaidLine(id="said")
        yield OfflineLine(markup=False)
        grid = Grid(self._clock, id="grid")
        yield grid
        yield StatusLine(grid)
        yield from self.compose_below()
        yield Trouble()
        yield Asker("Reading rows", id="pages")
        yield Asker("Looking where the database is", id="moved")

    def compose_lines(self) -> Iterable[Widget]:
        """What stands above the rows."""
        return ()

    def compose_below(self) -> Iterable[Widget]:
        """What stands below the rows."""
        return ()

    def on_mount(self) -> None:
        """Nothing is open yet."""
        self._askers = tuple(self.query(Asker))  # found once: every key looks through them
        self.grid.display = False
        self.tell(self.said)
        self.watch(self.app, "zone", self._zone_changed, init=False)

    @property
    def view(self) -> TableView | None:
        """What is on screen, None for nothing."""
        return self.said.view

    @property
    def is_offline(self) -> bool:
        """Whether the rows are old because their database is away."""
        return self.said.offline is not None

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
        for asker in self._askers:
            asker.cancel()
        self._database, self._failed, self._waking = database, None, ""
        self.query_one("#no-table").display = False
        self.grid.clear()
        self.table, self._rows = view.table, None if view.narrowed else view.table.rows
        self.tell(RowsSaid(view))
        self.grid.rearrange(replace(self.arrangement_of(view.table), sort=view.sort))
        self.view_changed()
        self.begin(view)
        self.draw_words()

    def begin(self, view: TableView) -> None:
        """Read the first page of a view that was just opened."""
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
        self._database, self.table, self._failed, self._waking = None, None, None, ""
        self.grid.clear()
        self.tell(RowsSaid())
        self.grid.display = self.query_one(StatusLine).display = False
        self.query_one("#no-table").display = True
        self.border_title = Content("")
        self.view_changed()
        self.draw_words()

    @on(Grid.PageWanted)
    def _page_wanted(self, event: Grid.PageWanted) -> None:
        event.stop()
        waits: Wish | None = self.pages.waits_for
        if self.is_offline and event.place.cursor is not None:
            return  # what is only wanted ahead waits until somebody tries again
        if self.view is not None and (waits is None or waits.view == self.view):
            self._ask(Wish(self.view, event.place))

    def _ask(self, wish: Wish) -> None:
        """Start reading, unless this very page is on its way; the newest wish wins."""
        database = self._database
        if self.pages.waits_for == wish or database is None:
            return
        if self.said.failure is not None:
            self.tell(replace(self.said, failure=None))
            self.grid.focus()
        if wish.jump or wish.view != self.view:
            self.say("")
        database.tell(later.while_open(self, self._say_waking))
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
        self.answered()
        if wish.anew:
            grid.clear()
        if other or wish.anew or wish.jump:
            note = page.note if wish.place is FIRST or other else self.said.note
            self.tell(self.said.anew(wish.view, about=self.words_about(wish, page), note=note))
        elif wish.place is FIRST:
            self.tell(replace(self.said, about=self.words_about(wish, page), note=page.note))
        if other or wish.anew:
            if self.table is not None and wish.view.table is not self.table:
                self.table_replaced(self.table, wish.view.table)
            self._rows = None if wish.view.narrowed else wish.view.table.rows
            self.view_changed()
        if other or wish.jump:
            grid.forget_rows()
            kept = self.arrangement_of(wish.view.table) if wish.anew else grid.arrangement
            grid.rearrange(replace(kept, sort=wish.view.sort))
        self.tell(replace(self.said, elapsed_ms=page.elapsed_ms))
        grid.display = True
        fraction = wish.fraction if wish.fraction is not None else page.position
        grid.show_page(wish.place, page, estimate=self._estimate(), fraction=fraction)
        if wish.here is not None:
            grid.point_at(wish.here)
        self.page_came(wish, page)
        self.draw_words()

    @on(Asker.Failed, "#pages")
    def _show_failure(self, event: Asker.Failed) -> None:
        event.stop()
        self._failed, self._waking = event.what, ""
        if not self.doubts(event.problem, event.what):
            self.could_not_read(event.what, event.problem)

    def could_not_read(self, wish: Wish, problem: SoundcheckError) -> None:
        """Say why a page did not come: above the rows where they are still those of this table, else in their place."""
        if self.grid.columns and is_away(problem):
            self.failed(problem)
        elif self.grid.columns and not wish.anew and (wish.jump or wish.view != self.view):
            self.say_problem(problem)
        else:
            had_focus = self.grid.has_focus
            self.grid.display = False
            self._say_failure(problem, focus=had_focus)
        self.draw_words()

    def doubts(self, problem: SoundcheckError, wish: Wish | None) -> bool:
        """Whether a subclass takes care of a problem, for which `could_not_read` or `say_problem` waits."""
        return False

    def _say_failure(self, problem: SoundcheckError, *, focus: bool) -> None:
        """Why there are no rows, in their place."""
        self.tell(replace(self.said, failure=problem))
        self.query_one(Trouble).show(problem, focus=focus)

    # ── a database that is away ──

    def failed(self, problem: SoundcheckError, wish: Wish | None = None) -> None:
        """Say it above the rows; where the database itself is away, they turn grey and stay as they are.

        `wish` is what was to be read next.
        """
        if not is_away(problem):
            if not self.doubts(problem, wish):
                self.say_problem(problem)
            return
        self.tell(replace(self.said, offline=problem, reply=""))

    def answered(self) -> None:
        """The database is there."""
        self._waking, self._failed = "", None
        self.tell(self.said.answered())

    @on(Trouble.Again)
    @on(OfflineLine.Again)
    def _try_again(self, event: Trouble.Again | OfflineLine.Again) -> None:
        event.stop()
        self.action_try_again()

    def action_try_again(self) -> None:
        """The same once more, in the same place, wherever the database is now."""
        self.grid.display = bool(self.grid.columns)
        self.query_one("#moved", Asker).ask("moved", self.app.renew_clients)
        self.draw_words()

    @on(Asker.Answered, "#moved")
    def _know_where_it_is(self, event: Asker.Answered) -> None:
        event.stop()
        if not event.answer and self.view is not None:  # else `use` is called with the new one
            self._ask(self._failed or same_place(self.view, self.grid))
        self.draw_words()

    @on(Asker.Failed, "#moved")
    def _nowhere(self, event: Asker.Failed) -> None:
        event.stop()
        self.tell(replace(self.said, offline=event.problem))
        self.draw_words()

    def use(self, database: Database, table: Table) -> None:
        """The same table at another address: its rows are read again, in the same place."""
        assert self.view is not None  # noqa: S101 - called where a table is open
        for asker in self.query(Asker):
            asker.cancel()
        self._database, self._failed = database, None
        self.tell(replace(self.said, view=replace(self.view, table=table)))
        self.set_reactive(PagePane.table, table)
        self._ask(same_place(self.view, self.grid))

    def _say_waking(self, said: str) -> None:
        self._waking = said
        self.draw_words()

    def _estimate(self) -> int:
        rows = self._rows
        return rows.number if rows and rows.certainty is not Certainty.UNKNOWN else 0

    @property
    def is_slow(self) -> bool:
        """Whether something is being read for long enough to be worth a word, and a way to stop it."""
        return any(asker.is_slow for asker in self._askers)

    def stop_reading(self) -> None:
        """Cancel the task, which cancels the query on the server."""
        stopped: Wish | None = self.pages.cancel()
        if stopped is None:
            return
        self._failed = stopped
        if not self.grid.columns:
            problem = SoundcheckError("Reading was cancelled.", "Press r to read again.")
            self._say_failure(problem, focus=self.grid.has_focus)
        elif stopped.view != self.view or stopped.jump:
            self.say("Cancelled; these are the rows from before.")
        self.draw_words()

    def _zone_changed(self) -> None:
        """The same rows again, as the clocks elsewhere show them."""
        if self.view is not None and self._database is not None:
            self.pages.cancel()
            self._ask(same_place(self.view, self.grid))

    # ── what a subclass adds ──

    def table_replaced(self, before: Table, now: Table) -> None:
        """The table that is open changed, and the first rows of what it is now are here."""
        self.table = now

    def view_changed(self) -> None:
        """Another view is open, or none."""

    def page_came(self, wish: Wish, page: Page) -> None:
        """New rows are at hand."""

    # ── words ──

    def tell(self, said: RowsSaid) -> None:
        """What is said of the rows from now on: the lines show this value and nothing else."""
        before, self.said = self.said, said
        remarks = visible(said.remarks(self._database.zone if self._database is not None else UTC))
        if remarks != str(self.border_subtitle or ""):  # a new one draws the whole frame again
            self.border_subtitle = Content(remarks)
        if said.offline is not before.offline:
            self.query_one(OfflineLine).show(said.offline)
            self.grid.set_class(said.offline is not None, "-offline")
            self.refresh_bindings()
        if said.failure is None and (trouble := self.query_one(Trouble)).is_shown:
            trouble.hide()
        self._draw_said()

    def _draw_said(self) -> None:
        self.query_one(SaidLine).show(self.said.reply or self.words_of_rows())

    def say(self, words: str) -> None:
        """What became of a key, above the rows until something else is asked for; "" takes it away."""
        self.tell(replace(self.said, reply=words))

    def say_problem(self, problem: SoundcheckError) -> None:
        """What went wrong, above the rows that are still there."""
        self.tell(replace(self.said, reply=problem))

    def words_about(self, wish: Wish, page: Page) -> str:
        """What is to be said of a page that is shown now."""
        return wish.note

    def words_of_rows(self) -> str:
        """What stands above the rows that are at hand now."""
        return self.said.about

    def title(self) -> str:
        """What the frame says is open."""
        return visible(self.table.label) if self.table else ""

    def draw_words(self, *_: Any) -> None:
        """Frame: what is open. Line below the rows: the cell, which rows, how long it took, or that it takes long."""
        grid, slow = self.grid, [asker for asker in self._askers if asker.is_slow]
        if self.table is None:
            return
        if (title := self.title()) != str(self.border_title or ""):  # a new title draws the whole frame again
            self.border_title = Content(title)
        line = self.query_one(StatusLine)
        line.display = grid.display or bool(slow)
        self._draw_said()
        doing = "reading…" if self.pages in slow else "asking the server…"
        line.tell(self.said, (self._waking or doing) if slow else "")
