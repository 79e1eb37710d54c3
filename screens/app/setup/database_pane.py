"""Database: the schema, what a push would do, consent for each loss, then generate and push.

What the programs print while they work: plain lines, and an ellipsis where the window has no room for all of one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Checkbox, Input, Log

from soundcheck.checks.schema_engine import schema_engine
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.hanging_text import HangingText, Row, row
from soundcheck.screens.app.parts.line_text import Line
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import Trouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.step import StepId
from soundcheck.wizard.target import same_name

if TYPE_CHECKING:
    from soundcheck.wizard.setup.database_step import DatabaseDone, DatabasePlan
    from soundcheck.wizard.setup.flow_state import Journey
    from soundcheck.wizard.setup.query_engine_step import EnginePlan


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
MOST_ADDITIONS: Final = 3
"""With more additions than this beside new tables they are counted instead of listed."""

STYLES: Final = {"+": "$success", "~": "$warning", "-": "$error", "!": "$error"}


class DatabasePane(StepPane):
    """First only looks; writes when the plan was shown and everything that would be lost was named."""

    STEP = StepId.DATABASE

    class Planned(Message):
        """What generate and push would do."""

        def __init__(self, plan: DatabasePlan, engine: EnginePlan | None) -> None:
            super().__init__()
            self.plan = plan
            self.engine = engine

    class Pushed(Message):
        """The client and the tables are there, or it was said why not."""

        def __init__(self, done: DatabaseDone) -> None:
            super().__init__()
            self.done = done

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._plan: DatabasePlan | None = None
        self._engine_plan: EnginePlan | None = None
        self._consent = Consent()
        self._pushed = False

    def compose(self) -> ComposeResult:
        """Where it goes, what would change, the questions, the work, its output."""
        yield HangingText(id="db-target")
        yield LiveLines(self.journey.services.clock)
        yield HangingText(id="db-plan")
        with Vertical(id="db-questions"):
            yield ConsentBox("Copy our schema into the project", True, id="copy-schema", needed=True)
            yield ConsentBox("Let the backend's client find a query engine", True, id="place-engine")
            yield HangingText(id="engine-plan")
            yield HangingText(id="db-losses")
            yield Input(placeholder="the name, then Enter", id="typed-name", compact=True)
        yield OutputLog(max_lines=OUTPUT_LINES, id="output")
        yield Trouble()

    def on_mount(self) -> None:
        """Look at the database."""
        self._look()

    def _ask_nothing(self) -> None:
        for name in (
            "#db-plan", "#copy-schema", "#place-engine", "#engine-plan", "#db-losses", "#typed-name", "#output",
        ):  # fmt: skip
            self.query_one(name).display = False

    def _look(self) -> None:
        self.ready, self._plan, self._consent = False, None, Consent()
        self.query_one(LiveLines).expect([])
        self._ask_nothing()
        self.start("looking at the database", self._make_plan)

    async def _make_plan(self) -> None:
        from soundcheck.wizard.setup.database_step import plan_database
        from soundcheck.wizard.setup.query_engine_step import offer_or_reason

        services = self.journey.services
        engine = await schema_engine(services)
        if engine.is_installed:
            self.report(Progress("Comparing the schema with the database", Mark.RUNNING, key="plan"))
        plan = await plan_database(services, engine, self.report)
        self.report(Progress("Compared the schema with the database", Mark.OK, key="plan"))
        self.post_message(self.Planned(plan, await offer_or_reason(services, self.report)))

    @on(Planned)
    def _show_plan(self, event: Planned) -> None:
        event.stop()
        self.busy = ""
        plan = self._plan = event.plan
        self._ask_nothing()
        self.query_one("#db-target", HangingText).show(_target(plan))
        changes = self.query_one("#db-plan", HangingText)
        changes.show(plan_rows(plan))
        changes.display = True
        box = self.query_one("#copy-schema", ConsentBox)
        box.display = plan.schema.copied_to is not None
        box.label = Content(f"Copy ours to {plan.schema.shown}")
        self._engine_plan = event.engine
        self._show_engine()
        self._weigh()

    def _show_engine(self) -> None:
        """The offer and what it would do, where there is one."""
        plan, rows = self._engine_plan, self.query_one("#engine-plan", HangingText)
        self.query_one("#place-engine").display = rows.display = plan is not None
        if plan is not None:
            lines = [row("  ", "", (line, "$secondary")) for line in plan.lines]
            rows.show([*lines, row("  ", "", ("later " + spelled(plan.removal), "$secondary"))])

    @on(Checkbox.Changed)
    def _weigh(self) -> None:
        """Next is offered once the guard has nothing left to ask."""
        plan = self._plan
        if plan is None:
            return
        verdict = plan.verdict(self._consent)
        allowed = verdict.allowed or plan.push.has_migrations
        question, typed = self.query_one("#db-losses", HangingText), self.query_one("#typed-name", Input)
        question.display = typed.display = not allowed
        if not allowed:
            name = (*verdict.missing_losses, verdict.needs_production_name)[0]
            ask = row("→ ", "bold $primary", "If that is what you want, type its name: ", (name, "bold"))
            rows = [row("! ", "bold $error", (verdict.question, "bold")), ask]
            if way := verdict.way_to_say_the_kind:
                rows.append(row("  ", "", ("or say once that it is for development: ", "$secondary"), spelled(way)))
            question.show(rows)
        box = self.query_one("#copy-schema", ConsentBox)
        if allowed and (box.value or not box.display) and not plan.push.blocked:
            if isinstance(self.screen.focused, ConsentBox):
                self.ready = True
            else:
                self.offer_next(_button(plan))
            return
        self.next_label, self.ready = _button(plan), False
        if not allowed:
            later.once_drawn(self, typed.focus)

    @on(Input.Submitted, "#typed-name")
    def _accept_name(self, event: Input.Submitted) -> None:
        """A name typed in full is a consent to that one thing."""
        event.stop()
        plan, typed = self._plan, event.value
        event.input.clear()
        if plan is None:
            return
        verdict = plan.verdict(self._consent)
        if named := {name for name in verdict.missing_losses if same_name(typed, name)}:
            self._consent = Consent(self._consent.losses | named, self._consent.production)
        elif same_name(typed, verdict.needs_production_name):
            self._consent = Consent(self._consent.losses, verdict.needs_production_name)
        self._weigh()

    def proceed(self) -> None:
        """Look again, push, or go on."""
        if self._pushed:
            self.pass_on(self.journey)
        elif self._plan is None:
            self._look()
        else:
            engine = self._engine_plan if self.query_one("#place-engine", ConsentBox).value else None
            self._ask_nothing()
            self.query_one(LiveLines).expect([])
            self.start("generate and push", partial(self._push, self._plan, self._consent, engine))

    async def _push(self, plan: DatabasePlan, consent: Consent, query_engine: EnginePlan | None) -> None:
        from soundcheck.wizard.setup.database_step import apply_database
        from soundcheck.wizard.setup.query_engine_step import place_offered

        services = self.journey.services
        engine = await schema_engine(services)
        done = await apply_database(services, engine, plan, consent, self.report)
        if query_engine is not None:
            await place_offered(services, query_engine, self.report)
        self.post_message(self.Pushed(done))

    @on(Pushed)
    def _offer_next(self, event: Pushed) -> None:
        event.stop()
        self._pushed = True
        self.journey = self.journey.with_services(event.done.services).answered(schema="yes")
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
        self._plan = None
        for name in ("#copy-schema", "#place-engine", "#engine-plan", "#db-losses", "#typed-name"):
            self.query_one(name).display = False
        self.offer_next("Look again")


def _target(plan: DatabasePlan) -> list[Row]:
    """Where it goes, and from which schema."""
    return [
        row("Database  ", "$secondary", (str(plan.intent.target), "bold")),
        row("Schema    ", "$secondary", (plan.schema.shown, "bold")),
    ]


def _button(plan: DatabasePlan) -> str:
    if plan.push.has_migrations:
        return "Generate"
    return "Generate" if plan.push.in_sync else "Generate and push"


def plan_rows(plan: DatabasePlan) -> list[Row]:
    """What a push would do: new tables in one row, other additions counted, and everything else said in full."""
    push = plan.push
    if push.has_migrations:
        return [row("! ", "$warning", "The project has migrations: nothing is pushed past them.")]
    rows: list[Row] = []
    if push.created_tables:
        count = len(push.created_tables)
        rows.append(
            row("+ ", "bold $success", (f"{count} table{'s' * (count > 1)}  ", "bold"), ", ".join(push.created_tables))
        )
    text = [line for line in push.lines if not line.startswith("+ create table ")]
    added = [line for line in text if line.startswith("+")]
    if len(added) > MOST_ADDITIONS:
        rows.append(row("+ ", "bold $success", (f"{len(added)} more  ", "bold"), "their indexes, keys and defaults"))
    for line in text:
        mark, words = line[:2], line[2:]
        if mark.startswith("+") and len(added) > MOST_ADDITIONS:
            continue
        rows.append(row(mark, f"bold {STYLES.get(mark.strip(), '$secondary')}", words))
    if push.in_sync:
        rows.append(row("✓ ", "bold $success", "The database is as the schema says; nothing to push."))
    if push.kept:
        rows.append(row("  ", "", ("left alone: " + ", ".join(push.kept), "$secondary")))
    rows.extend(row("! ", "$warning", warning) for warning in push.warnings)
    if not any(line.startswith("-") for line in push.lines):
        rows.append(row("  ", "", ("Nothing that is there is lost.", "$secondary")))
    return rows
