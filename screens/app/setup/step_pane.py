"""What the screens of all steps have in common: one worker, one way to cancel it, one place for what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual import on
from textual.containers import VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from soundcheck.checks.run import CheckEvent
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.line_text import Line
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.parts.worker_errors import unforeseen
from soundcheck.screens.app.setup.check_lines import from_check
from soundcheck.screens.app.setup.choice_line import ChoiceLine
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.consents import Consents
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.services import Services
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import StepId

GROUP = "step"


class StepPane(VerticalScroll, can_focus=False):
    """One step's screen. A subclass draws its question, forwards to `wizard`, and posts `Passed`.

    `next_label` and `ready` drive the Next button; `busy` names the work that Esc would cancel.
    """

    STEP: StepId

    busy: reactive[str] = reactive("")
    ready: reactive[bool] = reactive(False)
    next_label: reactive[str] = reactive("Next")

    class Changed(Message):
        """What the buttons and the key line show has changed."""

    class Passed(Message):
        """The step is complete; this is the state after it."""

        def __init__(self, state: SetupState) -> None:
            super().__init__()
            self.state = state

    class Instead(Message):
        """Another way to the credentials was chosen within a step; this is where that leads."""

        def __init__(self, state: SetupState) -> None:
            super().__init__()
            self.state = state

    class Settled(Message):
        """All is answered: Next is what the person will press now."""

    class Opened(Message):
        """Clients were opened for verified credentials; they replace those of before, which are to be closed."""

        def __init__(self, services: Services) -> None:
            super().__init__()
            self.services = services

    class Said(Message):
        """The work has something to show."""

        def __init__(self, line: Line | Progress) -> None:
            super().__init__()
            self.line = line

    class Failed(Message):
        """The work ended in a failure that has words."""

        def __init__(self, error: SoundcheckError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, state: SetupState) -> None:
        super().__init__(id=f"step-{self.STEP}")
        self.state = state

    def proceed(self) -> None:
        """What Next does here."""
        self.pass_on(self.state)

    def pass_on(self, state: SetupState) -> None:
        """Say that the step is complete."""
        self.post_message(self.Passed(state))

    @property
    def blocked_because(self) -> str:
        """Why Next does not go on yet, in words; asked only while it does not."""
        if self.busy:
            return f"Still at work: {self.busy}. Esc stops it."
        for consents in self.query(Consents):
            if lacking := consents.lacking:
                return f"Next waits for your yes: {lacking}."
        return "This step is not answered yet."

    def lead_to_obstacle(self) -> None:
        """Put the focus on what Next waits for, where there is such a thing."""
        for consents in self.query(Consents):
            if (switch := consents.first_open) is not None:
                switch.focus()

    def first_focus(self) -> Widget | None:
        """What has the focus when the step opens; None for the Next button."""
        return None

    def offer_next(self, label: str = "Next") -> None:
        """The step is answered: Next is offered and gets the focus."""
        self.busy, self.next_label, self.ready = "", label, True
        self.post_message(self.Settled())

    def weigh(self, consents: Consents, label: str) -> None:
        """Offer Next, called `label`, once nothing stands in its way; else lead to what does.

        Who is at a switch stays there.
        """
        at_switch = isinstance(self.screen.focused, ConsentBox | ChoiceLine)
        lacking = consents.first_open
        if lacking is None and not at_switch:
            self.offer_next(label)
            return
        self.next_label, self.ready = label, lacking is None
        if lacking is not None and not at_switch:
            later.once_drawn(self, lacking.focus)

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` as this pane's only work; `name` is what Esc will offer to cancel."""
        self.busy = name
        self.query_one(StepTrouble).clear()
        later.run(self, partial(self._guarded, work), f"step {self.STEP}", group=GROUP, exclusive=True)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except SoundcheckError as error:
            self.post_message(self.Failed(error))
        except Exception as problem:  # noqa: BLE001 - a worker's boundary: what we got wrong must not end the app
            self.post_message(self.Failed(unforeseen(problem, f"step {self.STEP}")))
        else:
            self.busy = ""

    def cancel(self) -> None:
        """Stop the work at once; what it said stays, marked as cancelled."""
        self.workers.cancel_group(self, GROUP)
        self.busy = ""
        for lines in self.query(LiveLines):
            lines.stop()

    def report(self, progress: Progress) -> None:
        """Hand to `wizard` as its `Report`: it only posts a message."""
        self.post_message(self.Said(progress))

    def observe(self, event: CheckEvent) -> None:
        """Hand to `checks` as its `Observer`: it only posts a message."""
        self.post_message(self.Said(from_check(event)))

    @on(Said)
    def _show_line(self, event: Said) -> None:
        event.stop()
        self.show_line(event.line)

    def show_line(self, line: Line | Progress) -> None:
        """Draw one line of work."""
        self.query(LiveLines).first().say(line)

    @on(Failed)
    def _show_failure(self, event: Failed) -> None:
        event.stop()
        self.busy = ""
        for lines in self.query(LiveLines):
            lines.stop()
        self.show_failure(event.error)

    def show_failure(self, error: SoundcheckError) -> None:
        """What happened and what to do, in place."""
        trouble = self.query_one(StepTrouble)
        trouble.tell(error)
        later.once_drawn(self, trouble.scroll_visible, animate=False, immediate=True)

    def scroll_to_outcome(self) -> None:
        """Bring what failed into view, else the end. Call it once that is drawn.

        At once: a scroll that Textual puts off until after the next refresh comes when the eye belongs elsewhere, and
        once took the fields away that had just been opened.
        """
        lines = self.query(LiveLines).first()
        row = lines.first_failure()
        if row is None:
            self.scroll_end(animate=False, immediate=True)
        else:
            self.scroll_to(y=lines.virtual_region.y + row - 1, animate=False, immediate=True)

    def watch_busy(self) -> None:
        """The key line names what Esc does."""
        self.post_message(self.Changed())

    def watch_ready(self) -> None:
        """Next follows."""
        self.post_message(self.Changed())

    def watch_next_label(self) -> None:
        """Next follows."""
        self.post_message(self.Changed())
