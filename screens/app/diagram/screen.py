"""The diagram of the relations: one table between its neighbours, or the whole schema in layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from soundcheck.screens.app.diagram.view import DiagramView
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.relation.known import Known, known_anew
from soundcheck.screens.app.routes import OpenRows, OpenStructure
from soundcheck.screens.app.start import Place
from soundcheck.stores.amounts import number_of
from soundcheck.stores.catalog.tables import Catalog, Table, TableName, load_catalog
from soundcheck.stores.diagram.layout import Drawing
from soundcheck.stores.diagram.mermaid import mermaid
from soundcheck.stores.diagram.relations_drawing import neighbours_drawing, neighbours_of, whole_drawing
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.relations import load_relations


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is drawn: the neighbours of `middle`, or everything; and where the cursor is."""

    middle: TableName | None
    chosen: TableName | None


class DiagramScreen(PlaceScreen):
    """Read from the live catalog in one query when it is opened."""

    PLACE: ClassVar[Place] = Place.TABLES
    CSS_PATH = "diagram.tcss"
    AUTO_FOCUS = "DiagramView"
    HELP = (
        "How the tables refer to each other, read from the database's foreign keys. A line ends with ◄ at the table "
        "that is named; it begins at the columns that name it. So what others depend on stands on the left.\n\n"
        "↻ is a key of a table to itself. ⇢ is a key that would close a circle: it is told in words, not drawn. "
        "┼ is a crossing, never a branch.\n\n"
        "Enter opens the chosen table's structure, o its rows, space draws its neighbours, a draws all tables. c "
        "copies the drawing as text, M as a Mermaid erDiagram for a README."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "rows", "Rows", tooltip="Show the rows of the chosen table"),
        Binding("space", "centre", "Neighbours", tooltip="Draw the chosen table between its neighbours"),
        Binding("a", "whole", "All tables", tooltip="Draw the whole schema in layers"),
        Binding("escape,m,backspace", "back", "Back", key_display="esc", tooltip="Back to what was shown before"),
        Binding("c", "copy", "Copy", tooltip="Copy the drawing as text"),
        Binding("M", "copy_mermaid", "Mermaid", tooltip="Copy what is drawn as a Mermaid erDiagram"),
        Binding("s", "save", "Save", show=False, tooltip="Save the drawing as text to a file"),
    ]

    def __init__(self, table: Table | None = None, *, catalog: Catalog | None = None) -> None:
        super().__init__()
        self._catalog = catalog
        name = (table.schema, table.name) if table is not None else None
        self._sights = [_Sight(name, name)]
        self._known: Known | None = None
        self._drawing = Drawing((), ())
        self._reading: StoreQuestion[str, Known] = StoreQuestion(
            self, "Reading the relations", answered=self._take, failed=self._show_failure
        )

    def compose_body(self) -> ComposeResult:
        """One drawing."""
        with Vertical(id="diagram-pane", classes="pane") as pane:
            pane.border_title = Content("Relations")
            yield TimedText("◐ reading the foreign keys…  esc Back", id="diagram-state")
            yield PaneTrouble()
            yield DiagramView()

    def on_mount(self) -> None:
        """Read them."""
        self.title = "Relations"
        self.read_again()

    def read_again(self) -> None:
        """The keys, in one query; the tables as well where nobody has read them."""
        database, catalog, known = self.app.services.database, self._catalog, self._known
        if database is not None:
            self.query_one(PaneTrouble).hide()
            self._reading.ask("relations", lambda: _read(database, catalog, known))

    def look_again(self) -> None:
        """One small statement where nothing changed."""
        database = self.app.services.database
        if database is not None and not database.may_be_asleep and self._reading.waits_for is None:
            self.read_again()

    def _take(self, _asked: str, known: Known) -> None:
        self._known = known
        self.query_one("#diagram-state").display = False
        self._draw()

    def _show_failure(self, _asked: str, problem: SoundcheckError) -> None:
        self.query_one("#diagram-state").display = False
        self.query_one(PaneTrouble).show(problem, focus=True)

    @on(PaneTrouble.Again)
    def _again(self) -> None:
        self.read_again()

    @on(events.Resize)
    def _redraw(self) -> None:
        later.once_drawn(self, self._draw)

    def _draw(self) -> None:
        """What is in sight, as wide as the pane."""
        known, sight, view = self._known, self._sights[-1], self.query_one(DiagramView)
        if known is None:
            return
        room = max(view.size.width - 1, 30)
        table = known.table(sight.middle) if sight.middle is not None else None
        if table is not None:
            self._drawing = neighbours_drawing(known.catalog, known.relations, table, room=room)
            title = f"{visible(known.catalog.label(table))} and its neighbours"
        else:
            self._drawing = whole_drawing(known.catalog, known.relations, room=room)
            title = "All tables and their relations"
        pane = self.query_one("#diagram-pane")
        pane.border_title = Content(title)
        number, keys = len(self._drawing.boxes), len(known.relations.keys)
        pane.border_subtitle = Content(f"{number_of(number, 'box', 'boxes')} · {number_of(keys, 'foreign key')} in all")
        view.show(self._drawing, sight.chosen)
        self.refresh_bindings()

    @on(DiagramView.Moved)
    def _mark(self, event: DiagramView.Moved) -> None:
        event.stop()
        chosen, known = self._table, self._known
        if chosen is not None and known is not None:
            near = neighbours_of(known.catalog, known.relations, chosen)
            self.query_one(DiagramView).mark(frozenset((one.schema, one.name) for one in near))
        self.refresh_bindings()

    @property
    def _table(self) -> Table | None:
        """The chosen one."""
        chosen = self.query_one(DiagramView).chosen
        return self._known.table(chosen) if self._known is not None and chosen is not None else None

    # ── what the keys do ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to open or to copy before it is drawn."""
        if action in {"copy", "copy_mermaid", "save", "rows"}:
            return bool(self._drawing.boxes)
        if action == "centre":
            chosen = self._table
            return chosen is not None and (chosen.schema, chosen.name) != self._sights[-1].middle
        if action == "whole":
            return self._sights[-1].middle is not None and bool(self._drawing.boxes)
        return super().check_action(action, parameters)

    @on(DiagramView.Opened)
    def _open_structure(self, event: DiagramView.Opened) -> None:
        event.stop()
        if (table := self._table) is not None:
            self.app.post_message(OpenStructure(table, self._known.catalog if self._known else None))

    def action_rows(self) -> None:
        """On top of this; Esc leads back here."""
        table, known = self._table, self._known
        if table is None or known is None:
            return
        if not table.readable:
            self.notify("This role may not read the rows of that table.", severity="warning", markup=False)
            return
        self.app.post_message(OpenRows(known, table))

    def action_centre(self) -> None:
        """The chosen table becomes the middle."""
        chosen = self.query_one(DiagramView).chosen
        self._sights[-1] = _Sight(self._sights[-1].middle, chosen)
        self._sights.append(_Sight(chosen, chosen))
        self._draw()

    def action_whole(self) -> None:
        """All tables, the cursor where it was."""
        chosen = self.query_one(DiagramView).chosen
        self._sights.append(_Sight(None, chosen))
        self._draw()

    async def action_copy(self) -> None:
        """The drawing."""
        await self._copy("\n".join(self._drawing.lines) + "\n", "The drawing")

    async def action_copy_mermaid(self) -> None:
        """The tables that are drawn."""
        known = self._known
        if known is not None:
            names = {box.table for box in self._drawing.boxes}
            tables = [table for table in known.catalog if (table.schema, table.name) in names]
            await self._copy(mermaid(known.catalog, known.relations, tables), "The Mermaid erDiagram")

    async def _copy(self, text: str, what: str) -> None:
        await copy_text(self.app, text, what, self.app.services.environ, otherwise="s saves the drawing to a file")

    def action_save(self) -> None:
        """The drawing, to a file."""
        from soundcheck.screens.app.parts.save_screen import SaveScreen

        middle, known = self._sights[-1].middle, self._known
        name = self.app.services.project.name
        if middle is not None and known is not None:
            name = known.catalog.label_of(middle)
        self.app.push_screen(SaveScreen("\n".join(self._drawing.lines) + "\n", f"{name}-relations"))

    def action_back(self) -> None:
        """To what was drawn before, then away."""
        if len(self._sights) > 1:
            self._sights.pop()
            self._draw()
        else:
            self.dismiss()


async def _read(database: Database, catalog: Catalog | None, known: Known | None) -> Known:
    """The foreign keys of the tables at hand; everything that changed where they were read already."""
    if known is not None:
        return await known_anew(database, known) or known
    return Known(catalog or await load_catalog(database), await load_relations(database))
