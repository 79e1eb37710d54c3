"""How a table is made: read in one round trip when it is opened, never while it is hidden."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.app.asker import Asker
from screens.app.clipboard import copy_text
from screens.app.place_screen import PlaceScreen
from screens.app.start import Place
from screens.app.structure.structure_text import sections
from screens.app.trouble import Trouble
from stores.catalog import Table
from stores.cells import visible
from stores.structure import Structure, load_structure


class StructureScreen(PlaceScreen):
    """Columns, indexes with their size and use, constraints, and the DDL to copy."""

    PLACE: ClassVar[Place] = Place.TABLES
    CSS_PATH = "structure.tcss"
    AUTO_FOCUS = "#structure"
    HELP = (
        "How this table is made: its columns with their types and defaults, its indexes with their size and how often "
        "they were used since the statistics began, its constraints, and the SQL that makes it again.\n\n"
        "An index that is never used costs every write and helps no read."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy DDL", tooltip="Copy the SQL that makes this table"),
        Binding("s", "save", "Save DDL", tooltip="Save the SQL that makes this table to a file"),
        Binding("escape,t,backspace", "back", "Rows", key_display="esc", tooltip="Back to the rows"),
        Binding("ctrl+r", "read_again", "Read again", show=False, tooltip="Read the structure again"),
    ]

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._structure: Structure | None = None

    def compose_body(self) -> ComposeResult:
        """One page."""
        with Vertical(id="structure-pane", classes="pane") as pane:
            pane.border_title = Content(f"{visible(self._table.name)} · structure")
            yield Static("◐ reading…  esc Rows", id="structure-state", markup=False)
            yield Trouble()
            yield VerticalScroll(id="structure")
            yield Asker("Reading the structure", id="structures")

    def on_mount(self) -> None:
        """Read it."""
        self.title = "Structure"
        self.action_read_again()

    def action_read_again(self) -> None:
        """One query."""
        database = self.app.services.database
        if database is not None:
            self.query_one(Trouble).hide()
            self.query_one(Asker).ask("structure", lambda: load_structure(database, self._table))

    @on(Asker.Answered)
    async def _show(self, event: Asker.Answered) -> None:
        event.stop()
        self._structure = event.answer
        self.query_one("#structure-state").display = False
        page = self.query_one("#structure", VerticalScroll)
        await page.remove_children()
        parts = []
        for title, text in sections(event.answer):
            parts += [Static(Content.styled(title, "bold $primary"), classes="section"), Static(text)]
        await page.mount_all(parts)
        self.refresh_bindings()

    @on(Asker.Failed)
    def _show_failure(self, event: Asker.Failed) -> None:
        event.stop()
        self.query_one("#structure-state").display = False
        self.query_one(Trouble).show(event.problem, focus=True)

    @on(Trouble.Again)
    def _again(self) -> None:
        self.action_read_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to copy before it is there."""
        return self._structure is not None if action in {"copy", "save"} else True

    async def action_copy(self) -> None:
        """The DDL."""
        if self._structure is not None:
            await copy_text(self.app, self._structure.ddl, "DDL", self.app.services.environ)

    def action_save(self) -> None:
        """The DDL, to a file."""
        from screens.app.record.save_screen import SaveScreen

        if self._structure is not None:
            self.app.push_screen(SaveScreen(self._structure.ddl, f"{self._table.name}-ddl"))

    def action_back(self) -> None:
        """Close it."""
        self.dismiss()
