"""The rows that a relation leads to: a table like any other, on top of where one came from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.routes import OpenDrift
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.screen_keys import NARROW, NEXT_KEYS, SCREEN_KEYS, show_relations, works_here
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.stores.services import Services


class RelatedScreen(PlaceScreen):
    """Rows narrowed by where one came from; Esc and backspace lead back."""

    PLACE: ClassVar[Place] = Place.TABLES
    next_keys: ClassVar[tuple[str, ...]] = NEXT_KEYS
    AUTO_FOCUS = "Grid"
    HELP = (
        "The rows that a relation leads to. The title is the way here. Everything that works in Tables works here: "
        "sort, filter, follow further. Esc leads back to where you were, which is as you left it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back", key_display="esc", tooltip="Back to where this relation started"),
        *SCREEN_KEYS,
    ]

    def __init__(self, view: TableView, known: Known, way: tuple[str, ...]) -> None:
        super().__init__()
        self._known = known
        self._view = view
        self._way = way

    def compose_body(self) -> ComposeResult:
        """Rows."""
        yield GridPane(self.app.services.clock, id="rows")

    @property
    def pane(self) -> GridPane:
        """The rows."""
        return self.query_one(GridPane)

    def on_mount(self) -> None:
        """Read them."""
        self.title = "Related rows"
        pane = self.pane
        pane.opened.doubts.know(self._known)
        pane.state = replace(pane.state, trail=self._way, followed=frozenset(self._view.filters))
        if self.app.services.database is not None:
            pane.show(self.app.services.database, self._view, focus=True)
        self.watch(self.app, "services", self._use, init=False)

    def _use(self, services: Services) -> None:
        """The database is at another address."""
        database, view = services.database, self.pane.view
        if database is not None and database is not self.pane.database and view is not None:
            self.pane.opened.move(database, view.table)

    @on(events.ScreenResume)
    def _come_back(self) -> None:
        for pane in self.query(GridPane):
            pane.opened.doubts.come_back()

    def on_resize(self) -> None:
        """Narrow terminals show rows as cards."""
        self.pane.grid.cards = self.size.width < NARROW

    @property
    def rows(self) -> GridPane | None:
        """The rows, once they are mounted."""
        return self.query_one_optional(GridPane)

    def read_again(self) -> None:
        """The rows in their place, and how many there are."""
        self.pane.opened.read_again()

    def look_again(self) -> None:
        """The same, as far as it is cheap."""
        self.pane.opened.look_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a database there is nothing to draw or to compare."""
        return works_here(self, action) and super().check_action(action, parameters)

    def action_diagram(self) -> None:
        """The relations, with the table that is open in the middle."""
        show_relations(self.pane)

    def action_drift(self) -> None:
        """Schema and database."""
        self.app.post_message(OpenDrift())

    def action_back(self) -> None:
        """One step."""
        self.dismiss()
