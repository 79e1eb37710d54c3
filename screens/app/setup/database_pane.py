"""Database: the schema, what a push would do, consent for each loss, then generate and push.

What the programs print while they work: plain lines, and an ellipsis where the window has no room for all of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Log

from soundcheck.screens.app.parts.hanging_text import HangingRow, HangingText, row
from soundcheck.screens.app.parts.line_text import Line
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.consents import Consents
from soundcheck.screens.app.setup.plan_rows import plan_rows
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.wizard.progress import PlanLine, Progress
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.wizard.asking import Answers
    from soundcheck.wizard.setup.push_step import DatabaseStepPlan
    from soundcheck.wizard.setup.state import SetupState


ELLIPSIS = "…"


class OutputLog(Log, can_focus=False):
    """Textual's log crops a long line without a sign; here one that is cut says so, and none is coloured or obeyed."""

    def say(self, line: str) -> None:
        """Add one line of what a program printed."""
        self.write_line("".join(c if c.isprintable() else " " for c in line))

    def render_line(self, y: int) -> Strip:
        """A line of the window, marked at its end where it goes on."""
        strip, at = super().render_line(y), self.scroll_offset.y + y
        width = self.scrollable_content_region.width  # without the scroll bar, which lies over the end of a line
        if at >= self.line_count or cell_len(self.lines[at]) <= self.scroll_offset.x + width:
            return strip
        cut = Strip([*strip.crop(0, width - 1), Segment(ELLIPSIS, self.rich_style)])
        return cut.extend_cell_length(self.size.width, self.rich_style)


OUTPUT_LINES: Final = 2000


class DatabasePane(StepPane):
    """First only looks; writes when the plan was shown and everything that would be lost was named."""

    STEP = StepId.DATABASE

    class Planned(Message):
        """What generate and push would do."""

        def __init__(self, step: DatabaseStepPlan) -> None:
            super().__init__()
            self.step = step

    class Pushed(Message):
        """The client and the tables are there, or it was said why not."""

        def __init__(self, state: SetupState) -> None:
            super().__init__()
            self.state = state

    def __init__(self, state: SetupState) -> None:
        super().__init__(state)
        self._step: DatabaseStepPlan | None = None
        self._pushed = False

    def compose(self) -> ComposeResult:
        """Where it goes, what would change, the questions, the work, its output."""
        yield HangingText(id="db-target")
        yield LiveLines(self.state.services.clock)
        yield HangingText(id="db-plan")
        yield Vertical(id="db-questions")
        yield OutputLog(max_lines=OUTPUT_LINES, id="output")
        yield StepTrouble()

    def on_mount(self) -> None:
        """Look at the database."""
        self._look()

    def _show_work(self) -> None:
        """Lines of work alone: the plan and its questions go."""
        for name in ("#db-plan", "#db-questions", "#output"):
            self.query_one(name).display = False
        self.query_one(LiveLines).expect([])

    def _look(self) -> None:
        self.ready, self._step = False, None
        self._show_work()
        self.start("looking at the database", self._make_plan)

    async def _make_plan(self) -> None:
        from soundcheck.wizard.setup.push_step import look

        self.post_message(self.Planned(await look(self.state, self.report)))

    @on(Planned)
    async def _show_plan(self, event: Planned) -> None:
        event.stop()
        self.busy = ""
        step = self._step = event.step
        self.query_one("#db-target", HangingText).show(_target(step.target))
        changes = self.query_one("#db-plan", HangingText)
        changes.show(plan_rows(step.changes))
        changes.display = True
        questions = self.query_one("#db-questions", Vertical)
        await questions.remove_children()
        await questions.mount(Consents(step.questions, step.button))
        questions.display = True
        self._weigh()

    @on(Consents.Changed)
    def _weigh(self) -> None:
        """Next is offered once nothing is left to ask."""
        if self._step is None:
            return
        if self._step.obstacle is not None:
            self.offer_next("Look again")
        else:
            self.weigh(self.query_one(Consents), self._step.button)

    def proceed(self) -> None:
        """Look again, push, or go on."""
        step = self._step
        if self._pushed:
            self.pass_on(self.state)
        elif step is None or step.obstacle is not None:
            self._look()
        else:
            answers = self.query_one(Consents).answers
            self._show_work()
            self.start("generate and push", partial(self._push, step, answers))

    async def _push(self, step: DatabaseStepPlan, answers: Answers) -> None:
        from soundcheck.wizard.setup.push_step import apply

        self.post_message(self.Pushed(await apply(self.state, step, answers, self.report)))

    @on(Pushed)
    def _offer_next(self, event: Pushed) -> None:
        event.stop()
        self._pushed = True
        self.state = event.state
        self.offer_next()

    def show_line(self, line: Line | Progress) -> None:
        """Lines with a key stay in view; the rest is the programs' own output."""
        if isinstance(line, Progress) and not line.key:
            output = self.query_one(OutputLog)
            output.display = True
            output.say(line.text)
            return
        super().show_line(line)

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason, and Next becomes the way to look again."""
        super().show_failure(error)
        self._again()

    def cancel(self) -> None:
        """The children are stopped; Next looks again, because something may have been done."""
        super().cancel()
        if not self._pushed:
            self._again()

    def _again(self) -> None:
        self._step = None
        self.query_one("#db-questions").display = False
        self.offer_next("Look again")


def _target(lines: Iterable[PlanLine]) -> list[HangingRow]:
    """Where it goes, and from which schema: names beside one another, what they name in bold."""
    return [row(f"{line.head:<10}", "$secondary", (line.text.strip(), "bold")) for line in lines]
