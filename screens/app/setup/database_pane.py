"""Database: the schema, what a push would do, consent for each loss, then generate and push."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Log, Static

from screens.app.setup.line_text import Line
from screens.app.setup.live_lines import LiveLines
from screens.app.setup.step_pane import StepPane
from screens.app.setup.trouble import Trouble
from stores.errors import SoundcheckError
from wizard.guard import Consent
from wizard.progress import Mark, Progress
from wizard.step import StepId

if TYPE_CHECKING:
    from screens.app.setup.journey import Journey
    from stores.project import Project
    from wizard.database_step import DatabaseDone, DatabasePlan

OUTPUT_LINES: int = 2000


class DatabasePane(StepPane):
    """First only looks; writes when the plan was shown and everything that would be lost was named."""

    STEP = StepId.DATABASE

    class Planned(Message):
        """What generate and push would do."""

        def __init__(self, plan: DatabasePlan) -> None:
            super().__init__()
            self.plan = plan

    class Pushed(Message):
        """The client is there and the tables are there; this is the project with its schema."""

        def __init__(self, done: DatabaseDone, project: Project) -> None:
            super().__init__()
            self.done = done
            self.project = project

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._plan: DatabasePlan | None = None
        self._consent = Consent()
        self._pushed = False

    def compose(self) -> ComposeResult:
        """The plan, the questions, the work, its output."""
        yield Static(id="db-plan", markup=False)
        with Vertical(id="db-questions"):
            yield Checkbox(Content("Copy our schema into the project"), True, id="copy-schema")
            yield Static(id="db-losses", markup=False)
            yield Input(placeholder="type the name", id="typed-name")
        yield LiveLines(self.journey.services.clock)
        yield Log(max_lines=OUTPUT_LINES, id="output")
        yield Trouble()

    def on_mount(self) -> None:
        """Look at the database."""
        for name in ("#copy-schema", "#db-losses", "#typed-name", "#output"):
            self.query_one(name).display = False
        self._look()

    def _look(self) -> None:
        self.ready, self._plan, self._consent = False, None, Consent()
        self.query_one(LiveLines).expect([])
        self.start("looking at the database", self._make_plan())

    async def _make_plan(self) -> None:
        from stores.prisma.engine import PrismaEngine
        from stores.prisma.node import find_node
        from wizard.database_step import plan_database

        services = self.journey.services
        engine = PrismaEngine(services.project.home, find_node(services.environ))
        self.report(Progress("comparing the schema with the database", Mark.RUNNING, key="plan"))
        plan = await plan_database(services, engine, self.report)
        self.report(Progress("compared the schema with the database", Mark.OK, key="plan"))
        self.post_message(self.Planned(plan))

    @on(Planned)
    def _show_plan(self, event: Planned) -> None:
        event.stop()
        self.busy = ""
        plan = self._plan = event.plan
        self.query_one("#db-plan", Static).update(_plan_words(plan))
        copies = plan.schema.copied_to is not None
        self.query_one("#copy-schema", Checkbox).display = copies
        self.query_one("#copy-schema", Checkbox).label = Content(f"Copy our schema to {plan.schema.shown}")
        self._weigh()

    @on(Checkbox.Changed, "#copy-schema")
    def _weigh(self) -> None:
        """Next is offered once the guard has nothing left to ask."""
        plan = self._plan
        if plan is None:
            return
        verdict = plan.verdict(self._consent)
        losses, typed = self.query_one("#db-losses", Static), self.query_one("#typed-name", Input)
        losses.display = typed.display = not verdict.allowed
        if not verdict.allowed:
            names = [*verdict.missing_losses, *filter(None, [verdict.needs_production_name])]
            losses.update(
                Content.assemble(
                    ("! ", "bold $error"), (verdict.question, "bold"), "\n",
                    ("→ ", "$primary"), "If that is what you want, type: ", (names[0], "bold"), ", then press Enter.",
                )
            )  # fmt: skip
        copies = self.query_one("#copy-schema", Checkbox)
        self.next_label = "Generate and push"
        self.ready = verdict.allowed and (not copies.display or copies.value)
        focus: Widget = typed if not verdict.allowed else self.screen.query_one("#next")
        focus.focus()

    @on(Input.Submitted, "#typed-name")
    def _accept_name(self, event: Input.Submitted) -> None:
        """A name typed in full is a consent to that one thing."""
        event.stop()
        plan, typed = self._plan, event.value.strip()
        event.input.clear()
        if plan is None:
            return
        verdict = plan.verdict(self._consent)
        if typed in verdict.missing_losses:
            self._consent = Consent(self._consent.losses | {typed}, self._consent.production)
        elif typed and typed == verdict.needs_production_name:
            self._consent = Consent(self._consent.losses, typed)
        self._weigh()

    def proceed(self) -> None:
        """Look again, push, or go on."""
        if self._pushed:
            self.pass_on(self.journey)
        elif self._plan is None:
            self._look()
        else:
            self.start("generate and push", self._push(self._plan, self._consent))
            self.query_one("#db-questions").display = False
            self.query_one("#output").display = True

    async def _push(self, plan: DatabasePlan, consent: Consent) -> None:
        from dataclasses import replace

        from stores.prisma.engine import PrismaEngine
        from stores.prisma.node import find_node
        from wizard.database_step import apply_database

        services = self.journey.services
        engine = PrismaEngine(services.project.home, find_node(services.environ))
        done = await apply_database(services, engine, plan, consent, self.report)
        schema = plan.schema.copied_to or plan.schema.path
        self.post_message(self.Pushed(done, replace(services.project, schema=schema)))

    @on(Pushed)
    def _go_on(self, event: Pushed) -> None:
        event.stop()
        from dataclasses import replace

        self._pushed = True
        services = replace(self.journey.services, project=event.project)
        self.journey = self.journey.with_services(services).answered(schema="yes")
        self.next_label, self.ready = "Next", True
        self.screen.query_one("#next").focus()

    def show_line(self, line: Line | Progress) -> None:
        """Lines with a key stay in view; the rest is the programs' own output."""
        if isinstance(line, Progress) and not line.key:
            output = self.query_one("#output", Log)
            output.display = True
            output.write_line("".join(c if c.isprintable() else " " for c in line.text))
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
        self._plan = None
        self.query_one("#db-questions").display = True
        for name in ("#copy-schema", "#db-losses", "#typed-name"):
            self.query_one(name).display = False
        self.next_label, self.ready = "Look again", True


def _plan_words(plan: DatabasePlan) -> Content:
    """Where it goes, from which schema, and what would change."""
    rows = [
        Content.assemble(("Database  ", "$secondary"), (plan.endpoint, "bold")),
        Content.assemble(("Schema    ", "$secondary"), (plan.schema.shown, "bold")),
        Content(),
        *(Content(line) for line in plan.push.lines),
    ]
    return Content("\n").join(rows)
