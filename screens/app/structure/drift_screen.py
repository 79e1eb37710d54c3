"""Schema and database, all tables at once: what a push would do, and what it would lose."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.structure.drift_text import whole_sections
from soundcheck.screens.app.structure.gap_pane import GapPane


class DriftScreen(PlaceScreen):
    """Compares as it opens, unless that was done before; nothing is written."""

    PLACE: ClassVar[Place] = Place.TABLES
    CSS_PATH = "structure.tcss"
    AUTO_FOCUS = "#drift"
    HELP = (
        "The project's Prisma schema against the live database: what a push would add (+), change (~) and lose (-), "
        "with the statements that it would run. Nothing is written here; Setup pushes (key 1, step Database), and "
        "asks for every loss by its name.\n\n"
        "Tables and enums outside the schema, and indexes made by hand, stay as they are unless you name them there."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "install", "Install engine", tooltip="Install Prisma's schema engine from npm, once: 8 MB"),
        Binding("d", "compare", "Compare again", tooltip="Compare schema and database again (1-2 s)"),
        Binding("c", "copy", "Copy", tooltip="Copy all of this as text"),
        Binding("s", "save", "Save", tooltip="Save all of this to a file"),
        Binding("escape,backspace", "back", "Back", key_display="esc", tooltip="Stop comparing, else back"),
    ]

    def compose_body(self) -> ComposeResult:
        """One page."""
        with Vertical(id="structure-pane", classes="pane") as pane:
            pane.border_title = Content("Schema and database")
            with VerticalScroll(id="drift"):
                yield GapPane(whole_sections, "d compares schema and database (1-2 s).", at_once=True)

    def on_mount(self) -> None:
        """The pane asks by itself: somebody wanted it by coming here."""
        self.title = "Schema and database"

    @property
    def _gap(self) -> GapPane:
        return self.query_one(GapPane)

    @on(GapPane.Changed)
    def _keys_changed(self) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to copy before it is there, nothing to install where it is."""
        if action in {"copy", "save"}:
            return bool(self._gap.text)
        if action == "compare":
            return not self._gap.is_busy
        if action == "install":
            return self._gap.can_install
        return super().check_action(action, parameters)

    def read_again(self) -> None:
        """Compare once more."""
        if not self._gap.is_busy:
            later.run(self, self._gap.compare, "Comparing with the schema", group="compare", exclusive=True)

    async def action_compare(self) -> None:
        """Once more."""
        await self._gap.compare()

    async def action_install(self) -> None:
        """Then compare."""
        await self._gap.install()

    async def action_copy(self) -> None:
        """All sections."""
        await copy_text(
            self.app, self._gap.text, "The comparison", self.app.services.environ, otherwise="s saves it to a file"
        )

    def action_save(self) -> None:
        """All sections, to a file."""
        from soundcheck.screens.app.parts.save_screen import SaveScreen

        self.app.push_screen(SaveScreen(self._gap.text, f"{self.app.services.project.name}-schema-drift"))

    async def action_back(self) -> None:
        """Stop first."""
        if self._gap.is_busy:
            await self._gap.cancel()
        else:
            self.dismiss()
