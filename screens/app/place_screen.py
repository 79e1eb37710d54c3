"""What every place has in common: two lines on top, the body, the key line, and a notice where it is too small."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.getters import app as typed_app
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from soundcheck.screens.app.cache_reading import CacheReading
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.lit_panes import LitPanes
from soundcheck.screens.app.parts.worker_errors import tell
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.top_line import PlaceBar, TopLine, what_is_at_stake
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.services import Services

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

TOO_SMALL = "This window is under 40 columns or 12 rows.\nMake it larger, or run\n  soundcheck --plain\nctrl+q quits."


class PlaceScreen(Screen[None]):
    """One of the four places. A subclass yields its widgets in `compose_body` and says what it is in `HELP`.

    `watches_cache` says that the cache's figures are on this screen: polling runs only while such a screen is shown.
    """

    PLACE: ClassVar[Place]
    watches_cache: ClassVar[bool] = False

    if TYPE_CHECKING:
        app = typed_app(Shell)

    def compose(self) -> ComposeResult:
        """Top line, places, body, keys."""
        self.title = self.PLACE.label
        yield TopLine(
            self.app.services,
            just_looking=self.app.start.just_looking,
            in_setup=self.PLACE is Place.SETUP,
        )
        yield PlaceBar(self.PLACE)
        with Vertical(id="body"):
            yield Static(id="banner", classes="hidden", markup=False)
            yield from self.compose_body()
        yield KeyLine()
        with Container(id="too-small"):
            yield Static(Content(spelled(TOO_SMALL)))

    @property
    def stake(self) -> str:
        """What the header's word for the profile means; the help says it."""
        return what_is_at_stake(self.app.services)

    @abstractmethod
    def compose_body(self) -> ComposeResult:
        """The widgets of this place."""

    def on_mount(self) -> None:
        """Draw what the app knows already, and follow it."""
        self.watch(self, "focused", LitPanes(self).follow)
        self.watch(self.app, "reading", self._show_pulse)
        self.watch(self.app, "banner", self._show_banner)
        self.watch(self.app, "services", self._show_endpoint)

    def _show_endpoint(self, services: Services) -> None:
        self.query_one(PlaceBar).url = services.credentials.database_url
        self.query_one(TopLine).take_services(services)

    def _show_pulse(self, reading: CacheReading) -> None:
        self.query_one(TopLine).reading = reading

    def _show_banner(self, text: str) -> None:
        banner = self.query_one("#banner", Static)
        banner.set_class(not text, "hidden")
        banner.update(Content.assemble(("! ", "bold"), text))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is shown and logged."""
        tell(self, event)
