"""Place 2: tables on the left with the cache's figures below them, rows on the right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.cache.panel import CachePanel
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.routes import OpenDrift, OpenStructure
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.first_view import moved, named_table, table_to_open, view_to_open, why_none
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.remembered import LastPlace, Remembered, load_remembered, save_remembered
from soundcheck.screens.app.tables.screen_keys import (
    NARROW,
    NEXT_KEYS,
    SCREEN_KEYS,
    TABLES_HELP,
    show_relations,
    works_here,
)
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.screens.app.tables.view_words import words_for_no_tables
from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.relations import Relations

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.project.project import Project
    from soundcheck.stores.services import Services


class TablesScreen(PlaceScreen):
    """Rows first; everything else is one key away."""

    PLACE: ClassVar[Place] = Place.TABLES
    next_keys: ClassVar[tuple[str, ...]] = NEXT_KEYS
    CSS_PATH = "tables.tcss"
    AUTO_FOCUS = "TableList"
    watches_cache: ClassVar[bool] = True
    HELP = TABLES_HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", key_display="/", tooltip="Find a table by its name"),
        Binding("escape", "stop", "Cancel", tooltip="Stop reading, from the list as well"),
        Binding("escape", "to_list", "Tables", tooltip="Back to the list of tables"),
        Binding("tab", "app.focus_next", "Next", show=False, tooltip="To the next pane"),
        Binding("f", "fill", "Fill with sample data", tooltip="Fill all eleven tables with sample data"),
        Binding("c", "copy_seed", "Copy command", tooltip="Copy the command that fills the tables with sample data"),
        *SCREEN_KEYS,
    ]

    @dataclass
    class CatalogRead(Message):
        """The tables came."""

        catalog: Catalog
        remembered: Remembered

    @dataclass
    class RelationsRead(Message):
        """How the tables refer to each other."""

        catalog: Catalog
        relations: Relations

    @dataclass
    class CatalogFailed(Message):
        """The tables did not come."""

        problem: SoundcheckError

    def __init__(self) -> None:
        super().__init__()
        self._database: Database | None = None
        self._loaded: Database | None = None
        self._remembered = Remembered()
        self._memory: StoreQuestion[Remembered, None] = StoreQuestion(self, "Remembering the place")

    def compose_body(self) -> ComposeResult:
        """List and figures, rows."""
        with Horizontal(id="tables"):
            with Vertical(id="side"):
                with Vertical(id="list-pane", classes="pane") as pane:
                    pane.border_title = Content("Tables")
                    yield Input(placeholder="name", id="find", compact=True, classes="hidden")
                    yield TimedText("◐ connecting…", id="list-state")
                    yield TableList(id="list")
                    yield PaneTrouble()
                yield CachePanel(id="cache-panel")
            yield GridPane(self.app.services.clock, id="rows")

    @property
    def pane(self) -> GridPane:
        """The rows."""
        return self.query_one(GridPane)

    def on_mount(self) -> None:
        """Follow the services: Setup may find others."""
        self.query_one("#list", TableList).display = False
        self.watch(self.app, "services", self._use)

    def _use(self, services: Services) -> None:
        self._database = services.database
        if services.database is None:
            waiting = services.credentials.has_database
            self._say_state("◐ connecting…" if waiting else why_none(services))
            if not waiting:
                self.app.has_begun()
        elif services.database is not self._loaded:
            if not moved(self.pane.database, services.database):
                self.pane.opened.close()
            self._load()

    def _say_state(self, text: str) -> None:
        state = self.query_one("#list-state", Static)
        state.display = bool(text)
        state.update(Content(text))

    # ── the tables ──

    def _load(self, *, again: bool = False) -> None:
        assert self._database is not None  # noqa: S101 - only called with one
        self._say_state("◐ reading tables…")
        self._database.tell(later.while_open(self, lambda said: self._say_state(f"◐ {said}")))
        self.query_one("#list-pane PaneTrouble", PaneTrouble).hide()
        self._read_catalog(self._database, self.app.services.project, again=again)

    @later.worker("Reading tables", group="catalog", exclusive=True)
    async def _read_catalog(self, database: Database, project: Project, *, again: bool) -> None:
        try:
            if again and await self.app.renew_clients():
                return  # `_use` was called with the new ones
            catalog = await self.app.read_catalog(database)
            remembered = await asyncio.to_thread(load_remembered, project)
        except SoundcheckError as problem:
            self.post_message(self.CatalogFailed(problem))
        else:
            self._loaded = database
            self.post_message(self.CatalogRead(catalog, remembered))
            try:
                relations = await self.app.read_relations(database)
            except SoundcheckError:
                return  # the tables are there; following keys is all that is missing
            self.post_message(self.RelationsRead(catalog, relations))

    @on(RelationsRead)
    def _take_relations(self, event: RelationsRead) -> None:
        self.pane.opened.doubts.take(Known(event.catalog, event.relations))
        self.pane.opened.names.ask_for_all()

    @on(CatalogRead)
    def _show_catalog(self, event: CatalogRead) -> None:
        known = Known(event.catalog)
        self.pane.opened.doubts.take(known)
        self._show_tables(known)
        tables = self.query_one("#list", TableList)
        self.app.banner = ""
        self.app.tell_trouble(Half.DATABASE, "")
        self._remembered = event.remembered
        self.pane.opened.arranging.kept.update(event.remembered.arrangements)
        named = named_table(event.catalog, self.app.start.table)
        first = named or table_to_open(event.catalog, self._last_place)
        stays = self._table_that_stays(event.catalog)
        if stays is not None:
            assert self._database is not None  # noqa: S101 - its tables were just read
            tables.open_table = stays
            self.pane.opened.move(self._database, stays)
        elif first is not None and self.pane.database is not self._database:
            self._open(TableList.Opened(first), focus=named is not None)
            tables.point_at(first)
        if self.focused is None:
            tables.focus()
        if first is None:
            self.app.has_begun()

    def _show_tables(self, known: Known) -> None:
        """The list, with the cursor on the same table as before."""
        tables = self.query_one("#list", TableList)
        chosen = tables.chosen
        self._say_state("" if known.catalog.tables else words_for_no_tables(self.app.services.project))
        tables.display = bool(known.catalog.tables)
        tables.catalog = known.catalog
        if chosen is not None and (now := known.now(chosen)) is not None:
            tables.point_at(now)

    @on(GridPane.TablesFound)
    def _tables_found(self, event: GridPane.TablesFound) -> None:
        """The list shows them, and marks the one that is open."""
        event.stop()
        known = event.known
        self._show_tables(known)
        tables = self.query_one("#list", TableList)
        tables.open_table = known.now(tables.open_table) if tables.open_table is not None else None

    @on(GridPane.RowsNumbered)
    def _rows_numbered(self, event: GridPane.RowsNumbered) -> None:
        """The list says no other number than the rows beside it."""
        event.stop()
        self.query_one("#list", TableList).learn(event.table, event.rows)

    @property
    def rows(self) -> GridPane | None:
        """The rows, once they are mounted."""
        return self.query_one_optional(GridPane)

    def read_again(self) -> None:
        """The tables with today's numbers of rows, and the rows of the open one in their place."""
        if self._database is None or self._loaded is not self._database:
            self._try_again()
        else:
            self.pane.opened.read_again()

    def look_again(self) -> None:
        """The same, as far as it is cheap."""
        if self._database is not None and self._loaded is self._database:
            self.pane.opened.look_again()
        elif self.query_one("#list-pane PaneTrouble", PaneTrouble).is_shown:
            self._try_again()

    def _table_that_stays(self, catalog: Catalog) -> Table | None:
        """The one that is open, where only the database's address is another one and its columns are the same."""
        table = self.pane.table
        if table is None or self.pane.view is None or self.pane.database is self._database:
            return None
        same = (
            one for one in catalog if (one.schema, one.name, one.columns) == (table.schema, table.name, table.columns)
        )
        return next(same, None)

    @property
    def _last_place(self) -> LastPlace | None:
        """What this profile had open last."""
        return self._remembered.places.get(self.app.services.project.profile.name)

    @on(GridPane.ViewShown)
    @on(GridPane.Rearranged)
    def _remember(self, event: GridPane.ViewShown | GridPane.Rearranged) -> None:
        """Kept at once, aside; nothing is written where somebody is just looking."""
        event.stop()
        project, view = self.app.services.project, self.pane.view
        if self.app.start.just_looking or view is None:
            return
        last = LastPlace((view.table.schema, view.table.name), view.sort)
        if isinstance(event, GridPane.ViewShown) and self._remembered.places.get(project.profile.name) == last:
            return
        places = {**self._remembered.places, project.profile.name: last}
        self._remembered = kept = Remembered(dict(self.pane.opened.arranging.kept), places)
        self._memory.ask(kept, lambda: asyncio.to_thread(save_remembered, project, kept))

    @on(CatalogFailed)
    def _show_failure(self, event: CatalogFailed) -> None:
        self._say_state("")
        self.app.has_begun()
        self.app.banner = event.problem.message
        self.app.tell_trouble(Half.DATABASE, event.problem.message)
        self.query_one("#list", TableList).display = False
        self.query_one("#list-pane PaneTrouble", PaneTrouble).show(event.problem, focus=True)

    @on(PaneTrouble.Again)
    def _try_again(self) -> None:
        if self._database is not None:
            self._load(again=True)

    @on(TableList.Opened)
    def _table_opened(self, event: TableList.Opened) -> None:
        self._open(event, focus=True)

    @on(TableList.StructureWanted)
    def _show_its_structure(self, event: TableList.StructureWanted) -> None:
        known = self.pane.state.known
        self.app.post_message(OpenStructure(event.table, known.catalog if known else None))

    def _open(self, event: TableList.Opened, *, focus: bool) -> None:
        if self._database is None:
            return
        self.query_one("#list", TableList).open_table = event.table
        if focus:
            self.set_class(True, "-rows-open")
        self.pane.show(self._database, view_to_open(event.table, self._last_place), focus=focus)

    # ── finding a table ──

    def action_find(self) -> None:
        """Type a part of a name."""
        self.set_class(False, "-rows-open")
        find = self.query_one("#find", Input)
        find.remove_class("hidden")
        find.focus()

    @on(Input.Changed, "#find")
    def _narrow(self, event: Input.Changed) -> None:
        self.query_one("#list", TableList).needle = event.value

    @on(Input.Submitted, "#find")
    def _open_hit(self) -> None:
        tables = self.query_one("#list", TableList)
        chosen = tables.chosen
        self._end_find()
        if chosen is not None:
            tables.point_at(chosen)
            self._open(TableList.Opened(chosen), focus=True)

    def _end_find(self) -> None:
        self.query_one("#list", TableList).needle = ""  # before the message that emptying the field sends
        find = self.query_one("#find", Input)
        find.value = ""
        find.add_class("hidden")
        self.query_one("#list", TableList).focus()

    # ── the rows ──

    @on(events.ScreenResume)
    def _come_back(self) -> None:
        for pane in self.query(GridPane):
            pane.opened.doubts.come_back()

    def on_resize(self) -> None:
        """Narrow terminals show rows as cards."""
        self.pane.grid.cards = self.size.width < NARROW

    def action_diagram(self) -> None:
        """The relations, with the table that is open in the middle."""
        show_relations(self.pane)

    def action_drift(self) -> None:
        """Schema and database."""
        self.app.post_message(OpenDrift())

    # ── going back ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc stops a read that takes long; else it leads back to the list, from wherever that is a step back."""
        if action == "stop":
            return self.focused is not None and self.focused.id == "list" and self.pane.state.is_busy
        if action == "find":
            return not isinstance(self.focused, Input)
        if action in {"copy_seed", "fill"}:
            return not isinstance(self.focused, Input) and bool(self.pane.state.seed_command)
        if action == "to_list":
            return self.focused is not None and self.focused.id != "list"
        return works_here(self, action) and super().check_action(action, parameters)

    async def action_copy_seed(self) -> None:
        """To be pasted into a shell."""
        environ, command = self.app.services.environ, self.pane.state.seed_command
        await copy_text(self.app, command, "The command", environ, otherwise="it stands above the rows")

    @on(GridPane.FillWanted)
    def action_fill(self) -> None:
        """Ask, fill, and read again what was filled."""
        if (database := self._database) is None:
            return
        from soundcheck.screens.app.tables.fill_screen import FillScreen

        later.ask(self, FillScreen(database), self._filled)

    def _filled(self, wrote: bool | None) -> None:
        if wrote:
            self.action_read_again()

    def action_stop(self) -> None:
        """Stop what runs in the rows while the list has the focus."""
        self.pane.action_cancel()

    def action_to_list(self) -> None:
        """One step back: out of Find, or from the rows to the list."""
        self.set_class(False, "-rows-open")
        if not self.query_one("#find", Input).has_class("hidden"):
            self._end_find()
        else:
            self.query_one("#list", TableList).focus()
