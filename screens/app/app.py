"""The app: four places, a theme, one policy for what goes wrong. What each place shows stands in its own folder.

Nothing heavy is imported here: drivers load after the first frame, when the clients are made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme
from textual.timer import Timer
from textual.worker import Worker

from soundcheck.screens.app.app_keys import APP_KEYS
from soundcheck.screens.app.beginning import Beginning
from soundcheck.screens.app.cache.poller import CacheWatcher
from soundcheck.screens.app.cache_reading import State, named, unread
from soundcheck.screens.app.coming_back import ComingBack
from soundcheck.screens.app.palette import ScreenActions, app_commands
from soundcheck.screens.app.parsed_once import ParsedOnce
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.activity import SIGNS_OF_LIFE, Activity
from soundcheck.screens.app.parts.key_gate import KeyGate
from soundcheck.screens.app.parts.next_keys import AFTER_G, show_next_keys
from soundcheck.screens.app.parts.vim_keys import VimKeys, half_a_screen
from soundcheck.screens.app.parts.worker_errors import crash_line, log, tell
from soundcheck.screens.app.places import PLACES
from soundcheck.screens.app.preferences import load_preferences, save_preferences
from soundcheck.screens.app.routes import Route, SetupFinished, SetupWrote
from soundcheck.screens.app.session_stores import SessionStores
from soundcheck.screens.app.shell import Shell
from soundcheck.screens.app.stack_news import StackNews
from soundcheck.screens.app.start import Place, Start
from soundcheck.screens.app.surroundings import Surroundings
from soundcheck.screens.app.theme import SIDEWAYS, UPWARDS, use_themes, wants_no_color
from soundcheck.screens.app.top_line import PlaceBar, TopLine
from soundcheck.screens.app.topics import topic_commands
from soundcheck.screens.log_file import LOG_NAME
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.postgres.time_zone import zone_name
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services

if TYPE_CHECKING:
    from soundcheck.screens.app.removal_screen import RemovalChoice
    from soundcheck.stores.catalog.tables import Catalog
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.rows.relations import Relations


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
    BINDINGS: ClassVar[list[BindingType]] = APP_KEYS

    def __init__(self, services: Services, start: Start | None = None) -> None:
        # The colour filter is chosen once, inside the base class: no colour must be known before.
        super().__init__(ansi_color=True if wants_no_color(services.environ) else None)
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())
        self.start = start or Start()
        self.preferences = load_preferences(services.project.home)
        use_themes(self, services.environ, self.preferences.theme)
        self._first_theme = self.theme
        self._vim = VimKeys()
        self.activity = Activity(services.clock)
        self.gaps = {}
        self.removal: RemovalChoice | None = None
        """What is to be undone once the app has ended and nothing uses it any more."""
        self.unwritten: tuple[str, ...] = ()
        """What set-up was given and did not write, when it was left."""
        opening, turning = partial(self._is_on_top, "is_opening"), partial(self._is_on_top, "is_turning")
        self._gate = KeyGate(self, self._press, is_opening=opening, is_turning=turning)
        self._stores = SessionStores(self)
        self._beginning = Beginning(self, self._stores)
        self._coming_back = ComingBack(self)
        self._surroundings = Surroundings(self, back=self._coming_back.stores_are_back)
        self._watcher = CacheWatcher(services.clock, self.activity)
        self.set_reactive(Shell.zone, zone_name(self.preferences.zone, services.environ))
        self.set_reactive(Shell.services, services)
        self.set_reactive(Shell.reading, unread(services))
        self._use_zone()

    def compose(self) -> ComposeResult:
        """The first frame: the two lines that every place has. All else is imported after it is on the screen."""
        yield TopLine(self.services, just_looking=self.start.just_looking)
        yield PlaceBar(self.start.place)
        yield self._watcher

    def on_mount(self) -> None:
        """Open the place that was asked for, and the clients, after the first frame."""
        self.banner = self.start.problem
        later.on_signal(self, self.theme_changed_signal, self._theme_changed)
        later.on_signal(self, self.mode_change_signal, self._place_changed)
        self._coming_back.listen()
        self._surroundings.listen()
        later.once_drawn(self, self._beginning.begin)

    async def on_unmount(self) -> None:
        """Close what was opened here."""
        await self._stores.close()

    def _place_changed(self, place: str) -> None:
        if place != Place.SETUP:
            later.once_drawn(self, self._stores.open)

    async def renew_clients(self) -> bool:
        """As `Shell` says."""
        return await self._stores.renew()

    def has_begun(self) -> None:
        """As `Shell` says."""
        self._beginning.end()

    async def begun(self) -> None:
        """As `Shell` says."""
        await self._beginning.over()

    async def read_catalog(self, database: Database) -> Catalog:
        """As `Shell` says."""
        return await self._beginning.catalog(database)

    async def read_relations(self, database: Database) -> Relations:
        """As `Shell` says."""
        return await self._beginning.relations(database)

    def follow_moved_stores(self) -> None:
        """As `Shell` says."""
        self._stores.follow_moved()

    def look_around(self) -> None:
        """As `Shell` says."""
        self._surroundings.look()

    def look_at_cache(self) -> None:
        """As `Shell` says."""
        self._watcher.look_now()

    @on(SetupWrote)
    def _follow_setup(self, event: SetupWrote) -> None:
        """The other places use what was written, while set-up goes on."""
        self._stores.expect(event.credentials)

    @on(SetupFinished)
    def _leave_setup(self, event: SetupFinished) -> None:
        """Use what Setup found from now on, close its clients at the end, and show the tables."""
        self._stores.adopt(event.services)
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
        self.reading = named(event.reading, self.stack)
        if event.reading.state is State.FAILED:
            self._surroundings.look_at_stack()
            self.tell_trouble(Half.CACHE, self.reading.why)
        elif event.reading.state is State.LIVE:
            self.tell_trouble(Half.CACHE, "")

    def watch_stack(self, stack: StackNews) -> None:
        """The cache's figures say why there are none, in the same words as everything else."""
        self.reading = named(self.reading, stack)

    async def on_event(self, event: events.Event) -> None:
        """Every key and click is a sign of life; keys go one by one, and one may be vim's."""
        if isinstance(event, SIGNS_OF_LIFE):
            self.activity.touch()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._gate.take(event)
        else:
            await super().on_event(event)

    async def _press(self, event: events.Key | events.Paste) -> None:
        if isinstance(event, events.Paste) or not await self._press_vim_key(event):
            await super().on_event(event)

    def _is_on_top(self, state: str) -> bool:
        """Whether the screen on top says so of itself. Before the first place is there, keys wait for it."""
        if self.current_mode == self.DEFAULT_MODE and not self.screen.is_modal:
            return state == "is_opening"
        return bool(getattr(self.screen, state, False))

    async def _press_vim_key(self, event: events.Key) -> bool:
        """Do what a vim key means here; False where it means nothing else than without vim keys."""
        focused = self.focused
        off = not self.preferences.vim_keys or self.current_mode == Place.SETUP
        if off or focused is None or focused.check_consume_key(event.key, event.character):
            return False
        works = {key: active for key, active in self.screen.active_bindings.items() if active.enabled}
        meant = self._vim.press(event.key, works, half_a_screen(focused))
        show_next_keys(self.screen, "g", AFTER_G if meant is not None and not meant.key else ())
        for _ in range(meant.times if meant is not None and meant.key else 0):
            active = works[meant.key]  # type: ignore[union-attr]
            await self.run_action(active.binding.action, active.node)
        return meant is not None

    def watch_services(self) -> None:
        """Setup may have pushed: what was compared before says nothing now."""
        self._use_zone()
        self.gaps.clear()
        if self.services.project.profile.kind is ProfileKind.PRODUCTION:
            self.reveals = False

    def _use_zone(self) -> None:
        if self.services.database is not None:
            self.services.database.zone = self.zone

    def watch_app_focus(self, focused: bool) -> None:
        """A terminal in the background is a hidden one."""
        self.activity.has_focus = focused

    # ── what every screen can do ──

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What is not a key of a screen: the theme, vim's keys, and leaving."""
        yield from app_commands(
            vim_keys=self.preferences.vim_keys,
            zone=self.zone,
            just_looking=self.start.just_looking,
            act=lambda action: partial(self.run_action, action),
        )
        yield from topic_commands(self)

    def get_key_display(self, binding: Binding) -> str:
        """Words for keys whose sign a newcomer may not know."""
        return "enter" if binding.key == "enter" else super().get_key_display(binding)

    def action_toggle_vim_keys(self) -> None:
        """On or off, from now on and in every project."""
        self._prefer(vim_keys=not self.preferences.vim_keys)
        self.notify(f"Vim keys are {'on; ? tells which' if self.preferences.vim_keys else 'off'}.", markup=False)

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

        await open_replacement(self, Half(half))

    def action_start_stack(self) -> None:
        """Start PostgreSQL, Valkey and the gateway of this project on this machine."""
        self._surroundings.start_stack()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The local stack can be started where it is in use and down."""
        if action == "start_stack":
            return self.stack.is_down and not self.stack.starting
        return super().check_action(action, parameters)

    async def action_quit(self) -> None:
        """Leave, with what is said afterwards."""
        from soundcheck.screens.app.opening import unwritten_in_setup

        self.unwritten = unwritten_in_setup(self)
        await super().action_quit()

    def action_move(self) -> None:
        """A move runs as a command, outside of the app that reads what moves: say which."""
        from soundcheck.screens.app.opening import move_words

        self.notify(move_words(self.services), markup=False, timeout=15)

    def action_remove(self) -> None:
        """Look at what is there, then let choose."""
        if not self.screen.is_modal:
            self._choose_removal()

    @later.worker("Looking at what was created", group="removal", exclusive=True)
    async def _choose_removal(self) -> None:
        from soundcheck.screens.app.opening import choose_removal

        self.removal = await choose_removal(self)
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
            said = "Writing is allowed until W is pressed again." if self.writing else "Read-only again, both stores."
            self.notify(said, markup=False)

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
