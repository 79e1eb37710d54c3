"""The rows that a relation leads to: a table like any other, on top of where one came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.browse_screen import BrowseScreen
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.stores.services import Services


class RelatedScreen(BrowseScreen):
    """Rows narrowed by where one came from; Esc and backspace lead back."""

    PLACE: ClassVar[Place] = Place.TABLES
    AUTO_FOCUS = "Grid"
    HELP = (
        "The rows that a relation leads to. The title is the way here. Everything that works in Tables works here: "
        "sort, filter, follow further. Esc leads back to where you were, which is as you left it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back", key_display="esc", tooltip="Back to where this relation started"),
    ]

    def __init__(self, view: TableView, known: Known, way: tuple[str, ...]) -> None:
        super().__init__()
        self.known = known
        self._view = view
        self._way = way

    def compose_body(self) -> ComposeResult:
        """Rows."""
        yield GridPane(self.app.services.clock, id="rows")
        yield self.compose_watch()

    def on_mount(self) -> None:
        """Read them."""
        self.title = "Related rows"
        pane = self.pane
        pane.known, pane.trail, pane.followed = self.known, self._way, frozenset(self._view.filters)
        if self.app.services.database is not None:
            pane.open_view(self.app.services.database, self._view)
            pane.grid.display = True
            pane.grid.focus()
        self.watch(self.app, "services", self._use, init=False)

    def _use(self, services: Services) -> None:
        """The database is at another address."""
        database, view = services.database, self.pane.view
        if database is not None and database is not self.pane.database and view is not None:
            self.pane.use(database, view.table)

    def action_back(self) -> None:
        """One step."""
        self.dismiss()
