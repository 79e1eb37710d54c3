"""Set-up: the frame around the steps. It opens them, moves between them, and keeps the session."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from functools import partial
from typing import ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.routes import SetupFinished, SetupWrote
from soundcheck.screens.app.setup.credentials_pane import CredentialsPane
from soundcheck.screens.app.setup.next_button import NextButton
from soundcheck.screens.app.setup.panes import pane_for
from soundcheck.screens.app.setup.rail import StepRail, progress_words
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.welcome_pane import BlockedPane, WelcomePane
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.top_line import TopLine
from soundcheck.stores.errors import CouldNotRun, SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials, discover
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.setup.session import load_session, save_session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import STEPS, SetupPath, StepId

CLOSING: float = 0.5
"""Seconds that leaving may wait for open connections to say goodbye."""


class SetupScreen(PlaceScreen):
    """The wizard. Posts `SetupFinished` when Done is left for the tables.

    Without `services` it takes the app's. `start_at` opens a step at once, with what is known; else Welcome finds out
    where an earlier run stopped.
    """

    PLACE = Place.SETUP
    CSS_PATH = "setup.tcss"
    HELP = """\
Eight steps from nothing to a verified database and cache. Each asks one thing; Next goes on when it is answered,
Back always works and loses nothing: what was verified stays, what was pasted waits in memory until you quit.

While something is being checked, Esc stops it at once. Otherwise Esc goes back.
Every button is also reached with Tab. Nothing is written before it was shown.

