"""Sample data into the eleven tables, from the first question to the undo: size and time, the guard, progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import app as typed_app
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.parts.step_button import StepButton
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.job import run_job
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.seed.fill import SeedResult
from soundcheck.wizard.seed.jobs import Filling, look_at_filling, plan_of_today
from soundcheck.wizard.target import same_name

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.postgres.database import Database


class FillPhase(Enum):
    """How far it is. While `FILLING` or `UNDOING`, esc stops it and nothing was changed."""

    LOOKING = "looking"
    ASKED = "asked"
    FILLING = "filling"
    FILLED = "filled"
    UNDOING = "undoing"
    ENDED = "ended"


_WORKING = frozenset({FillPhase.LOOKING, FillPhase.FILLING, FillPhase.UNDOING})
_BUTTON = {FillPhase.FILLED: "Undo"}


class FillScreen(ModalScreen[bool]):
    """Closes with whether rows were written. The same functions as `soundcheck seed` do the work."""

    CSS_PATH = "fill_screen.tcss"
    AUTO_FOCUS = ""
    HELP = (
        "Made-up users with playlists, plays and parties, about 100,000 rows in all eleven tables. Nothing is written "
        "before the button is pressed; all of it is one transaction, so Esc in the middle leaves nothing behind. Undo "
        "takes exactly these rows out again, now or later: soundcheck seed --remove"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="Close; while it works, stop it: nothing is changed then"),
        Binding("right,down", "app.focus_next", "Next", show=False, tooltip="To the next button"),
        Binding("left,up", "app.focus_previous", "Previous", show=False, tooltip="To the button before"),
    ]

    if TYPE_CHECKING:
        app = typed_app(Shell)

    @dataclass
    class Said(Message):
        """The work has something to show."""

        progress: Progress

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._phase = FillPhase.LOOKING
        self._filling: Filling | None = None
        self._consent = Consent()
        self._wrote = False
        self._looking: StoreQuestion[str, Filling] = StoreQuestion(
            self, "Looking at the tables", answered=self._ask, failed=self._fail
        )
        self._job: StoreQuestion[FillPhase, SeedResult] = StoreQuestion(
            self, "Sample data", answered=self._end, failed=self._fail
        )

    def compose(self) -> ComposeResult:
        """Words, perhaps a name to type, the lines of the work, two buttons."""
        with Vertical(id="fill") as box:
            box.border_title = Content("Fill with sample data")
            yield TimedText("◐ measuring…", id="fill-words")
            yield CommandText(id="fill-ask")
            yield Input(id="fill-name", compact=True)
            yield LiveLines(self.app.services.clock)
            yield StepTrouble()
            with Horizontal(id="fill-buttons"):
                yield StepButton("Fill", id="fill-yes", compact=True)
                yield Button("Cancel", id="fill-no", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """See how large it becomes."""
        self.title = "Sample data"
        self._enter(FillPhase.LOOKING)
        services = self.app.services
        plan = plan_of_today(services.clock.now())
        self._looking.ask("size", partial(look_at_filling, services, self._database, plan))

    @property
    def is_opening(self) -> bool:
        """Until the button can be pressed: an Enter that comes with the key is meant for it."""
        return self._phase is FillPhase.LOOKING

    # ── asking ──

    def _ask(self, _: str, filling: Filling) -> None:
        self._filling = filling
        seconds = filling.said.seconds(is_near=self._database.url.is_loopback)
        lines = [
            f"{filling.said.sentence}.",
            f"It takes about {seconds} s. Database: {filling.fill.intent.target}",
        ]
        if not self.app.writing:
            lines.append("This session is read-only so far: the button allows writing first, as W does.")
        self.query_one("#fill-words", Static).update(Content("\n".join(map(visible, lines))))
        verdict = decide(filling.fill.intent, Consent())
        if verdict.needs_production_name:
            words = f"{verdict.question} To go on, type {verdict.needs_production_name}."
            if verdict.way_to_say_the_kind:
                words += f"\nOr say once that it is for development: {spelled(verdict.way_to_say_the_kind)}"
            self.query_one("#fill-ask", Static).update(Content.styled(visible(words), "$warning"))
        self._enter(FillPhase.ASKED)

    @property
    def _wanted(self) -> str:
        filling = self._filling
        return "" if filling is None else decide(filling.fill.intent, Consent()).needs_production_name

    def _enter(self, phase: FillPhase) -> None:
        self._phase = phase
        asks = phase is FillPhase.ASKED and bool(self._wanted)
        name, yes, no = self.query_one("#fill-name"), self.query_one("#fill-yes", Button), self.query_one("#fill-no")
        name.display = self.query_one("#fill-ask").display = asks
        yes.display = phase in {FillPhase.LOOKING, FillPhase.ASKED, FillPhase.FILLED}
        words = "Fill" if self.app.writing else "Allow writing and fill"
        yes.label = Content(_BUTTON.get(phase, words))
        assert isinstance(no, Button)  # noqa: S101 - composed above
        no.label = Content("Stop" if phase in _WORKING else "Cancel" if phase is FillPhase.ASKED else "Close")
        yes.refresh(layout=True)
        no.refresh(layout=True)
        self._weigh()
        if phase is FillPhase.LOOKING:
            self.set_focus(None)  # an Enter that comes with the key would close what it opened
        else:
            (name if asks else yes if phase is FillPhase.ASKED else no).focus()

    @on(Input.Changed, "#fill-name")
    def _weigh(self) -> None:
        typed = self.query_one("#fill-name", Input).value
        named = not self._wanted or self._phase is not FillPhase.ASKED or same_name(typed, self._wanted)
        self.query_one("#fill-yes", Button).disabled = self._phase is FillPhase.LOOKING or not named

    # ── working ──

    @on(Input.Submitted, "#fill-name")
    @on(Button.Pressed, "#fill-yes")
    def _go_on(self, event: Message) -> None:
        """Fill; or take it out again."""
        event.stop()
        filling = self._filling
        if filling is None or self.query_one("#fill-yes", Button).disabled:
            return
        self._consent = Consent(production=self._wanted)
        self.app.writing = True
        if self._phase is FillPhase.ASKED:
            self._begin(FillPhase.FILLING, partial(run_job, filling.fill, self._consent, self._tell))
        elif self._phase is FillPhase.FILLED:
            self._begin(FillPhase.UNDOING, partial(run_job, filling.undo, self._consent, self._tell))

    def _begin(self, phase: FillPhase, work: Callable[[], Awaitable[SeedResult]]) -> None:
        self.query_one(StepTrouble).clear()
        self.query_one(LiveLines).expect([])
        self._enter(phase)
        self._job.ask(phase, work)

    def _tell(self, progress: Progress) -> None:
        self.post_message(self.Said(progress))

    @on(Said)
    def _show(self, event: Said) -> None:
        event.stop()
        self.query_one(LiveLines).say(event.progress)

    def _end(self, phase: FillPhase, result: SeedResult) -> None:
        self._wrote = True
        rows, tables = sum(result.rows.values()), len(result.rows)
        if phase is FillPhase.FILLING:
            words = f"✓ {rows:,} rows in {tables} tables.\nUndo takes exactly these out again; later: "
            self._say(words + spelled(self._removal))
            self._enter(FillPhase.FILLED)
        else:
            self._say(f"✓ Took out {rows:,} rows; the tables are as they were.")
            self._enter(FillPhase.ENDED)

    @property
    def _removal(self) -> str:
        verdict = None if self._filling is None else decide(self._filling.undo.intent, Consent())
        named = verdict is not None and bool(verdict.needs_production_name)
        return f"soundcheck seed --remove{f' {verdict.production_option}' if named and verdict else ''}"

    def _say(self, text: str) -> None:
        self.query_one("#fill-words", Static).update(Content(text))

    def _fail(self, _: object, problem: SoundcheckError) -> None:
        self.query_one(LiveLines).stop()
        self.query_one(StepTrouble).tell(problem)
        if self._phase is FillPhase.LOOKING:
            self._say("Nothing was written.")
        self._enter(FillPhase.FILLED if self._phase is FillPhase.UNDOING else FillPhase.ENDED)

    # ── leaving ──

    @on(Button.Pressed, "#fill-no")
    def action_leave(self) -> None:
        """Close; what works is stopped first, and the page stays to say what that left."""
        if self._job.waits_for is None:
            self.dismiss(self._wrote)
            return
        undoing = self._job.cancel() is FillPhase.UNDOING
        self.query_one(LiveLines).stop()
        self._enter(FillPhase.FILLED if undoing else FillPhase.ASKED)
