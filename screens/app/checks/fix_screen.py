"""A fix on a page of its own: what it would do, a yes, the doing, what its check says afterwards, and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static
from textual.worker import Worker

from soundcheck.checks.finding import Fix, FixKind
from soundcheck.screens.app.checks.row_text import SYMBOLS, WORDS
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.worker_errors import problem_of
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.target import same_name

if TYPE_CHECKING:
    from soundcheck.checks.report.redaction import Redactor
    from soundcheck.wizard.fixes.fix import FixResult, Preview
    from soundcheck.wizard.progress import Progress

_PREVIEWING: Final = "looking what it would do"
_APPLYING: Final = "applying it"
_UNDOING: Final = "taking it back"


class FixScreen(ModalScreen[bool]):
    """Closes with whether anything was changed, so that the screen below asks the check again.

    What is destructive is applied only after its name was typed; what the guard stands before, after the names that
    the guard wants.
    """

    CSS_PATH = "detail.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="Stop what is at work, else back to the checks"),
    ]

    @dataclass
    class Previewed(Message):
        """What it would do."""

        preview: Preview
        redactor: Redactor

    @dataclass
    class Told(Message):
        """Something to say while it is applied."""

        progress: Progress

    @dataclass
    class Ended(Message):
        """It was applied, and its check asked again."""

        result: FixResult

    @dataclass
    class TakenBack(Message):
        """It was undone."""

        said: str

    @dataclass
    class Failed(Message):
        """It was not."""

        problem: SoundcheckError

    def __init__(self, services: Services, fix: Fix, check_id: str) -> None:
        super().__init__()
        self._services = services
        self._fix = fix
        self._check_id = check_id
        self._preview: Preview | None = None
        self._redactor: Redactor | None = None
        self._busy = ""
        self._agreed = False
        self._changed = False
        self._needed: tuple[str, ...] = ()
        """Names that have to be typed: the fix's own where it is destructive, then those that the guard wants."""
        self._lines: list[Content] = []

    def compose(self) -> ComposeResult:
        """Lines, perhaps a name to type, and the buttons."""
        with VerticalScroll(id="detail", can_focus=True) as box:
            box.border_title = Content(f"{self._fix.id} for {self._check_id}")
            yield CommandText(id="fix-lines", markup=False)
            yield CommandText(id="fix-question", classes="hidden", markup=False)
            yield Input(id="fix-name", classes="hidden")
            with Horizontal(id="fix-buttons"):
                yield Button("Apply", id="fix-apply", compact=True, disabled=True)
                yield Button("Undo", id="fix-undo", compact=True, classes="hidden")
                yield Button("Close", id="fix-close", compact=True)

    def on_mount(self) -> None:
        """Look first."""
        self._look()

    def _look(self) -> None:
        self._start(_PREVIEWING)
        self._lines = [Content.styled(visible(self._fix.label), "bold")]
        self._draw()
        self._find_out()

    # ── workers: they touch no widget ──

    @later.worker("Looking at the fix", group="fix", exclusive=True)
    async def _find_out(self) -> None:
        from soundcheck.checks.report.known_secrets import redactor_for
        from soundcheck.wizard.fixes.apply import preview_fix

        try:
            redactor = await asyncio.to_thread(redactor_for, self._services)
            preview = await preview_fix(self._services, self._fix)
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.Previewed(preview, redactor))

    @later.worker("Applying the fix", group="fix", exclusive=True)
    async def _apply(self, preview: Preview, consent: Consent) -> None:
        from soundcheck.wizard.fixes.apply import apply_fix

        try:
            result = await apply_fix(
                self._services,
                preview,
                self._check_id,
                named=True,
                consent=consent,
                report=lambda progress: self._tell(progress),
            )
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.Ended(result))

    def _tell(self, progress: Progress) -> None:
        self.post_message(self.Told(progress))

    @later.worker("Taking the fix back", group="fix", exclusive=True)
    async def _take_back(self) -> None:
        from soundcheck.wizard.fixes.apply import undo_fix

        try:
            _, said = await undo_fix(self._services, self._fix.id)
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.TakenBack(said))

    # ── what they found ──

    @on(Previewed)
    def _show_preview(self, event: Previewed) -> None:
        self._preview, self._redactor = event.preview, event.redactor
        self._stop()
        preview = event.preview
        self._say("What it does" if preview.needed else "Nothing to do", preview.lines)
        if preview.needed:
            self._say("The way back", [preview.undo or "It cannot be taken back."])
            self._ask_for_names(preview)
        self._draw()
        apply = self.query_one("#fix-apply", Button)
        apply.disabled = not preview.needed or bool(self._needed)
        (self.query_one("#fix-close") if not preview.needed else self._first_answer()).focus()

    def _ask_for_names(self, preview: Preview) -> None:
        names = [self._fix.id] if self._fix.kind is FixKind.DESTRUCTIVE else []
        questions = []
        if preview.intent is not None:
            verdict = decide(preview.intent, Consent())
            questions = [verdict.question] if verdict.question else []
            if way := verdict.way_to_say_the_kind:
                questions.append(f"Or say once that it is for development: {way}")
            names += [*verdict.missing_losses, *filter(None, [verdict.needs_production_name])]
        self._needed = tuple(dict.fromkeys(names))
        question = self.query_one("#fix-question", Static)
        question.set_class(not self._needed, "hidden")
        self.query_one("#fix-name").set_class(not self._needed, "hidden")
        if self._needed:
            asked = f"To apply it, type: {' '.join(self._needed)}"
            question.update(Content(self._clean("\n".join([*questions, asked]))))

    def _first_answer(self) -> Input | Button:
        return self.query_one("#fix-name", Input) if self._needed else self.query_one("#fix-apply", Button)

    @on(Input.Changed, "#fix-name")
    def _compare_name(self, event: Input.Changed) -> None:
        wanted = " ".join(" ".join(self._needed).split())
        typed = not wanted or same_name(" ".join(event.value.split()), wanted)
        self.query_one("#fix-apply", Button).disabled = self._preview is None or not typed

    @on(Input.Submitted, "#fix-name")
    @on(Button.Pressed, "#fix-apply")
    def _confirm(self) -> None:
        apply = self.query_one("#fix-apply", Button)
        if apply.disabled or self._preview is None or self._busy:
            return
        verdict = decide(self._preview.intent, Consent()) if self._preview.intent is not None else None
        consent = Consent(
            frozenset(verdict.missing_losses) if verdict else frozenset(),
            verdict.needs_production_name if verdict else "",
        )
        if self._preview.runs and not self._agreed:
            self._ask_trust(self._preview)
            return
        apply.disabled = True
        for name in ("#fix-question", "#fix-name"):
            self.query_one(name).add_class("hidden")
        self._start(_APPLYING)
        self._changed = True
        self._draw()
        self._apply(self._preview, consent)

    def _ask_trust(self, preview: Preview) -> None:
        """What runs something of the folder waits for a word on that, unless it was said before."""
        from soundcheck.screens.app.trust_screen import TrustScreen
        from soundcheck.stores.project.trust import trust_in

        project = self._services.project
        if trust_in(project, preview.runs) is not None:
            self._agree(agreed=True)
        else:
            later.ask(self, TrustScreen(project, lambda: preview.runs), lambda said: self._agree(agreed=bool(said)))

    def _agree(self, *, agreed: bool) -> None:
        self._agreed = agreed
        if agreed:
            self._confirm()

    @on(Told)
    def _show_progress(self, event: Told) -> None:
        self._lines.append(Content.styled(self._clean(event.progress.text), "$muted"))
        self._draw()

    @on(Ended)
    def _show_result(self, event: Ended) -> None:
        self._stop()
        result = event.result
        self._say("Applied" if result.applied else "Nothing to do", result.lines)
        if result.outcome is not None:
            finding = result.outcome.finding
            symbol, color = SYMBOLS[finding.status]
            said = self._clean(finding.summary)
            words = Content.assemble((f"{symbol} {WORDS[finding.status]}", color), f"  {said}")
            self._lines += [Content.styled(f"\n{self._check_id} afterwards", "$muted"), words]
        self._draw()
        self.query_one("#fix-apply").add_class("hidden")
        self.query_one("#fix-undo").set_class(not result.can_undo, "hidden")
        self.query_one("#fix-close").focus()

    @on(Button.Pressed, "#fix-undo")
    def _undo(self) -> None:
        if not self._busy:
            self._start(_UNDOING)
            self._draw()
            self._take_back()

    @on(TakenBack)
    def _show_undone(self, event: TakenBack) -> None:
        self._stop()
        self._say("Taken back", [event.said])
        self._draw()
        self.query_one("#fix-undo").add_class("hidden")
        self.query_one("#fix-close").focus()

    @on(Failed)
    def _show_failure(self, event: Failed) -> None:
        """In its place, with what to do."""
        self._stop()
        problem = event.problem
        self._lines.append(Content.assemble(("\n✗ ", "bold $error"), (self._clean(problem.message), "bold")))
        if problem.hint:
            self._lines.append(Content(f"  {self._clean(problem.hint)}"))
        self._draw()
        self.query_one("#fix-apply", Button).disabled = True
        self.query_one("#fix-close").focus()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What nobody foresaw is a failure like any other."""
        if (problem := problem_of(event)) is not None:
            self.post_message(self.Failed(problem))

    # ── drawing and leaving ──

    def _say(self, name: str, lines: Iterable[str]) -> None:
        self._lines.append(Content.styled(f"\n{name}", "$muted"))
        for line in lines:
            color = {"+": "$success", "-": "$error"}.get(line[:1], "")
            self._lines.append(Content.styled(self._clean(line), color))

    def _clean(self, text: str) -> str:
        """Without secrets and control characters, its commands as they work here."""
        scrubbed = self._redactor.scrub(text) if self._redactor is not None else text
        return "\n".join(visible(line) for line in spelled(scrubbed).split("\n"))

    def _draw(self) -> None:
        working = [Content.styled(f"\n◐ {self._busy}…", "$warning")] if self._busy else []
        self.query_one("#fix-lines", Static).update(Content("\n").join([*self._lines, *working]))
        page = self.query_one("#detail", VerticalScroll)
        page.scroll_end(animate=False)
        page.border_subtitle = Content(f"esc stops: {self._busy}" if self._busy else "tab Buttons   esc Close")

    def _start(self, busy: str) -> None:
        self._busy = busy

    def _stop(self) -> None:
        self._busy = ""

    @on(Button.Pressed, "#fix-close")
    def _close(self) -> None:
        self.dismiss(self._changed)

    def action_leave(self) -> None:
        """Stop what is at work; with nothing at work, close."""
        if self._busy and self._busy != _PREVIEWING:
            stopped = self._busy
            self.workers.cancel_group(self, "fix")
            self._stop()
            self._lines.append(
                Content.styled(f"\n– Stopped: {stopped}. The check is asked again when you close.", "$warning")
            )
            self._draw()
            return
        self.dismiss(self._changed)
