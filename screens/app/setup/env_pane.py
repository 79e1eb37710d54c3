"""The env file: the difference, what else is touched, then the write. What is written stands in `wizard`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from soundcheck.screens.app.parts.hanging_text import HangingText, row
from soundcheck.screens.app.parts.line_text import Line
from soundcheck.screens.app.setup.consents import Consents
from soundcheck.screens.app.setup.plan_rows import plan_rows
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.wizard.asking import Answers
    from soundcheck.wizard.setup.env_step import EnvStepPlan
    from soundcheck.wizard.setup.state import SetupState


class EnvPane(StepPane):
    """Nothing is written before it was shown; each consent is a switch of its own."""

    STEP = StepId.ENV

    class Planned(Message):
        """The difference is known."""

        def __init__(self, step: EnvStepPlan) -> None:
            super().__init__()
            self.step = step

    class Written(Message):
        """The file is written, or was right already."""

        def __init__(self, state: SetupState) -> None:
            super().__init__()
            self.state = state

    def __init__(self, state: SetupState) -> None:
        super().__init__(state)
        self._step: EnvStepPlan | None = None

    def compose(self) -> ComposeResult:
        """The box with the difference, and room for what follows from it."""
        with Vertical(id="difference", classes="box"):
            yield HangingText(id="env-lines")
        yield Vertical(id="env-questions")
        yield HangingText(id="env-notes")
        yield StepTrouble()

    def on_mount(self) -> None:
        """Look at the file."""
        self._look()

    def _look(self) -> None:
        self.ready = False
        self._step = None
        self.start("reading the env file", self._make_plan)

    async def _make_plan(self) -> None:
        from soundcheck.wizard.setup.env_step import look

        self.post_message(self.Planned(await look(self.state, self.report)))

    @on(Planned)
    async def _show_plan(self, event: Planned) -> None:
        event.stop()
        step = self._step = event.step
        project = self.state.services.project
        box = self.query_one("#difference")
        box.border_title = Content(project.shown(project.env_file))
        box.border_subtitle = Content(step.env.standing if step.env is not None else "not written")
        self.query_one("#env-lines", HangingText).show(plan_rows(step.difference))
        questions = self.query_one("#env-questions", Vertical)
        await questions.remove_children()
        await questions.mount(Consents(step.questions, step.button))
        pressed = [line for one in step.questions if one.text == step.button for line in one.about]
        where = [row("  ", "", (line, "$secondary")) for line in pressed]  # the button asks that question
        self.query_one("#env-notes", HangingText).show([*plan_rows(step.notes), *where])
        self._weigh()

    @on(Consents.Changed)
    def _weigh(self) -> None:
        """Next is offered once everything that needs a yes has one."""
        if self._step is None:
            return
        if self._step.obstacle is not None:
            self.offer_next("Look again")
        else:
            self.weigh(self.query_one(Consents), self._step.button)

    def proceed(self) -> None:
        """Write what was shown."""
        step = self._step
        if step is None or step.obstacle is not None:
            self._look()
        else:
            self.start("writing", partial(self._write, step, self.query_one(Consents).answers))

    async def _write(self, step: EnvStepPlan, answers: Answers) -> None:
        from soundcheck.wizard.setup.env_step import apply

        self.post_message(self.Written(await apply(self.state, step, answers, self.report)))

    @on(Written)
    def _go_on(self, event: Written) -> None:
        event.stop()
        self.pass_on(event.state)

    def show_line(self, line: Line | Progress) -> None:
        """The step goes on at once: what is worth knowing afterwards stays for a moment."""
        if isinstance(line, Progress) and line.mark is Mark.WARN:
            self.app.notify(line.text, severity="warning", markup=False)

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason; what was shown may be out of date, so Next looks again."""
        super().show_failure(error)
        self._step = None
        self.offer_next("Look again")

    def cancel(self) -> None:
        """Reading stops; Next looks again."""
        super().cancel()
        self._step = None
        self.offer_next("Look again")
