"""What every screen with a table's rows does for them: open a row, follow a key, copy, spell, show the structure."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.record.value_actions import whole_text
from soundcheck.screens.app.relation.catalog_watch import CatalogWatch
from soundcheck.screens.app.relation.crumbs import crumbs
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.routes import OpenDiagram, OpenDrift, OpenRecord, OpenRows, OpenStructure
from soundcheck.screens.app.tables.changing_pane import Doubt
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.rows.cells import visible
from soundcheck.stores.rows.relations import ForeignKey


class BrowseScreen(PlaceScreen):
    """A screen around one `GridPane`; a subclass says in `way` how one came here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "diagram", "Relations", show=False, tooltip="Draw how the tables refer to each other"),
        Binding(
            "D", "drift", "Drift", show=False, tooltip="Compare the Prisma schema with the database: what push would do"
        ),
    ]

    known: Known | None = None

    def compose_watch(self) -> CatalogWatch:
        """What looks whether the tables changed; a subclass yields it."""
        return CatalogWatch(self.known)

    @on(events.ScreenResume)
    def _come_back(self) -> None:
        for watch in self.query(CatalogWatch):
            if (known := watch.found_above) is not None:
                self.take_tables(known)
                self.pane.follow_tables(known)

    @on(GridPane.TablesDoubted)
    def _look_at_tables(self, event: GridPane.TablesDoubted) -> None:
        event.stop()
        self.query_one(CatalogWatch).look(event.doubt or "asked")

    @on(Asker.Answered, "#changes")
    def _tables_looked_at(self, event: Asker.Answered) -> None:
        event.stop()
        doubt = event.what if isinstance(event.what, Doubt) else None
        if event.answer is not None:
            self.take_tables(event.answer)
            self.pane.follow_tables(event.answer, doubt)
        elif doubt is not None:
            self.pane.settle(doubt)

    @on(Asker.Failed, "#changes")
    def _tables_not_looked_at(self, event: Asker.Failed) -> None:
        """Nobody knows; what went wrong before is said, and what is on screen stays."""
        event.stop()
        if isinstance(event.what, Doubt):
            self.pane.settle(event.what)

    def take_tables(self, known: Known) -> None:
        """The tables are these now."""
        self.known = self.pane.known = known
        self.query_one(CatalogWatch).take(known)

    @property
    def pane(self) -> GridPane:
        """The rows."""
        return self.query_one(GridPane)

    @property
    def way(self) -> tuple[str, ...]:
        """The crumbs up to the table that is open."""
        return crumbs(*self.pane.trail, self.pane.table.label if self.pane.table else "")

    @on(Grid.RowOpened)
    def _open_record(self, event: Grid.RowOpened) -> None:
        event.stop()
        table = self.pane.table
        if table is None or self.app.services.database is None:
            return
        if not table.primary_key:
            self.notify("This table has no primary key, so one row cannot be read by itself.", markup=False)
            return
        if event.row.key is not None:
            cells = event.row.mark.cells if event.row.mark else {}
            changes = {table.columns[place].name: change for place, change in cells.items()}
            key = self.pane.key_of_row(event.row)
            closed = later.while_open(self, partial(self.pane.look_again, event.row))
            self.app.post_message(OpenRecord(table, key, self.known, self.way, changes, closed))

    @on(GridPane.CopyWanted)
    async def _copy(self, event: GridPane.CopyWanted) -> None:
        event.stop()
        table = self.pane.table
        if event.text is not None:
            await copy_text(self.app, event.text, event.what, self.app.services.environ)
        elif table is None or not table.primary_key:
            self.notify(f"Only the beginning of {event.what} is here, and no key finds its row.", markup=False)
        else:
            self._copy_whole(table, event.key, event.what)

    @later.worker("Reading a value", group="value", exclusive=True)
    async def _copy_whole(self, table: Table, key: tuple[str, ...], name: str) -> None:
        """A long value is cut in the grid; what is copied is all of it."""
        text = await whole_text(self.app, table, key, name)
        if text is not None:
            await copy_text(self.app, text, name, self.app.services.environ)

    @on(GridPane.FollowWanted)
    def _follow(self, event: GridPane.FollowWanted) -> None:
        event.stop()
        table = self.known.table(event.key.target) if self.known else None
        filters = event.key.target_filters(event.row)
        if table is None or self.known is None or filters is None:
            self.notify(_nowhere(event.key, event.row, self.known), markup=False)
            return
        self.app.post_message(OpenRows(self.known, table, filters, self.way))

    @on(GridPane.SpellingsWanted)
    def _spell(self, event: GridPane.SpellingsWanted) -> None:
        from soundcheck.screens.app.sql.spelled_screen import SpelledScreen

        event.stop()
        self.app.push_screen(SpelledScreen(event.source, self.app.services))

    @on(GridPane.StructureWanted)
    def _show_structure(self, event: GridPane.StructureWanted) -> None:
        event.stop()
        self.app.post_message(OpenStructure(event.table, self.known.catalog if self.known else None))

    def action_diagram(self) -> None:
        """The relations, with the table that is open in the middle."""
        self.app.post_message(OpenDiagram(self.pane.table, self.known.catalog if self.known else None))

    def action_drift(self) -> None:
        """Schema and database."""
        self.app.post_message(OpenDrift())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a text field the keys are letters; without a database there is nothing to draw or compare."""
        if action in {"diagram", "drift"}:
            return self.app.services.database is not None and not isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    def on_resize(self) -> None:
        """Narrow terminals show rows as cards."""
        self.pane.grid.cards = self.size.width < 60


def _nowhere(key: ForeignKey, row: dict[str, Any], known: Known | None) -> str:
    columns = ", ".join(key.columns)
    if any(row.get(column) is None for column in key.columns):
        return f"{columns} is NULL here: this row points nowhere."
    name = known.catalog.label_of(key.target) if known else key.target[1]
    return f"The table {visible(name)} cannot be opened by this role."
