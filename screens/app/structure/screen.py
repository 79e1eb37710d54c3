"""How a table is made: read in one round trip when it is opened, never while it is hidden."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.routes import OpenDiagram, OpenDrift
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.structure.drift_text import table_sections
from soundcheck.screens.app.structure.find_line import FindLine, FoundWord, hits, row_of
from soundcheck.screens.app.structure.gap_pane import GapPane
from soundcheck.screens.app.structure.structure_text import sections
from soundcheck.stores.catalog.structure import Structure, load_structure
from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.errors import SoundcheckError, UsageError
from soundcheck.stores.hidden_characters import visible


class StructureScreen(PlaceScreen):
    """Columns, indexes with their size and use, constraints, and the DDL to copy."""

    PLACE: ClassVar[Place] = Place.TABLES
    CSS_PATH = "structure.tcss"
    AUTO_FOCUS = "#structure"
    HELP = (
        "How this table is made: its columns with their types and defaults, its indexes with their size and how often "
        "they were used since the statistics began, its constraints, and the SQL that makes it again.\n\n"
        "An index that is never used costs every write and helps no read.\n\n"
        "d compares the table with the project's Prisma schema: what a push would add (+), change (~) and lose (-), "
        "and the statements that it would run. D does so for all tables. Nothing is written."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "install", "Install engine", tooltip="Install Prisma's schema engine from npm, once: 8 MB"),
        Binding("c", "copy", "Copy DDL", tooltip="Copy the SQL that makes this table"),
        Binding("s", "save", "Save DDL", show=False, tooltip="Save the SQL that makes this table to a file"),
        Binding("d", "compare", "Drift", tooltip="Compare with the Prisma schema: what a push would do here (1-2 s)"),
        Binding("D", "whole", "All drift", show=False, tooltip="Compare all tables with the Prisma schema"),
        Binding("m", "diagram", "Relations", tooltip="Draw this table between its neighbours"),
        Binding("slash", "find", "Find", key_display="/", tooltip="Find a word on this page"),
        Binding("n", "next(1)", "Next place", show=False, tooltip="To the next place of the word"),
        Binding("N", "next(-1)", "Place before", show=False, tooltip="To the place of the word before"),
        Binding("escape,t,backspace", "back", "Back", key_display="esc", tooltip="Stop comparing, else back"),
    ]

    def __init__(self, table: Table, *, catalog: Catalog | None = None) -> None:
        super().__init__()
        self._catalog = catalog
        self._table = table
        self._structure: Structure | None = None
        self._reading: StoreQuestion[Table, Structure] = StoreQuestion(
            self, "Reading the structure", answered=self._show, failed=self._show_failure
        )
        self._term = ""
        self._at = -1
        self._marked: tuple[Static, Content] | None = None

    def compose_body(self) -> ComposeResult:
        """One page."""
        with Vertical(id="structure-pane", classes="pane") as pane:
            pane.border_title = Content(f"{visible(self._table.label)} · structure")
            yield PaneTrouble()
            yield TimedText(id="structure-state")
            yield FindLine()
            yield VerticalScroll(id="structure")

    def on_mount(self) -> None:
        """Read it."""
        self.title = "Structure"
        self.read_again()

    def read_again(self) -> None:
        """One query."""
        database = self.app.services.database
        if database is not None:
            self.query_one(PaneTrouble).hide()
            self._say("◐ reading…  esc Back")
            self._reading.ask(self._table, lambda: load_structure(database, self._table))

    def look_again(self) -> None:
        """Two small statements over the catalogue."""
        database = self.app.services.database
        if database is not None and not database.may_be_asleep and self._reading.waits_for is None:
            self.read_again()

    async def _show(self, _table: Table, structure: Structure) -> None:
        self._structure = structure
        self._table = structure.table
        self._say("")
        pane = self.query_one("#structure-pane")
        pane.border_title = Content(f"{visible(self._table.label)} · structure")
        pane.border_subtitle = Content("")  # the place of a word on the page before
        page = self.query_one("#structure", VerticalScroll)
        self._marked = None
        await page.remove_children()
        invitation = "d compares this table with the Prisma schema (1-2 s), D all tables."
        parts: list[Widget] = [GapPane(lambda gap: table_sections(gap, structure), invitation)]
        for title, text in sections(structure):
            parts += [Static(Content.styled(title, "bold $primary"), classes="section"), Static(text)]
        await page.mount_all(parts)
        self.refresh_bindings()

    def _show_failure(self, _table: Table, problem: SoundcheckError) -> None:
        self._say("This is the structure from before." if self._structure is not None else "")
        self.query_one(PaneTrouble).show(problem, focus=True)

    def _say(self, text: str) -> None:
        state = self.query_one("#structure-state", Static)
        state.display = bool(text)
        state.update(Content(text))

    @on(PaneTrouble.Again)
    def _again(self) -> None:
        self.read_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to copy or to compare before it is there."""
        gap = self._gap
        if action in {"copy", "save"}:
            return self._structure is not None
        if action in {"find", "next"}:
            return self._structure is not None and (action == "find" or bool(self._term))
        if action == "compare":
            return gap is not None and not gap.is_busy
        if action == "install":
            return gap is not None and gap.can_install
        return super().check_action(action, parameters)

    @property
    def _gap(self) -> GapPane | None:
        """There as soon as the structure is."""
        found = self.query(GapPane)
        return found.first() if found else None

    @on(GapPane.Changed)
    def _keys_changed(self) -> None:
        self.refresh_bindings()

    # ── finding a word ──

    def action_find(self) -> None:
        """Ask which."""
        self.query_one(FindLine).ask()

    @on(FindLine.Chosen)
    def _find(self, event: FindLine.Chosen) -> None:
        event.stop()
        self._term, self._at = event.term, -1
        if event.term and not self._places():
            problem = UsageError(f"{visible(event.term)} is not on this page.", "Type another word, or esc.")
            self.query_one(FindLine).refuse(problem)
            return
        self.query_one(FindLine).close()
        self.action_next(1)
        self.refresh_bindings()

    @on(FindLine.Closed)
    def _found(self) -> None:
        self.query_one("#structure").focus()

    def _parts(self) -> list[Static]:
        return [part for part in self.query("#structure Static").results(Static) if isinstance(part.content, Content)]

    def _places(self) -> tuple[FoundWord, ...]:
        return hits([str(part.content) for part in self._parts()], self._term)

    def action_next(self, by: int) -> None:
        """Mark the next place and bring it into sight; after the last comes the first."""
        if self._marked is not None:
            part, whole = self._marked
            part.update(whole)
            self._marked = None
        places = self._places()
        if not places:
            return
        self._at = (self._at + by) % len(places)
        hit = places[self._at]
        found = self._parts()[hit.part]
        text = found.content
        assert isinstance(text, Content)  # noqa: S101 - the others are left out
        found.update(text.stylize("reverse bold", hit.start, hit.end))
        self._marked = found, text
        page = self.query_one("#structure", VerticalScroll)
        y = found.region.y - page.region.y + page.scroll_y + row_of(text, hit.start, max(found.size.width, 1))
        page.scroll_to(y=y - page.size.height // 3, animate=False)
        self.query_one("#structure-pane").border_subtitle = Content(
            f"{visible(self._term)} · {self._at + 1} of {len(places)} · n N"
        )

    # ── against the schema ──

    async def action_compare(self) -> None:
        """With the schema; the page goes up to where the answer will stand."""
        if (gap := self._gap) is not None:
            self.query_one("#structure").scroll_home(animate=False)
            await gap.compare()

    async def action_install(self) -> None:
        """Then compare."""
        if (gap := self._gap) is not None:
            await gap.install()

    def action_whole(self) -> None:
        """All tables."""
        self.app.post_message(OpenDrift())

    async def action_copy(self) -> None:
        """The DDL."""
        if self._structure is not None:
            await copy_text(self.app, self._structure.ddl, "DDL", self.app.services.environ)

    def action_save(self) -> None:
        """The DDL, to a file."""
        from soundcheck.screens.app.parts.save_screen import SaveScreen

        if self._structure is not None:
            self.app.push_screen(SaveScreen(self._structure.ddl, f"{self._table.label}-ddl"))

    def action_diagram(self) -> None:
        """From here on; Esc leads back."""
        self.app.post_message(OpenDiagram(self._table, self._catalog))

    async def action_back(self) -> None:
        """Stop comparing first, then close it."""
        gap = self._gap
        if gap is not None and gap.is_busy:
            await gap.cancel()
        else:
            self.dismiss()
