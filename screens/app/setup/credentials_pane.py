"""Credentials: the paste box, what was recognised in it, and both connections tried layer by layer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Static

from soundcheck.checks.catalogue import default_registry
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.parts.paste_box import PasteBox
from soundcheck.screens.app.setup.authority_field import AuthorityField
from soundcheck.screens.app.setup.check_lines import expected_lines
from soundcheck.screens.app.setup.field_editor import FieldEditor, SecretInput
from soundcheck.screens.app.setup.plain_line_screen import ask_for_plain
from soundcheck.screens.app.setup.problem_list import ProblemList, repair_key
from soundcheck.screens.app.setup.recognised_text import (
    as_pasted,
    field_rows,
    how_it_stands,
    left_to_say,
    missing_words,
)
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.recognise.recognition import (
    NOTHING_FAILED,
    Candidate,
    FailedTest,
    Problem,
    Recognition,
    Severity,
)
from soundcheck.wizard.setup.authority_step import refused_issuer, trusting
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.verify import WAY_AROUND, Tried, reading_words, verify_readings, verifying
from soundcheck.wizard.step import SetupPath, StepId

SETTLE: Final = 0.8
"""Seconds without a key after which what was pasted is tried."""


class CredentialsPane(StepPane):
    """Nothing pasted here is shown, kept or sent anywhere but to the two stores that it names."""

    STEP = StepId.CREDENTIALS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "test", "Test", key_display="F9", tooltip="Try both connections now"),
    ]

    class Judged(Message):
        """Verification ran to its end. `services` are open clients where all of it passed, else None."""

        def __init__(self, attempt: int, tried: Tried, services: Services | None) -> None:
            super().__init__()
            self.attempt = attempt
            self.tried = tried
            self.services = services

    def __init__(self, state: SetupState) -> None:
        super().__init__(state)
        self._known = state.services.credentials
        self._recognition: Recognition | None = None
        self._accepted: set[str] = set()
        self._token: Candidate | None = None
        self._instead: Credentials | None = None
        self._tried: Tried | None = None
        self._timer: Timer | None = None
        self._attempt = 0
        self._told: frozenset[tuple[str, str, int | None]] = frozenset()
        self._unread = False
        self._was_asked = False

    def compose(self) -> ComposeResult:
        """The question, the box or the fields, what was found, the lines, the buttons."""
        yield Static(
            Content.assemble(
                ("Paste what you copied", "bold"),
                (": a .env block, a psql line, a curl. It goes only to the stores that it names.", "$secondary"),
            ),
            id="ask",
        )
        yield PasteBox("paste here, one thing or everything", id="paste")
        yield FieldEditor(id="fields")
        yield ProblemList(id="problems")
        yield HangingText(id="recognised")
        with Horizontal(id="tools"):
            yield Button("Test", id="test")
            yield Button("Edit fields", id="edit")
            yield Button("Clear", id="clear")
            yield Button("Create", id="create-rest", classes="other-way", tooltip="In the cloud, or on this machine")
        yield LiveLines(self.state.services.clock)
        yield AuthorityField()
        yield StepTrouble()

    def on_mount(self) -> None:
        """Try at once what is there already."""
        self.query_one(FieldEditor).display = False
        self._draw()
        self.ready = self.state.verified
        if self.state.pasted:
            self.query_one(PasteBox).paste(self.state.pasted.reveal())
        elif self.state.verified:
            return
        elif self.credentials.has_database or self.credentials.has_cache:
            self._test()

    def first_focus(self) -> Widget | None:
        """The box; Next where everything is verified."""
        return None if self.state.verified else self.query_one(PasteBox)

    @property
    def credentials(self) -> Credentials:
        """What was known, with what was pasted put over it; what a test showed to work instead."""
        if self._instead is not None:
            return self._instead
        pasted = self._recognition.credentials if self._recognition else Credentials()
        merged = pasted.over(self._known)
        return replace(merged, rest_token=self._token.value) if self._token else merged

    @property
    def blocked_because(self) -> str:
        """What is still missing, or what the test found."""
        if self.busy:
            return super().blocked_because
        if self._waiting:
            return "A value was repaired: press “Use the repaired value”, or paste the right one."
        if self._tried is not None and (problem := self._tried.problem) is not None:
            return problem.message
        return missing_words(self.credentials) or "Not tested yet: press Test (F9)."

    @property
    def _waiting(self) -> list[Problem]:
        """The repairs that were previewed and not agreed to."""
        found = self._recognition.findings if self._recognition else ()
        return [
            problem for problem in found if problem.repair is not None and repair_key(problem) not in self._accepted
        ]

    @on(PasteBox.Changed)
    @on(FieldEditor.Changed)
    async def _read(self, event: PasteBox.Changed | FieldEditor.Changed) -> None:
        """Recognise the newest text, and try it when the person has stopped."""
        from soundcheck.wizard.recognise.recogniser import recognise

        event.stop()
        self.cancel()
        text: Secret = event.text
        failed = self.state.failed if text and not self.query_one(FieldEditor).display else NOTHING_FAILED
        self._token, self._instead, self._tried = None, None, None
        self._recognition = as_pasted(recognise(text.reveal(), failed), text) if text else None
        is_verified = self.state.verified and self.credentials == self.state.services.credentials
        if not is_verified:
            self.state = self.state.holding(self._known)
        self.state = self.state.with_pasted(text, failed)
        self.ready = is_verified
        self._note_what_is_new()
        self.query_one(PasteBox).recognition = self._recognition
        self.query_one(LiveLines).expect([])  # what was tested is not what stands here now
        self.query_one(StepTrouble).clear()
        self.scroll_home(animate=False, immediate=True)
        self._draw()
        await self._draw_problems()
        if self._recognition is not None and self._recognition.fields and not self._waiting and not is_verified:
            self._timer = later.after(self, SETTLE, self._test_unasked)

    def _note_what_is_new(self) -> None:
        """Whether this text has a problem that the one before had not: then nothing leads the eye away from it."""
        found = self._recognition.findings if self._recognition else ()
        told = frozenset((one.code, one.field, one.line) for one in found if one.severity is not Severity.INFO)
        self._unread, self._told = bool(told - self._told), told

    def _draw(self) -> None:
        rows = field_rows(
            self._recognition, self.credentials, here=how_it_stands(self.state, self._known), tested=self._tested()
        )
        self.query_one("#recognised", HangingText).show(rows)
        nothing = not (self.credentials.has_database or self.credentials.has_cache)
        self.query_one("#test", Button).disabled = nothing
        create = self.query_one("#create-rest", Button)
        create.display = self.credentials.has_database != self.credentials.has_cache
        create.label = f"Create {Half.CACHE if self.credentials.has_database else Half.DATABASE}"
        create.refresh(layout=True)
        self.refresh_bindings()

    def _tested(self) -> dict[str, bool]:
        """By name, how the values did in the test of what stands here now; empty before it."""
        if self._tried is None:
            return {}
        there = self._tried.credentials.as_env()
        return {name: name not in self._tried.failed for name in there}

    async def _draw_problems(self) -> None:
        """Each problem with its cure, and what the test found out."""
        tried = self._tried
        recognition = left_to_say(self._recognition, self.credentials, is_tested=tried is not None)
        around = WAY_AROUND + "?" if tried is not None and tried.direct_alone is not None else ""
        said = (reading_words(tried.credentials),) if tried is not None and tried.is_other_reading else ()
        await self.query_one(ProblemList).show(recognition, self._accepted, said=said, way_around=around)

    @on(ProblemList.Repaired)
    async def _repair(self, event: ProblemList.Repaired) -> None:
        """Agree to a mended value."""
        event.stop()
        self._accepted.add(repair_key(event.problem))
        await self._draw_problems()
        if not self._waiting:
            self._test()

    @on(ProblemList.Chosen)
    def _try_candidate(self, event: ProblemList.Chosen) -> None:
        """Try another value in the token's place."""
        event.stop()
        self._token = event.candidate
        self._test()

    @on(ProblemList.WentAround)
    def _go_around(self, event: ProblemList.WentAround) -> None:
        """Use the direct address, which answers, for the application too."""
        event.stop()
        if self._tried is not None and (direct := self._tried.direct_alone) is not None:
            self._instead = direct
            self._test()

    @on(AuthorityField.Given)
    def _trust(self, event: AuthorityField.Given) -> None:
        """Trust what is in that file too, and try again."""
        event.stop()
        self.start("reading the certificate", partial(self._trust_file, event.path))

    async def _trust_file(self, path: str) -> None:
        services = await asyncio.to_thread(trusting, self.state.services, Path(path))
        later.soon(self, self._test_with, services)

    def _test_with(self, services: Services) -> None:
        self.state = self.state.with_services(services)
        self._test()

    @on(Button.Pressed, "#test")
    def _press_test(self, event: Button.Pressed) -> None:
        event.stop()
        self._test()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Testing is offered where there is something to test."""
        if action == "test":
            return self.credentials.has_database or self.credentials.has_cache
        return super().check_action(action, parameters)

    def action_test(self) -> None:
        """Try now."""
        self._test()

    @on(Button.Pressed, "#create-rest")
    def _create_rest(self, event: Button.Pressed) -> None:
        """What was pasted stays; the other store is created, or is of this machine."""
        event.stop()
        self.cancel()
        kept = self.state.holding(self.credentials).with_pasted(Secret(""))
        self.post_message(self.Instead(kept.choose(SetupPath.INSTANT)))

    @on(Button.Pressed, "#clear")
    def _press_clear(self, event: Button.Pressed) -> None:
        event.stop()
        box = self.query_one(PasteBox)
        box.action_clear()
        if self.query_one(FieldEditor).display:
            self.query_one(FieldEditor).empty()
        else:
            box.focus()

    @on(Button.Pressed, "#edit")
    def _press_edit(self, event: Button.Pressed) -> None:
        """Change between the box and the fields; the fields start with what was recognised."""
        event.stop()
        editor, box = self.query_one(FieldEditor), self.query_one(PasteBox)
        editing, self._was_asked = not editor.display, False
        if editing:
            editor.fill(self.credentials)
        else:
            editor.empty()
        editor.display, box.display = editing, not editing
        event.button.label = "Paste box" if editing else "Edit fields"
        event.button.refresh(layout=True)
        first: Widget = editor.query("SecretInput").first() if editing else box
        later.once_drawn(self, first.focus)

    def _test(self) -> None:
        """Try what is complete, layer by layer, and lead the eye there."""
        self._unread, self._was_asked = False, True
        self._begin_test()

    def _test_unasked(self) -> None:
        """The same; what the text has to say stays in view until seen, and the fields while they are open."""
        self._was_asked = False
        self._begin_test()

    def _lead_to(self, scroll: Callable[[], object]) -> None:
        """Lead the eye there once it is drawn, unless by then the eye belongs elsewhere."""

        def lead() -> None:
            if self._was_asked or not (self._unread or self.query_one(FieldEditor).display):
                scroll()

        later.once_drawn(self, lead)

    def _begin_test(self) -> None:
        self._stop_timer()
        credentials = self.credentials
        wanted = verifying(credentials)
        if not wanted:
            return
        self.ready = False
        services = replace(self.state.services, credentials=credentials, database=None, cache=None)
        lines = self.query_one(LiveLines)
        lines.expect(expected_lines(default_registry().select(wanted)))
        self._attempt += 1
        self.start("check", partial(self._try, services, self._attempt))
        self._lead_to(lambda: lines.scroll_visible(animate=False, top=False, immediate=True))

    async def _try(self, services: Services, attempt: int) -> None:
        from soundcheck.wizard.setup.local_step import wake_local

        services = await wake_local(services, self.report)
        tried = await verify_readings(services, self.observe)
        opened = None
        if tried.problem is None and tried.credentials.is_complete:
            opened = await asyncio.to_thread(services.using, tried.credentials)
        self.post_message(self.Judged(attempt, tried, opened))

    @on(Judged)
    async def _judge(self, event: Judged) -> None:
        """Go on where both answered; else the lines say what stands in the way."""
        event.stop()
        if event.attempt != self._attempt:  # its last word and a newer paste were on their way at once
            if event.services is not None:
                await event.services.close()
            return
        tried = self._tried = event.tried
        if tried.is_other_reading:
            self._instead = tried.credentials
        if tried.failed:
            lines = self.state.pasted.reveal().count("\n") + 1 if self.state.pasted else 0
            self.state = self.state.with_pasted(self.state.pasted, FailedTest(tried.failed, lines))
        self._draw()
        await self._draw_problems()
        self._lead_to(self.scroll_to_outcome)
        self.query_one(AuthorityField).display = refused_issuer(tried.report.outcomes)
        if event.services is None:
            if tried.direct_alone is not None:
                self._lead_to(lambda: self.query_one("#way-around").scroll_visible(animate=False))
            with_them = replace(self.state.services, credentials=tried.credentials)
            ask_for_plain(self, with_them, tried.report.outcomes, self._begin_test)
            return
        self.state = self.state.verified_with(event.services)
        self.post_message(self.Opened(event.services))
        if self._is_typed_in():
            self.busy, self.next_label, self.ready = "", "Next", True
        else:
            self.offer_next()

    def _is_typed_in(self) -> bool:
        """Whether the test ran by itself while somebody types: the keys that follow belong where they are."""
        focused, box = self.screen.focused, self.query_one(PasteBox)
        is_typing = isinstance(focused, SecretInput) or (focused is box and not box.ends_in_a_paste)
        return is_typing and not self._was_asked

    def cancel(self) -> None:
        """Stop what runs and what waits to run."""
        self._attempt += 1
        self._stop_timer()
        super().cancel()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
