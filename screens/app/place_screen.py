"""What every place has in common: two lines on top, the body, the key line, and a notice where it is too small."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.getters import app as typed_app
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from soundcheck.screens.app.cache_reading import CacheReading
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.lit_panes import LitPanes
from soundcheck.screens.app.parts.worker_errors import tell
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.theme import classes_for
from soundcheck.screens.app.top_line import PlaceBar, TopLine, what_is_at_stake
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

TOO_SMALL = "This window is under 40 columns or 12 rows.\nMake it larger, or run\n  soundcheck --plain\nctrl+q quits."


class AwaitedRows(Protocol):
    """A pane of rows that may be on their way."""

    @property
    def is_opening(self) -> bool:
        """Whether the first ones are."""
        ...

    @property
    def is_turning(self) -> bool:
        """Whether those of another place, order or filter are."""
        ...


class PlaceScreen(Screen[None]):
    """One of the four places. A subclass yields its widgets in `compose_body` and says what it is in `HELP`.

    `watches_cache` says that the cache's figures are on this screen: polling runs only while such a screen is shown.
    """

    PLACE: ClassVar[Place]
    watches_cache: ClassVar[bool] = False
    next_keys: ClassVar[tuple[str, ...]] = ()
    """Actions whose keys stand first in the footer wherever they work: what one most likely needs next."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+r",
            "read_again",
            "Refresh",
            key_display="ctrl+r",
            tooltip="Refresh (reload): read again what is shown here",
        ),
    ]

    if TYPE_CHECKING:
        app = typed_app(Shell)

    _was_left = False

    def compose(self) -> ComposeResult:
        """Top line, places, body, keys."""
        self.title = self.PLACE.label
        self.update_classes(classes_for(self.app.size), update=False)  # before there is anything that they style
        yield TopLine(
            self.app.services,
            just_looking=self.app.start.just_looking,
            in_setup=self.PLACE is Place.SETUP,
        )
        yield PlaceBar(self.PLACE)
        with Vertical(id="body"):
            yield CommandText(id="banner", classes="hidden", markup=False)
            yield from self.compose_body()
        yield KeyLine()
        with Container(id="too-small"):
            yield CommandText(Content(spelled(TOO_SMALL)))

    @on(events.ScreenSuspend)
    def _note_leaving(self) -> None:
        self._was_left = True

    @on(events.ScreenResume)
    def _keep_fresh_styles(self, event: events.ScreenResume) -> None:
        """What was mounted a moment ago has its styles; only what lay behind another screen may have missed some."""
        event.refresh_styles = event.refresh_styles and self._was_left

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
        self.watch(self.app, "stack", self._show_banner)
        self.watch(self.app, "services", self._show_endpoint)
        if self.PLACE is not Place.TABLES:
            later.once_drawn(self, self.app.has_begun)

    @property
    def rows(self) -> AwaitedRows | None:
        """The pane whose rows the keys act on; None where there is none."""
        return None

    @property
    def is_opening(self) -> bool:
        """Whether there is nothing yet that keys act on; those that come early wait for it a moment."""
        return self.rows is not None and self.rows.is_opening

    @property
    def is_turning(self) -> bool:
        """Whether other rows are on their way, to which the next keys of a burst belong."""
        return self.rows is not None and self.rows.is_turning

    def action_read_again(self) -> None:
        """The refresh key: first what others may have changed around the stores, then what this screen shows."""
        self.app.look_around()
        self.read_again()

    @property
    def may_reveal(self) -> bool:
        """Whether everything personal may be shown for the session: on a development database."""
        return self.query_one(TopLine).kind is ProfileKind.DEV

    def action_reveal_session(self) -> None:
        """Show what is personal and secret until the key is pressed again, on every screen."""
        self.app.reveals = not self.app.reveals
        said = "Nothing is masked until R is pressed again." if self.app.reveals else "Masked again."
        self.notify(said, markup=False, timeout=3)

    def action_zoom(self) -> None:
        """Give the main pane all the room, or share it again."""
        self.toggle_class("-zoomed")

    def read_again(self) -> None:
        """Read everything that is shown here again, because the user asked for it."""

    def look_again(self) -> None:
        """The user is back: read again what is cheap. Never ask what is billed, nor a store that may be asleep."""

    def _show_endpoint(self, services: Services) -> None:
        self.query_one(PlaceBar).url = services.credentials.database_url
        self.query_one(TopLine).take_services(services)

    def _show_pulse(self, reading: CacheReading) -> None:
        self.query_one(TopLine).reading = reading

    def _show_banner(self) -> None:
        """Why a store does not answer; that the local stack is down says more than that nothing answers."""
        text = self.app.stack.words or self.app.banner
        banner = self.query_one("#banner", Static)
        banner.set_class(not text, "hidden")
        banner.update(Content.assemble(("! ", "bold"), spelled(text)))
        self.query_one(TopLine).stack = self.app.stack
        self.refresh_bindings()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is shown and logged."""
        tell(self, event)
