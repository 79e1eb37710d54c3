"""Another credential for one store: pasted, tested, shown where it goes, written there, and the old one refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import app as typed_app
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Check
from soundcheck.checks.run import CheckEvent
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.parts.paste_box import PasteBox
from soundcheck.screens.app.parts.step_button import StepButton
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.worker_errors import unforeseen
from soundcheck.screens.app.replace.rows import (
    ASKS,
    given_rows,
    in_use_rows,
    named,
    plan_rows,
    progress_rows,
    tested_line,
)
from soundcheck.screens.app.setup.check_lines import expected_lines
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.screens.replaced_words import replacement_lines
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.secret import Secret
from soundcheck.wizard.asking import Question
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.replace.flow import CHECKS, Replaced, replace_credential
from soundcheck.wizard.replace.pasted_credential import PastedCredential, read_given
from soundcheck.wizard.replace.plan import FileChange, LeftAlone
from soundcheck.wizard.target import same_name

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell


class ReplacePhase(Enum):
    """How far it is. Until `WRITING` leaving changes nothing."""

    PASTING = "pasting"
    TESTING = "testing"
    ASKED = "asked"
    WRITING = "writing"
    DONE = "done"


_BUTTON: Final = {ReplacePhase.ASKED: "Write", ReplacePhase.WRITING: "Writing …", ReplacePhase.DONE: "Close"}
_SHOWN: Final = {
    "#replace-use": {ReplacePhase.PASTING, ReplacePhase.TESTING},
    "#replace-paste": {ReplacePhase.PASTING, ReplacePhase.TESTING},
    "#replace-given": {ReplacePhase.PASTING},
    "#replace-tested": {ReplacePhase.PASTING, ReplacePhase.TESTING},
    "#replace-plan": {ReplacePhase.ASKED, ReplacePhase.WRITING},
    "#replace-ask": {ReplacePhase.ASKED},
    "#replace-name": {ReplacePhase.ASKED},
    "#replace-result": {ReplacePhase.DONE},
    "#replace-no": {ReplacePhase.PASTING, ReplacePhase.TESTING, ReplacePhase.ASKED},
}
"""What is on the screen when; the rest always is."""


class _OnScreen:
    """The flow's questions, each a message to the screen whose answer it waits for."""

    def __init__(self, show: Callable[[Question, asyncio.Future[str]], None]) -> None:
        self._show = show

    async def ask(self, question: Question) -> str:
        """The key of the answer, or the name that was typed."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._show(question, answer)
        return await answer

    async def ask_secret(self, question: Question) -> Secret:
        """Never asked: what is tested was pasted before."""
        raise Refused(question.text, "Paste it into the box.")


class ReplaceScreen(ModalScreen[None]):
    """The whole exchange, done by the same functions as `soundcheck setup --replace`."""

    CSS_PATH = "replace.tcss"
    AUTO_FOCUS = "#replace-paste"
    HELP = (
        "Make a new password or token in the console first, then paste it here: it is never shown. F9 tests it, layer"
        " by layer. Then every file that holds the old one is listed with what it becomes; Write puts the new one"
        " there, asks the server whether the old one is refused, takes it out of the backups and lists where it still"
        " occurs.\n\nUntil Write nothing is changed, and esc leaves. What still occurs in Git's history is rotated by"
        " then: no need to rewrite it.\n\nThe same without the app: soundcheck setup --replace database, or cache"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "test", "Test", key_display="F9", tooltip="Try the new one, layer by layer"),
        Binding("escape", "leave", "Leave", tooltip="Leave; before Write nothing is changed"),
        Binding("tab", "app.focus_next", "Buttons", show=False, tooltip="To the box, the buttons, the name"),
        Binding("pageup", "scroll(-1)", "Scroll", show=False, tooltip="Scroll up"),
        Binding("pagedown", "scroll(1)", "Scroll", show=False, tooltip="Scroll down"),
        Binding("f1,question_mark", "explain", "Help", key_display="F1", tooltip="What this screen is for"),
    ]

    if TYPE_CHECKING:
        app = typed_app(Shell)

    @dataclass
    class Checked(Message):
        """A layer of the new one has something to show, in attempt `number`."""

        number: int
        event: CheckEvent

    @dataclass
    class Planned(Message):
        """What will be written where."""

        number: int
        files: tuple[FileChange, ...]
        left: tuple[LeftAlone, ...]

    @dataclass
    class Asked(Message):
        """The flow waits for the answer to its question."""

        number: int
        question: Question
        answer: asyncio.Future[str]

    @dataclass
    class Said(Message):
        """A line for the end."""

        number: int
        progress: Progress

    def __init__(self, half: Half) -> None:
        super().__init__()
        self._half = half
        self._phase = ReplacePhase.PASTING
        self._given: PastedCredential | None = None
        self._number = 0
        """The attempt; what an older one still says is dropped."""
        self._asked: ReplaceScreen.Asked | None = None
        self._lines: list[Progress] = []
        self._replacing: StoreQuestion[int, Replaced] = StoreQuestion(
            self, "Replacing a credential", answered=self._show_result, failed=self._show_failure
        )

    def compose(self) -> ComposeResult:
        """All that any phase shows; `_enter` shows the part that belongs to the present one."""
        with Vertical(id="replace") as box:
            box.border_title = Content(f"Replace the {named(self._half)}")
            with VerticalScroll(id="replace-body", can_focus=False):
                yield HangingText(in_use_rows(self._half, self.app.services.credentials), id="replace-use")
                yield PasteBox(ASKS[self._half], id="replace-paste")
                yield HangingText(id="replace-given")
                yield LiveLines(self.app.services.clock, id="replace-tested")
                yield HangingText(id="replace-plan")
                yield HangingText(id="replace-result")
                yield StepTrouble()
            with Vertical(id="replace-foot"):
                yield Static(id="replace-ask")
                yield Input(id="replace-name", compact=True)
                with Horizontal(id="replace-buttons"):
                    yield StepButton("Test", id="replace-yes", compact=True)
                    yield Button("Leave", id="replace-no", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin with the box."""
        self.title = f"Replace the {named(self._half)}"
        self.watch(self.query_one("#replace-body"), "show_vertical_scrollbar", self._say_more)
        self._enter(ReplacePhase.PASTING)

    def _say_more(self, more: bool) -> None:
        self.query_one("#replace").border_subtitle = Content("PgUp PgDn more" if more else "")

    def _enter(self, phase: ReplacePhase) -> None:
        self._phase = phase
        for name, phases in _SHOWN.items():
            self.query_one(name).display = phase in phases
        wanted = self._asked.question.typed_name if self._asked is not None else ""
        self.query_one("#replace-name").display = phase is ReplacePhase.ASKED and bool(wanted)
        self._name_button(_BUTTON.get(phase, "Test"))
        self._weigh()
        self.refresh_bindings()

    def _name_button(self, label: str) -> None:
        button = self.query_one("#replace-yes", Button)
        button.label = Content(label)
        button.refresh(layout=True)

    @on(Input.Changed, "#replace-name")
    def _weigh(self) -> None:
        """The button works where there is something to test, and where the name that is wanted was typed."""
        wanted = self._asked.question.typed_name if self._asked is not None else ""
        works = {
            ReplacePhase.PASTING: self._given is not None and self._given.is_complete,
            ReplacePhase.ASKED: not wanted or same_name(self.query_one("#replace-name", Input).value, wanted),
            ReplacePhase.DONE: True,
        }
        self.query_one("#replace-yes", Button).disabled = not works.get(self._phase, False)

    # ── pasting and testing ──

    @on(PasteBox.Changed)
    def _read(self, event: PasteBox.Changed) -> None:
        """Recognise the newest text; a test of the one before is over."""
        event.stop()
        if self._phase not in {ReplacePhase.PASTING, ReplacePhase.TESTING}:
            return
        self._stop()
        self._given = read_given(self._half, event.text) if event.text else None
        event.box.recognition = self._given.recognition if self._given is not None else None
        self.query_one("#replace-given", HangingText).show(given_rows(self._given))
        self.query_one(LiveLines).expect([])
        self.query_one(StepTrouble).clear()
        self._enter(ReplacePhase.PASTING)

    def action_test(self) -> None:
        """Try it; the flow goes on by itself as far as its question."""
        if self._given is None or not self.check_action("test", ()):
            return
        self._number += 1
        self._lines.clear()
        self._asked = None
        self.query_one(StepTrouble).clear()
        lines = self.query_one(LiveLines)
        lines.expect([line for line in expected_lines(self._checks()) if not line.heading])
        self._enter(ReplacePhase.TESTING)
        number, given = self._number, self._given.credentials
        self._replacing.ask(number, lambda: self._replace(number, given))
        later.once_drawn(self, lines.scroll_visible, animate=False)

    def _checks(self) -> list[Check]:
        return default_registry().select(CHECKS[self._half])

    async def _replace(self, number: int, given: Credentials) -> Replaced:
        """In a worker: it touches no widget."""
        asker = _OnScreen(lambda question, answer: self._post(self.Asked(number, question, answer)))
        try:
            return await replace_credential(
                self.app.services,
                self._half,
                given,
                asker,
                lambda progress: self._post(self.Said(number, progress)),
                observe=lambda event: self._post(self.Checked(number, event)),
                show_plan=lambda files, left: self._post(self.Planned(number, files, left)),
            )
        except SoundcheckError:
            raise
        except Exception as problem:  # noqa: BLE001 - a worker's boundary
            raise unforeseen(problem, "replacing a credential") from None

    def _post(self, message: Message) -> None:
        self.post_message(message)

    def _stop(self) -> None:
        self._number += 1
        self._asked = None
        self._replacing.cancel()

    @on(Checked)
    def _show_layer(self, event: Checked) -> None:
        if event.number == self._number:
            self.query_one(LiveLines).say(tested_line(event.event))

    # ── the plan and the yes ──

    @on(Planned)
    def _show_plan(self, event: Planned) -> None:
        if event.number != self._number:
            return
        lines = self.query_one(LiveLines).lines
        self.query_one("#replace-plan", HangingText).show(plan_rows(lines, event.files, event.left))

    @on(Asked)
    def _ask(self, event: Asked) -> None:
        if event.number != self._number:
            return
        self._asked = event
        wanted = event.question.typed_name
        text = Content.styled(visible(event.question.text), "$warning" if wanted else "")
        self.query_one("#replace-ask", Static).update(text)
        self.query_one("#replace-name", Input).value = ""
        self._enter(ReplacePhase.ASKED)
        self.query_one("#replace-body").scroll_home(animate=False)
        self.query_one("#replace-name" if wanted else "#replace-yes").focus()

    @on(Input.Submitted, "#replace-name")
    @on(Button.Pressed, "#replace-yes")
    def _press(self) -> None:
        if self.query_one("#replace-yes", Button).disabled:
            return
        if self._phase is ReplacePhase.PASTING:
            self.action_test()
        elif self._phase is ReplacePhase.DONE:
            self.dismiss(None)
        elif self._asked is not None:
            asked, self._asked = self._asked, None
            self._enter(ReplacePhase.WRITING)
            asked.answer.set_result(asked.question.typed_name or "yes")

    @on(Said)
    def _keep_line(self, event: Said) -> None:
        if event.number != self._number:
            return
        self._lines.append(event.progress)
        if self._phase is ReplacePhase.WRITING:
            self._name_button("Written; asking about the old one …")

    # ── the end ──

    def _show_result(self, _number: int, done: Replaced) -> None:
        """What was done and what is left; from now on the app uses what the files hold."""
        self._given = None
        self._enter(ReplacePhase.DONE)
        self.query_one(PasteBox).action_clear()
        self.query_one("#replace-result", HangingText).show(progress_rows([*self._lines, *replacement_lines(done)]))
        self.query_one("#replace-body").scroll_home(animate=False)
        self.query_one("#replace-yes").focus()
        self.app.follow_moved_stores()

    def _show_failure(self, _number: int, problem: SoundcheckError) -> None:
        """The reason with the next step; the text stays, so that Test tries again, or goes on with what was begun."""
        wrote = self._phase is ReplacePhase.WRITING
        self._asked = None
        self._enter(ReplacePhase.PASTING)
        self.query_one(LiveLines).stop()
        trouble = self.query_one(StepTrouble)
        trouble.tell(problem)
        self.query_one("#replace-given", HangingText).show(())  # read already; the reason needs the room
        later.once_drawn(self, trouble.scroll_visible, animate=False)
        self.query_one(PasteBox).focus()
        if wrote:
            self.app.follow_moved_stores()  # the disk may have failed after the first of several files

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Once writing began it goes on to its end, which is bounded."""
        if action == "test":
            return self._phase is ReplacePhase.PASTING and self._given is not None and self._given.is_complete
        if action == "leave":
            return self._phase is not ReplacePhase.WRITING
        return True

    @on(Button.Pressed, "#replace-no")
    def action_leave(self) -> None:
        """Back to where the person was."""
        if self._phase is not ReplacePhase.WRITING:
            self._stop()
            self.dismiss(None)

    def action_scroll(self, direction: int) -> None:
        """A page of it, whatever has the focus."""
        body = self.query_one("#replace-body")
        body.scroll_relative(y=direction * max(body.size.height - 2, 1), animate=False)

    def action_explain(self) -> None:
        """The help of this screen over it."""
        from soundcheck.screens.app.help import HelpScreen

        self.app.push_screen(HelpScreen(self))
