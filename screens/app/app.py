"""The app: four places, a theme, one policy for what goes wrong. What each place shows stands in its own folder.

Nothing heavy is imported here: drivers load after the first frame, when the clients are made.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import ClassVar

from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from checks.services import Services
from screens.app.activity import Activity
from screens.app.palette import ScreenActions
from screens.app.places import PLACES
from screens.app.start import Place, Start
from screens.app.theme import use_themes, wants_no_color

log = logging.getLogger("soundcheck.app")


class SoundcheckApp(App[None]):
    """The terminal app over one project's services.

    `services` may be replaced while it runs (Setup finds credentials): assign `app.services`, and every screen that
    watches it follows. What the app was given is closed by whoever made it; what the app opens it closes itself.
    """

    TITLE = "Soundcheck"
    CSS_PATH = "theme.tcss"
    MODES = PLACES
    COMMANDS: ClassVar = {*App.COMMANDS, ScreenActions}
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - the base class declares it for instances
        (0, "-tiny"),
        (40, "-cards"),
        (60, "-narrow"),
        (80, "-normal"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - the base class declares it for instances
        (0, "-flat"),
        (12, "-short"),
        (30, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                f"{place.digit},f{index}", f"go('{place}')", place.label, show=False, tooltip=f"Go to {place.label}"
            )
            for index, place in enumerate(Place, start=2)
        ),
        Binding(
            "question_mark,f1", "explain", "Help", key_display="?", tooltip="What this screen is for, and its keys"
        ),
        Binding("f6", "command_palette", "Palette", show=False, tooltip="Find every action by its name"),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, tooltip="Leave Soundcheck"),
    ]

    services: reactive[Services] = reactive(None, init=False)  # type: ignore[arg-type]
    pulse: reactive[Content] = reactive(Content(""))
    """The cache in the top line: hit rate, its last minutes, operations a second."""
    banner: reactive[str] = reactive("")
    """Why a store cannot be reached; "" when all is well. It never sends anybody back to Setup."""

    database_problem = ""
    """The part of the banner that the database is to blame for."""

    def __init__(self, services: Services, start: Start | None = None) -> None:
        # The colour filter is chosen once, inside the base class: no colour must be known before.
        super().__init__(ansi_color=True if wants_no_color(services.environ) else None)
        use_themes(self, services.environ)
        self.start = start or Start()
        self.activity = Activity(services.clock)
        self.set_reactive(SoundcheckApp.services, services)

    def on_mount(self) -> None:
        """Open the place that was asked for; the clients come after the first frame."""
        self.banner = self.start.problem
        self.switch_mode(self.start.place)
        self.call_after_refresh(self._open_clients)

    @work(exclusive=True, group="clients", exit_on_error=False)
    async def _open_clients(self) -> None:
        """Import the drivers in a thread and make the clients that the credentials allow."""
        import asyncio

        services = self.services
        missing = services.credentials.has_database and services.database is None
        if not missing and not (services.credentials.has_cache and services.cache is None):
            return
        opened = await asyncio.to_thread(services.using, services.credentials)
        if self.is_running:
            self.services = opened

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What is not a key of a screen: the theme, and leaving."""
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)
        yield SystemCommand("Quit", "Leave Soundcheck", self.action_quit)

    def get_key_display(self, binding: Binding) -> str:
        """Words for keys whose sign a newcomer may not know."""
        return "enter" if binding.key == "enter" else super().get_key_display(binding)

    def action_go(self, place: str) -> None:
        """Switch to a place; a dialog on top keeps the person where they are."""
        if not self.screen.is_modal:
            self.switch_mode(place)

    def action_explain(self) -> None:
        """Open the help of this screen."""
        from screens.app.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.screen))

    async def on_event(self, event: events.Event) -> None:
        """Every key and click is a sign of life."""
        if isinstance(
            event, events.Key | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp | events.Paste
        ):
            self.activity.touch()
        await super().on_event(event)

    def watch_app_focus(self, focused: bool) -> None:
        """A terminal in the background is a hidden one."""
        self.activity.has_focus = focused

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is shown and logged; the app goes on."""
        if event.state is WorkerState.ERROR:
            log.error("worker %s failed", event.worker.name, exc_info=event.worker.error)
            self.notify(f"{event.worker.error}", title=event.worker.description, severity="error", markup=False)
