"""One table's rows: the lines of the pane, and what each key does.

A key acts on the reader, the choice or the counter; the lines around the grid are bound to the state that results.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Button
from textual.worker import Worker

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.parts.worker_errors import tell
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.routes import OpenStructure
from soundcheck.screens.app.tables import row_actions
from soundcheck.screens.app.tables.column_line import ColumnLine
from soundcheck.screens.app.tables.cost_line import CostLine
from soundcheck.screens.app.tables.filter_line import FilterLine
from soundcheck.screens.app.tables.followed_line import FollowedLine
from soundcheck.screens.app.tables.opened_table import OpenedTable
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.screens.app.tables.rows_keys import ROWS_KEYS
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.screens.app.tables.seek_line import SeekLine
from soundcheck.screens.app.tables.status_line import OfflineLine, SaidLine, StatusLine
from soundcheck.screens.app.tables.view_lines import ViewLines
from soundcheck.screens.app.tables.view_words import next_sort
from soundcheck.stores.catalog.tables import Certainty, RowCount, TableName
from soundcheck.stores.clock import Clock
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.view import TableView
from soundcheck.stores.sensitivity import Sensitivity

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database

NEED_ROWS: Final = {
    "filter", "to_column", "sort", "go_to", "count", "search", "spell", "structure", "hide", "show_all", "resize",
    "freeze", "cache_column",
}  # fmt: skip
"""Actions that need a page, and the focus on it: in a text field their keys are letters."""


class GridPane(RowsPane):
    """Data flows down from `state`; events in the grid and on the lines come up as messages."""

    BINDINGS: ClassVar[list[BindingType]] = ROWS_KEYS

    class Rearranged(Message):
        """The user changed which columns are shown, or their widths; `arranging` has it."""

    @dataclass
    class ViewShown(Message):
        """Another view is on screen."""

        view: TableView

    class FillWanted(Message):
        """The tables are to be filled with sample data."""

    @dataclass
    class RowsNumbered(Message):
        """The rows of a whole table are known to be so many."""

        table: TableName
        rows: RowCount

    @dataclass
    class TablesFound(Message):
        """The tables changed."""

        known: Known

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(clock, id=id)
        self.lines = ViewLines()
        self.opened = OpenedTable(
            self,
            self.lines,
            shown=lambda view: self.post_message(self.ViewShown(view)),
            rearranged=lambda: self.post_message(self.Rearranged()),
            found=lambda known: self.post_message(self.TablesFound(known)),
        )
        self._trouble = PaneTrouble()
        self._nothing = CommandText("No table is open.", id="no-table")
        self._fill = Button("Fill with sample data", id="fill-table", compact=True)
        self._offered: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lines above the rows, the rows, the lines below, and the failure that replaces them."""
        self.grid.display = False
        yield self._nothing
        yield self.lines.data_bind(GridPane.state)
        yield SaidLine(id="said").data_bind(GridPane.state)
        self._fill.display = False
        yield self._fill
        yield OfflineLine(markup=False).data_bind(GridPane.state)
        yield self.grid
        yield StatusLine().data_bind(GridPane.state)
        yield FollowedLine(self.clock).data_bind(GridPane.state)
        yield self._trouble

    def on_mount(self) -> None:
        """Start listening; nothing is open yet."""
        self.state = replace(self.state, just_looking=self.app.start.just_looking)
        self.opened.listen()
        self.watch(self.app, "zone", self.opened.zone_changed, init=False)
        self.watch(self.app, "reveals", self.opened.reveal_for_session, init=False)
        later.on_signal(self, self.app.changed, self.opened.cache.follow_write)

    def on_unmount(self) -> None:
        """Stop listening."""
        self.opened.end()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show and log a worker that broke."""
        tell(self, event)

    def watch_state(self, before: PaneState, state: PaneState) -> None:
        """Draw the frame, and choose what is inside: rows, nothing, or a failure."""
        if (title := state.title) != str(self.border_title or ""):  # a new one draws the whole frame again
            self.border_title = Content(title)
        if (remarks := visible(state.remarks)) != str(self.border_subtitle or ""):
            self.border_subtitle = Content(remarks)
        self._nothing.display = state.view is None
        self._fill.display = bool(state.seed_command)
        had_focus = self.grid.has_focus
        self.grid.display = state.shows_grid
        self.grid.set_class(state.offline is not None, "-offline")
        if state.failure is None:
            self._trouble.hide()
        elif state.failure is not before.failure:
            self._trouble.show(state.failure, focus=had_focus)
        self.opened.cache.look()
        self._tell_number(before, state)
        if state.offline is not before.offline:
            self.app.tell_trouble(Half.DATABASE, state.offline.message if state.offline is not None else "")
        if (offered := state.offers) != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @property
    def is_opening(self) -> bool:
        """Whether the first rows are on their way to where the next keys go."""
        return self.grid.has_focus and self.opened.is_opening

    @property
    def is_turning(self) -> bool:
        """Whether the rows of another place, order or filter are on their way."""
        return self.opened.is_turning

    def _tell_number(self, before: PaneState, state: PaneState) -> None:
        """Say how many rows the open table has, where the rows themselves or a count prove it."""
        table, rows = state.table, state.rows
        if table is None or rows is None or rows == before.rows or state.view is None or state.view.narrowed:
            return
        if rows.certainty in {Certainty.EXACT, Certainty.AT_LEAST}:
            self.post_message(self.RowsNumbered((table.schema, table.name), rows))

    def show(self, database: Database, view: TableView, *, focus: bool) -> None:
        """Open a view; with `focus` the grid gets the focus before the first page arrives."""
        self.opened.show(database, view)
        if focus:
            self.state = replace(self.state, shows_grid=True)
            self.grid.focus()

    # ── what comes up ──

    @on(Grid.PageWanted)
    def _page_wanted(self, event: Grid.PageWanted) -> None:
        event.stop()
        self.opened.reader.turn_to(event.place)

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.look_at_grid()

    @on(Grid.HeaderClicked)
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        self.action_sort()

    @on(Grid.RowOpened)
    def _row_opened(self, event: Grid.RowOpened) -> None:
        event.stop()
        row_actions.open_record(self, event.row, closed=partial(self.opened.cache.look_again, event.row.values))

    @on(ViewLines.ViewWanted)
    def _view_wanted(self, event: ViewLines.ViewWanted) -> None:
        event.stop()
        self.opened.choice.want(event.view)

    @on(ColumnLine.Named)
    def _column_named(self, event: ColumnLine.Named) -> None:
        event.stop()
        self.grid.go_to_column(event.column)

    @on(CostLine.Accepted)
    def _cost_accepted(self, event: CostLine.Accepted) -> None:
        event.stop()
        self.opened.reader.show(event.view)

    @on(SeekLine.Chosen)
    def _place_chosen(self, event: SeekLine.Chosen) -> None:
        event.stop()
        self.opened.choice.go(event.target)

    @on(FilterLine.Refused)
    def _value_refused(self, event: FilterLine.Refused) -> None:
        """Look at the tables: the column's type may have changed, or have new values."""
        event.stop()
        self.opened.doubts.look()

    @on(ViewLines.Closed)
    def _line_closed(self, event: ViewLines.Closed) -> None:
        event.stop()
        self.grid.focus()

    @on(Button.Pressed, "#fill-table")
    def action_fill(self) -> None:
        """Have the tables filled with sample data."""
        self.post_message(self.FillWanted())

    @on(PaneTrouble.Again)
    @on(OfflineLine.Again)
    def _again(self, event: PaneTrouble.Again | OfflineLine.Again) -> None:
        event.stop()
        self.action_try_again()

    # ── what the keys do ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only keys that would do something."""
        state, here, focused = self.state, self.state.here, self.grid.has_focus
        match action:
            case "cancel":
                return state.is_busy
            case "fill":
                return focused and bool(state.seed_command)
            case "try_again":
                return focused and state.offline is not None
            case "watch":
                return focused and state.view is not None and state.shows_grid
            case "reveal":
                personal = here.column is not None and here.column.sensitivity is not Sensitivity.OPEN
                return focused and personal and state.offline is None
            case "copy":
                return focused and here.row is not None
            case "follow":
                return focused and here.row is not None and state.foreign_key is not None
            case "search_all":
                return focused and state.can_search_all
            case "unfilter":
                return focused and state.can_unfilter
        return focused and here.has_columns if action in NEED_ROWS else True

    def action_cancel(self) -> None:
        """Stop whatever is running, on the server too."""
        self.opened.reader.stop()
        self.cancel_all()

    def action_try_again(self) -> None:
        """Try again in the same place, wherever the database is now."""
        self.opened.reader.try_again()

    def action_sort(self, add: bool = False) -> None:
        """Sort by the column under the cursor: ascending, descending, off."""
        waits, column = self.opened.reader.waits_for, self.grid.column
        view = waits.view if waits is not None else self.view
        if self.view is not None and view is not None and column is not None:
            self.opened.choice.want(replace(view, sort=next_sort(view.sort, column.name, add=add)))

    def action_filter(self) -> None:
        """Ask for a condition on the column under the cursor."""
        if self.grid.column is not None:
            self.lines.ask_condition(self.grid.column.name)

    def action_to_column(self) -> None:
        """Ask for the column to go to."""
        if (column := self.grid.column) is not None:
            self.lines.ask_column([one.name for one in self.grid.columns], column.name)

    def action_search(self) -> None:
        """Ask for a term to search in any column."""
        self.lines.ask_condition()

    def action_search_all(self) -> None:
        """Search every column, including those over the limit and of non-text types."""
        if self.view is not None:
            self.opened.choice.want(replace(self.view, everywhere=True, reveal=self.grid.revealed))

    def action_unfilter(self) -> None:
        """Remove the last condition."""
        if self.state.conditions:
            self.lines.remove_condition(len(self.state.conditions) - 1)

    def action_go_to(self) -> None:
        """Ask where to go."""
        self.lines.ask_place()

    def action_count(self) -> None:
        """Count up to a limit; the second time, count all."""
        self.opened.counter.count()

    def action_watch(self) -> None:
        """Follow the rows, or stop following."""
        self.opened.following.turn()

    def action_follow(self) -> None:
        """Open the row that the cell refers to."""
        row_actions.follow_key(self)

    def action_spell(self) -> None:
        """Show the view as SQL, and the row as a Prisma call and Redis commands."""
        row_actions.spell(self)

    def action_copy(self) -> None:
        """Offer what there is to copy; masked as on screen, long values in full."""
        row_actions.copy(self)

    def action_structure(self) -> None:
        """Show how the table is made."""
        if self.table is not None:
            known = self.state.known
            self.app.post_message(OpenStructure(self.table, known.catalog if known else None))

    def action_reveal(self) -> None:
        """Unmask the column under the cursor, or mask it again."""
        if self.grid.column is not None:
            self.grid.reveal(self.grid.revealed ^ {self.grid.column.name})
            self.look_at_grid()

    def action_cache_column(self) -> None:
        """Show whether each row is cached and fresh; the cost is shown above the rows."""
        self.opened.cache.toggle()

    def action_hide(self) -> None:
        """Hide the column under the cursor; keys stay."""
        self.opened.arranging.hide()

    def action_show_all(self) -> None:
        """Show all columns, as wide as their content needs."""
        self.opened.arranging.show_all()

    def action_resize(self, by: int) -> None:
        """Make the column under the cursor wider or narrower."""
        self.opened.arranging.resize(by)

    def action_freeze(self) -> None:
        """Keep the columns up to this one in sight; on the last of them, let them go."""
        self.opened.arranging.freeze()