"Cloud now" creates what is missing: without an account for 72 hours, or with an API key of yours to stay, in your own
account at Neon or Upstash. A key is used for that alone and is written nowhere. What you have can be pasted."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f8", "next", "Next", key_display="ctrl+n", tooltip="Go on to the next step"),
        Binding("ctrl+n,f8", "say_why_not", "Next", show=False, tooltip="Say what Next waits for"),
        Binding("escape", "cancel", "Cancel", key_display="esc", tooltip="Stop what is running, at once"),
        Binding("ctrl+o,alt+left,f7", "back", "Back", key_display="ctrl+o", tooltip="One step back"),
        Binding("escape", "back", "Back", show=False, tooltip="One step back"),
        Binding(
            "ctrl+q", "app.quit", "Quit", priority=True, key_display="ctrl+q", tooltip="Leave; set-up goes on later"
        ),
        Binding(
            "ctrl+g",
            "other_way",
            "Other way",
            show=False,
            tooltip="Create what is missing, or paste what you have: the button in the step",
        ),
        Binding("pageup", "scroll(-1)", "Scroll", show=False, tooltip="Scroll the step up"),
        Binding("pagedown", "scroll(1)", "Scroll", show=False, tooltip="Scroll the step down"),
    ]

    def __init__(self, services: Services | None = None, start_at: StepId | None = None) -> None:
        super().__init__()
        self._given = services
        self._start_at = start_at
        self._lock: WizardLock | None = None
        self._opened: Services | None = None
        self._state: SetupState | None = None
        self._finished = False

    def compose_body(self) -> ComposeResult:
        """The rail, and the step with its two buttons."""
        with Horizontal(id="setup"):
            yield StepRail(classes="pane")
            with Vertical(id="stage", classes="pane"):
                yield Vertical(id="stage-body")
                with Horizontal(id="buttons"):
                    yield Button("Back", id="back")
                    yield Static(id="buttons-gap")
                    yield NextButton("Next")

    @on(events.Mount)
    async def _start(self) -> None:
        """Take the lock, look at what is there, open the first step."""
        rail = self.query_one(StepRail)
        rail.border_title = Content("Steps")
        await self.begin()

    async def begin(self) -> None:
        """Start, or start again after another wizard has let go."""
        services = self._given or self.app.services
        try:
            if self._lock is None:
                self._lock = WizardLock(services.project).__enter__()
            found = discover(services.project, services.environ)
        except SoundcheckError as error:
            found = FoundCredentials()
            if self._lock is None:
                await self._show_blocked(error)
                return
            later.once_drawn(self, self._tell, error)
        except OSError as problem:
            where = services.project.home
            await self._show_blocked(
                CouldNotRun(f"{where} cannot be written: {problem.strerror}.", "Set SOUNDCHECK_HOME to another folder.")
            )
            return
        session = load_session(services.project)
        state = SetupState(services, session, found)
        if found.credentials.has_database or found.credentials.has_cache:
            state = state.holding(found.credentials)
        await self.open(self._start_at or StepId.WELCOME, state, cut_off=not session.finished)

    @on(events.ScreenResume)
    async def _return(self) -> None:
        """Somebody who finished comes back: look again at what is there, with the app's own services."""
        if self._finished:
            self._finished, self._given, self._start_at = False, None, None
            await self.begin()

    async def open(self, step: StepId, state: SetupState, *, cut_off: bool = False) -> None:
        """Show a step; whatever the one before was doing is cancelled. A run that was `cut_off` goes on by itself."""
        self._state = state
        rail = self.query_one(StepRail)
        rail.state, rail.here = state, step
        self.query_one(TopLine).look_at_note()
        self._show_endpoint(state.services)
        order = list(StepId)
        if order.index(step) > order.index(StepId.ENV):
            self.app.post_message(SetupWrote(state.services.credentials))
        pane = pane_for(step)(state)
        if cut_off and isinstance(pane, WelcomePane):
            pane.go_on_by_itself()
        await self._show(pane)
        self._name_stage()

    async def _show_blocked(self, error: SoundcheckError) -> None:
        await self._show(BlockedPane(error))
        self.query_one("#stage").border_title = Content("Set-up")

    async def _show(self, pane: StepPane | BlockedPane) -> None:
        body = self.query_one("#stage-body")
        self.set_focus(None)
        await body.remove_children()
        await body.mount(pane)
        if isinstance(pane, StepPane):
            self.watch(pane, "show_vertical_scrollbar", self._hint)
        self.refresh_buttons()
        focus = pane.first_focus() or self.query_one(NextButton)
        if not focus.disabled and focus.can_focus:
            focus.focus()

    @property
    def unwritten(self) -> tuple[str, ...]:
        """What was pasted or typed and does not stand in a file yet, by its variables."""
        pane = self.pane
        if pane is None or pane.state.path in {SetupPath.LOCAL, SetupPath.INSTANT}:
            return ()
        services = pane.state.services
        given = pane.credentials if isinstance(pane, CredentialsPane) else services.credentials
        held = discover(services.project, services.environ).credentials.as_env()
        names = tuple(name for name, value in given.as_env().items() if held.get(name) != value)
        return names or (("what you pasted",) if pane.state.pasted else ())

    @property
    def pane(self) -> StepPane | None:
        """The step that is open."""
        return cast("StepPane | None", self.query_one_optional("#stage-body > StepPane", StepPane))

    @on(StepPane.Changed)
    def refresh_buttons(self) -> None:
        """Back and Next say what they would do now, and only offer what works."""
        pane = self.pane
        back, forward = self.query_one("#back", Button), self.query_one(NextButton)
        back.disabled = pane is None or self._before(pane.STEP) is None
        forward.display = pane is not None
        if pane is not None:
            forward.label = Content(pane.next_label)
            forward.blocked = not pane.ready or bool(pane.busy)
            forward.refresh(layout=True)
        self._hint()
        self.refresh_bindings()

    def _hint(self) -> None:
        """What the frame says: what Esc would stop, else that there is more to see."""
        pane = self.pane
        words = ""
        if pane is not None and pane.busy:
            words = f"esc stops: {pane.busy}"
        elif pane is not None and pane.show_vertical_scrollbar:
            words = "PgUp PgDn more"
        self.query_one("#stage").border_subtitle = Content(words)

    @on(StepPane.Settled)
    def _point_at_next(self) -> None:
        """Put the focus on Next, which is enabled by now."""
        self.refresh_buttons()
        forward = self.query_one(NextButton)
        if not forward.blocked:
            forward.focus()

    @on(StepPane.Passed)
    async def _pass(self, event: StepPane.Passed) -> None:
        """Tick the step, keep the session, open the next."""
        step = self.pane.STEP if self.pane else StepId.WELCOME
        session = event.state.session.reopened(step).completed(step)
        state = replace(event.state, session=session)
        self._keep(state)
        if step is StepId.DONE:
            self.finish(state)
            return
        await self.open(self._after(step, state), state)

    @on(StepPane.Instead)
    async def _other_way(self, event: StepPane.Instead) -> None:
        """The same credentials, got in another way."""
        await self.open(StepId.CREDENTIALS, event.state)

    @on(WelcomePane.GoOn)
    async def _go_on(self, event: WelcomePane.GoOn) -> None:
        """An earlier run goes on where its checks stop passing."""
        state = replace(event.state, begun=True)
        for step in STEPS:
            if step.id is event.step:
                break
            state = state.after(step.id)
        self._keep(state)
        await self.open(event.step, state)

    @on(BlockedPane.TryAgain)
    async def _try_again(self) -> None:
        await self.begin()

    @on(StepPane.Opened)
    async def _adopt(self, event: StepPane.Opened) -> None:
        """Remember what was opened and close what it replaces."""
        before, self._opened = self._opened, event.services
        if before is not None:
            await self._close(before)

    def _keep(self, state: SetupState) -> None:
        """Save the session; it is not worth stopping for where that fails."""
        try:
            save_session(state.services.project, state.session, state.services.clock.now())
        except SoundcheckError as error:
            self._tell(error)
        except OSError as problem:
            self._tell(CouldNotRun(f"The notes of this set-up cannot be saved: {problem.strerror}."))

    def finish(self, state: SetupState) -> None:
        """Let the wizard's lock go and hand the services to the app."""
        self._release()
        self._opened = None
        self._finished = True
        self.app.post_message(SetupFinished(state.services))

    async def on_unmount(self) -> None:
        """Leaving in the middle: what runs is cancelled by the app, what is open is closed, both at once."""
        self._release()
        if self._opened is not None:
            await self._close(self._opened)

    async def _close(self, services: Services) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(services.close(), CLOSING)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.__exit__(None, None, None)
            self._lock = None

    @on(Button.Pressed, "#next")
    def _press_next(self) -> None:
        self.action_next()

    @on(Button.Pressed, "#back")
    async def _press_back(self) -> None:
        await self.action_back()

    def read_again(self) -> None:
        """Open the step once more: it looks at the files and the stores as they are now."""
        if self.pane is not None and not self.pane.busy:
            later.run(self, partial(self.open, self.pane.STEP, self.pane.state), "Opening the step again")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works is offered."""
        pane = self.pane if self.is_mounted else None
        if action == "read_again":
            return pane is not None and not pane.busy
        if action == "next":
            return pane is not None and pane.ready and not pane.busy
        if action == "say_why_not":
            return pane is not None and (not pane.ready or bool(pane.busy))
        if action == "cancel":
            return pane is not None and bool(pane.busy)
        if action == "other_way":
            return self._other_way_button() is not None
        if action == "back":
            return pane is not None and self._before(pane.STEP) is not None
        return True

    def action_next(self) -> None:
        """What the Next button does."""
        if self.pane is not None and self.pane.ready and not self.pane.busy:
            self.pane.proceed()
        else:
            self.action_say_why_not()

    def action_say_why_not(self) -> None:
        """Say what stands in the way of Next, and lead there."""
        pane = self.pane
        if pane is not None and (not pane.ready or pane.busy):
            self.app.notify(spelled(pane.blocked_because), severity="warning", markup=False, timeout=6)
            pane.lead_to_obstacle()

    def action_cancel(self) -> None:
        """Stop what is running, and say what was stopped."""
        if self.pane is not None and self.pane.busy:
            self.app.notify(f"Stopped: {self.pane.busy}", markup=False, timeout=3)
            self.pane.cancel()

    def action_other_way(self) -> None:
        """Press the button that leads to the credentials in another way."""
        button = self._other_way_button()
        if button is not None:
            button.press()

    def _other_way_button(self) -> Button | None:
        found = self.query("#stage-body .other-way").results(Button)
        return next((button for button in found if button.display and not button.is_disabled), None)

    async def action_back(self) -> None:
        """Open the step before; what was verified stays."""
        if self.pane is None or self._state is None:
            return
        before = self._before(self.pane.STEP)
        if before is not None:
            self.pane.cancel()
            await self.open(before, self.pane.state)

    def action_scroll(self, direction: int) -> None:
        """Scroll the step, whatever has the focus."""
        if self.pane is not None:
            self.pane.scroll_relative(y=direction * max(self.pane.size.height - 2, 1), animate=False)

    def on_resize(self, _: events.Resize) -> None:
        """Where the rail has no room its words go into the title."""
        later.once_drawn(self, self._name_stage)

    def _name_stage(self) -> None:
        if self.pane is None:
            return
        here = self.pane.STEP
        rail_shown = self.query_one(StepRail).display
        title = next(step.title for step in STEPS if step.id is here)
        self.query_one("#stage").border_title = Content(title if rail_shown else progress_words(here))

    def _tell(self, error: SoundcheckError) -> None:
        if self.pane is not None:
            self.pane.show_failure(error)

    def _before(self, step: StepId) -> StepId | None:
        order = list(StepId)
        for candidate in reversed(order[: order.index(step)]):
            if self._state is None or not self._state.passes_over(candidate):
                return candidate
        return None

    def _after(self, step: StepId, state: SetupState) -> StepId:
        order = list(StepId)
        return next(candidate for candidate in order[order.index(step) + 1 :] if not state.passes_over(candidate))
