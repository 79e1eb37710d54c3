"""The app: four places, a theme, one policy for what goes wrong. What each place shows stands in its own folder.

Nothing heavy is imported here: drivers load after the first frame, when the clients are made.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import Theme
from textual.timer import Timer
from textual.worker import Worker

from soundcheck.screens.app.cache.poller import CacheWatcher
from soundcheck.screens.app.palette import ScreenActions, app_commands
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.activity import SIGNS_OF_LIFE, Activity
from soundcheck.screens.app.parts.vim_keys import VimKeys, half_a_screen
from soundcheck.screens.app.parts.worker_errors import crash_line, log, tell
from soundcheck.screens.app.places import PLACE_KEYS, PLACES
from soundcheck.screens.app.preferences import load_preferences, save_preferences
from soundcheck.screens.app.routes import Route, SetupFinished
from soundcheck.screens.app.shell import Shell
from soundcheck.screens.app.start import Place, Start
from soundcheck.screens.app.theme import SIDEWAYS, UPWARDS, use_themes, wants_no_color
from soundcheck.screens.app.top_line import PlaceBar, TopLine
from soundcheck.screens.log_file import LOG_NAME
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.postgres.time_zone import zone_name
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.services import Services

if TYPE_CHECKING:
    from soundcheck.screens.app.removal_screen import RemovalChoice

_GOODBYE = 0.5
"""Seconds that leaving may wait for open connections."""


class SoundcheckApp(Shell):
    """The terminal app over one project's services.

    Clients that the app was given are closed by whoever made them, those that it opens itself are closed when it ends.
    """

    TITLE = "Soundcheck"
    CSS_PATH = "theme.tcss"
    MODES = PLACES
    COMMANDS: ClassVar = {*App.COMMANDS, ScreenActions}
    HORIZONTAL_BREAKPOINTS = SIDEWAYS
    VERTICAL_BREAKPOINTS = UPWARDS
    BINDINGS: ClassVar[list[BindingType]] = [
        *PLACE_KEYS,
        Binding("question_mark", "explain", "Help", key_display="?", tooltip="What this screen is for"),
        Binding("f1", "explain", "Help", key_display="F1", tooltip="What this screen is for"),
        # The framework adds its own ctrl+p only where no other key opens the palette.
        Binding(
            "f6,ctrl+p",
            "command_palette",
            "Palette",
            show=False,
            key_display="F6",
            tooltip="Find every action by its name",
        ),
        Binding("W,f7", "allow_writing", "Writing", show=False, tooltip="Allow writing in this session, or stop it"),
        Binding("ctrl+q", "quit", "Quit", priority=True, key_display="ctrl+q", tooltip="Leave Soundcheck"),
    ]

    def __init__(self, services: Services, start: Start | None = None) -> None:
        # The colour filter is chosen once, inside the base class: no colour must be known before.
        super().__init__(ansi_color=True if wants_no_color(services.environ) else None)
        self.start = start or Start()
        self.preferences = load_preferences(services.project.home)
        use_themes(self, services.environ, self.preferences.theme)
        self._first_theme = self.theme
        self._vim = VimKeys()
        self.activity = Activity(services.clock)
        self.gaps = {}
        self.removal: RemovalChoice | None = None
        """What is to be undone once the app has ended and nothing uses it any more."""
        self._opened: list[Services] = []
        self.set_reactive(Shell.zone, zone_name(self.preferences.zone, services.environ))
        self.set_reactive(Shell.services, services)
        self._use_zone()

    def compose(self) -> ComposeResult:
        """The first frame: the two lines that every place has. All else is imported after it is on the screen."""
        yield TopLine(self.services, just_looking=self.start.just_looking)
        yield PlaceBar(self.start.place)
        yield CacheWatcher(self.services.clock, self.activity)

    def on_mount(self) -> None:
        """Open the place that was asked for, and the clients, after the first frame."""
        self.banner = self.start.problem
        later.on_signal(self, self.theme_changed_signal, self._theme_changed)
        later.on_signal(self, self.mode_change_signal, self._place_changed)
        later.once_drawn(self, self._open_start)

    def _open_start(self) -> None:
        """Where to begin, unless a key was quicker."""
        if self.start.ask_project:
            from soundcheck.screens.app.project_question import ProjectQuestion

            later.ask(self, ProjectQuestion(self.services.project.root), self._use_project)
        elif self.current_mode == self.DEFAULT_MODE:
            self.switch_mode(self.start.place)

    def _use_project(self, root: Path | None) -> None:
        """Work on this project from now on; without one, leave."""
        from soundcheck.screens.opening import start_services

        if root is None:
            self.exit()
            return
        self.services, finished = start_services(root, self.services.environ)
        self.switch_mode(Place.TABLES if finished else Place.SETUP)

    async def on_unmount(self) -> None:
        """Close what was opened here, all at once, without waiting long for a network that is gone."""
        closing = asyncio.gather(*(services.close() for services in self._opened), return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing, _GOODBYE)

    def _place_changed(self, place: str) -> None:
        if place != Place.SETUP:
            later.once_drawn(self, self._open_clients)

    @later.worker("Opening the stores", group="clients", exclusive=True)
    async def _open_clients(self) -> None:
        from soundcheck.screens.app.clients import open_clients

        known = self.services
        try:
            opened = await open_clients(known, self._say_started)
        except SoundcheckError as problem:
            self.banner = problem.message
            return
        if opened is not known:
            self._opened.append(opened)
            self.services = opened

    async def renew_clients(self) -> bool:
        """As `Shell` says; what was opened here and no screen uses any more is closed."""
        from soundcheck.screens.app.clients import renewed_clients

        before = self.services
        if self.start.just_looking:
            return False
        now = await renewed_clients(before, self._say_started)
        if now is before or self.services is not before:
            return self.services is not before
        self._opened.append(now)
        self.services = now
        if any(one is before for one in self._opened):
            later.once_drawn(self, self._let_go, before, now)
        return True

    def _say_started(self) -> None:
        self.notify("Started the local stack again. To keep it down, leave Soundcheck first.", markup=False)

    def _let_go(self, before: Services, now: Services) -> None:
        """Close what was opened here and no screen uses any more."""
        gone = replace(
            before,
            database=None if before.database is now.database else before.database,
            cache=None if before.cache is now.cache else before.cache,
        )
        later.run(self, gone.close, "Closing what moved")

    @later.worker("Looking where the stores are", group="clients", exclusive=True)
    async def follow_moved_stores(self) -> None:
        """As `Shell` says; what goes wrong stands in the banner."""
        try:
            await self.renew_clients()
        except SoundcheckError as problem:
            self.banner = problem.message

    @on(SetupFinished)
    def _leave_setup(self, event: SetupFinished) -> None:
        """Use what Setup found from now on, close its clients at the end, and show the tables."""
        self._opened.append(event.services)
        self.services = event.services
        self.switch_mode(Place.TABLES)

    async def close_idle_setup(self) -> bool:
        """As `Shell` says."""
        from soundcheck.screens.app.opening import close_idle_setup

        return await close_idle_setup(self)

    @on(Route)
    async def _open(self, route: Route) -> None:
        from soundcheck.screens.app.opening import open_route

        await open_route(self, route)

    @on(CacheWatcher.Read)
    def _take_reading(self, event: CacheWatcher.Read) -> None:
        self.reading = event.reading

    async def on_event(self, event: events.Event) -> None:
        """Every key and click is a sign of life; a key may be one of vim's."""
        if isinstance(event, SIGNS_OF_LIFE):
            self.activity.touch()
        if isinstance(event, events.Key) and not event.is_forwarded and await self._press_vim_key(event):
            return
        await super().on_event(event)

    async def _press_vim_key(self, event: events.Key) -> bool:
        """Do what a vim key means here; False where it means nothing else than without vim keys."""
        focused = self.focused
        if not self.preferences.vim_keys or focused is None or self.current_mode == Place.SETUP:
            return False
        if focused.check_consume_key(event.key, event.character):
            return False
        works = {key: active for key, active in self.screen.active_bindings.items() if active.enabled}
        meant = self._vim.press(event.key, works, half_a_screen(focused))
        for _ in range(meant.times if meant is not None and meant.key else 0):
            active = works[meant.key]  # type: ignore[union-attr]
            await self.run_action(active.binding.action, active.node)
        return meant is not None

    def watch_services(self) -> None:
        """Setup may have pushed: what was compared before says nothing now."""
        self._use_zone()
        self.gaps.clear()

    def _use_zone(self) -> None:
        if self.services.database is not None:
            self.services.database.zone = self.zone

    def watch_app_focus(self, focused: bool) -> None:
        """A terminal in the background is a hidden one."""
        self.activity.has_focus = focused

    # ── what every screen can do ──

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """A toast, its commands spelled as they work in the reader's shell."""
        super().notify(spelled(message), title=title, severity=severity, timeout=timeout, markup=markup)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What is not a key of a screen: the theme, vim's keys, and leaving."""
        yield from app_commands(
            vim_keys=self.preferences.vim_keys,
            zone=self.zone,
            just_looking=self.start.just_looking,
            act=lambda action: partial(self.run_action, action),
        )

    def get_key_display(self, binding: Binding) -> str:
        """Words for keys whose sign a newcomer may not know."""
        return "enter" if binding.key == "enter" else super().get_key_display(binding)

    def action_toggle_vim_keys(self) -> None:
        """On or off, from now on and in every project."""
        self._prefer(vim_keys=not self.preferences.vim_keys)
        on = self.preferences.vim_keys
        self.notify("Vim keys are on; ? tells which." if on else "Vim keys are off.", markup=False)

    def action_choose_zone(self) -> None:
        """From now on and in every project; the rows on screen are read again."""
        from soundcheck.screens.app.zone_screen import ZoneScreen

        if not self.screen.is_modal:
            later.ask(self, ZoneScreen(self.preferences.zone), self._show_times_in)

    def _show_times_in(self, typed: str | None) -> None:
        if typed is not None:
            self._prefer(zone=typed)
            self.zone = zone_name(typed, self.services.environ)

    def action_replace_credential(self, half: str) -> None:
        """Exchange the password of the database or the token of the cache."""
        if not self.screen.is_modal:
            self._replace_credential(half)

    @later.worker("Opening the exchange of a credential", group="replacing", exclusive=True)
    async def _replace_credential(self, half: str) -> None:
        from soundcheck.screens.app.opening import open_replacement
        from soundcheck.stores.cloud.made import Half

        await open_replacement(self, Half(half))

    def action_move(self) -> None:
        """A move runs as a command, outside of the app that reads what moves: say which."""
        from soundcheck.wizard.move.cloud import LOCAL, database_place

        here = database_place(self.services.project, self.services.credentials.database_url) == LOCAL
        command = f"`soundcheck move --to {'cloud' if here else 'local'}`"
        self.notify(f"In a terminal: {command}; it shows both ends and asks first.", markup=False, timeout=15)

    def action_remove(self) -> None:
        """Look at what is there, then let choose."""
        if not self.screen.is_modal:
            self._choose_removal()

    @later.worker("Looking at what was created", group="removal", exclusive=True)
    async def _choose_removal(self) -> None:
        from soundcheck.screens.app.removal_screen import RemovalScreen
        from soundcheck.wizard.remove.plan import plan_removal

        plan = await plan_removal(self.services)
        if not plan.items:
            self.notify("There is nothing here that Soundcheck created.", markup=False)
            return
        self.removal = await self.push_screen_wait(RemovalScreen(plan))
        if self.removal is not None:
            self.exit()

    def _theme_changed(self, theme: Theme) -> None:
        if theme.name != (self.preferences.theme or self._first_theme):
            self._prefer(theme=theme.name)

    def _prefer(self, **changes: Any) -> None:
        """Keep it at once, aside."""
        self.preferences = kept = replace(self.preferences, **changes)
        home = self.services.project.home
        save = partial(asyncio.to_thread, save_preferences, home, kept)
        later.run(self, save, "Keeping the preferences", group="preferences")

    def action_go(self, place: str) -> None:
        """Switch to a place; a dialog on top keeps the person where they are."""
        if not self.screen.is_modal:
            self.switch_mode(place)

    def action_allow_writing(self) -> None:
        """A session begins read-only; who was given an address just looks and stays so."""
        if self.start.just_looking:
            self.notify("Just looking: nothing is written. Open the project itself to write.", markup=False)
        elif not self.screen.is_modal:
            self.writing = not self.writing
            self.notify(
                "Writing is allowed until W is pressed again." if self.writing else "Read-only again, both stores.",
                markup=False,
            )

    def action_explain(self) -> None:
        """Open the help of this screen."""
        from soundcheck.screens.app.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.screen))

    def set_timer(self, *args: Any, pause: bool = False, **options: Any) -> Timer:
        """Textual's own timers of the app, as that of a resize, must not get lost either."""
        timer = super().set_timer(*args, pause=True, **options)
        return timer if pause else later.sure(timer)

    # ── how it ends ──

    def get_driver_class(self) -> type[Driver]:
        """Ours on a terminal; what the environment names goes before."""
        from textual.drivers.linux_driver import LinuxDriver

        from soundcheck.screens.app.terminal_driver import TerminalDriver

        chosen = super().get_driver_class()
        return TerminalDriver if chosen is LinuxDriver else chosen

    def _handle_exception(self, error: Exception) -> None:
        """What nobody caught ends the app with one line. Textual's own report shows the values of variables."""
        if later.is_of_closing(error):
            log.info("%s while it closes", type(error).__name__)
            return
        log.critical("The app broke", exc_info=error)
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        if not self._exit and not self._exit_renderables:
            self._return_code = ExitCode.COULD_NOT_RUN
            log_file = None if self.start.just_looking else self.services.project.logs / LOG_NAME
            self._exit_renderables.append(Text(crash_line(error, log_file)))
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is shown and logged; the app goes on."""
        tell(self, event)
