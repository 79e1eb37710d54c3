"""The env file: the difference, what else is touched, then the write."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox

from soundcheck.screens.app.parts.hanging_text import HangingText, Row, row
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import Trouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled, spelled_in_file
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.stores.project.project import Project
    from soundcheck.wizard.env.plan import EnvLine, EnvPlan
    from soundcheck.wizard.env.step import EnvWritten
    from soundcheck.wizard.setup.flow_state import Journey
    from soundcheck.wizard.setup.team_files import TeamPlan

STYLES = {" ": "$secondary", "+": "$success", "~": "$warning", "-": "$error"}


class EnvPane(StepPane):
    """Nothing is written before it was shown; each consent is a switch of its own."""

    STEP = StepId.ENV

    class Planned(Message):
        """The difference is known."""

        def __init__(self, plan: EnvPlan, team: TeamPlan | None) -> None:
            super().__init__()
            self.plan = plan
            self.team = team

    class Written(Message):
        """The file is written, or was right already."""

        def __init__(self, written: EnvWritten) -> None:
            super().__init__()
            self.written = written

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._plan: EnvPlan | None = None
        self._team: TeamPlan | None = None

    def compose(self) -> ComposeResult:
        """The box with the difference, and room for what follows from it."""
        with Vertical(id="difference", classes="box"):
            yield HangingText(id="env-lines")
        yield Vertical(id="env-questions")
        yield HangingText(id="env-notes")
        yield Trouble()

    def on_mount(self) -> None:
        """Look at the file; where it cannot be written there is nothing to show."""
        if self.journey.services.project.writes_env_file:
            self._look()
        else:
            self._tell_unwritten()

    def _tell_unwritten(self) -> None:
        from soundcheck.wizard.env.step import unwritten_words

        said = unwritten_words(self.journey.services.project, asked=False)
        box = self.query_one("#difference")
        box.border_title = Content(self.journey.services.project.shown(self.journey.services.project.env_file))
        box.border_subtitle = Content("not written")
        told = row("– ", "$secondary", (said, "bold"))
        later = "For a file of its own: start Soundcheck with --env-file F, in a folder that you may write."
        self.query_one("#env-lines", HangingText).show([told, row("→ ", "$primary", later)])
        self.offer_next()

    def _look(self) -> None:
        self.ready = False
        self._plan = None
        self.start("reading the env file", self._make_plan)

    async def _make_plan(self) -> None:
        from soundcheck.wizard.env.step import plan_env

        services = self.journey.services
        plan = await asyncio.to_thread(
            plan_env,
            services.project,
            services.credentials,
            local=self.journey.local,
            start_command=spelled_in_file("soundcheck local up"),
        )
        team = None if plan.blocked else await asyncio.to_thread(_team_plan, services.project)
        self.post_message(self.Planned(plan, team))

    @on(Planned)
    async def _show_plan(self, event: Planned) -> None:
        event.stop()
        plan = self._plan = event.plan
        self._team = event.team
        box = self.query_one("#difference")
        box.border_title = Content(plan.shown)
        box.border_subtitle = Content(_standing(plan))
        self.query_one("#env-lines", HangingText).show(_lines(plan))
        questions = self.query_one("#env-questions", Vertical)
        await questions.remove_children()
        await questions.mount_all(_questions(plan, self.journey, event.team))
        self.query_one("#env-notes", HangingText).show(_notes(plan))
        self._weigh()

    @on(Checkbox.Changed)
    def _weigh(self) -> None:
        """Next is offered once everything that needs a yes has one."""
        plan = self._plan
        if plan is None:
            return
        writes = plan.changes or bool(plan.ignores) or self._team is not None
        if plan.blocked:
            self.offer_next("Look again")
            return
        needed = list(self.query("ConsentBox.needed").results(ConsentBox))
        label = f"Write {plan.shown}" if writes else "Next"
        if not needed and not isinstance(self.screen.focused, ConsentBox):
            self.offer_next(label)
            return
        self.next_label, self.ready = label, all(box.value for box in needed)
        if needed and not isinstance(self.screen.focused, ConsentBox):
            needed[0].focus()

    def proceed(self) -> None:
        """Write what was shown."""
        plan = self._plan
        if not self.journey.services.project.writes_env_file:
            self.pass_on(self.journey)
            return
        if plan is None or plan.blocked:
            self._look()
            return
        self.start("writing", partial(self._write, plan))

    async def _write(self, plan: EnvPlan) -> None:
        from soundcheck.wizard.env.step import EnvConsent, write_env

        consent = EnvConsent(
            replace=self._said_yes("replace"),
            ignore_files=self._said_yes("ignore"),
            link_target=plan.link_target if self._said_yes("link") else None,
        )
        services = self.journey.services
        # Shielded: once writing began, Esc must not leave a backup without its file.
        work = asyncio.to_thread(write_env, services.project, plan, consent, clock=services.clock)
        written = await asyncio.shield(work)
        if self._team is not None and self._said_yes("team"):
            from soundcheck.wizard.setup.team_files import write_team_files

            await asyncio.shield(asyncio.to_thread(write_team_files, self._team))
        self.post_message(self.Written(written))

    def _said_yes(self, name: str) -> bool:
        box = self.query_one_optional(f"#consent-{name}", ConsentBox)
        return box is not None and box.value

    @on(Written)
    def _go_on(self, event: Written) -> None:
        event.stop()
        for text in event.written.warnings:
            self.app.notify(text, severity="warning", markup=False)
        answer = "yes" if self._said_yes("ignore") else "no"
        asked = self._plan is not None and bool(self._plan.ignores)
        journey = self.journey.answered(gitignore=answer) if asked else self.journey
        if self._team is not None:
            journey = journey.answered(team="yes" if self._said_yes("team") else "no")
        self.pass_on(journey)

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason; what was shown may be out of date, so Next looks again."""
        super().show_failure(error)
        self._plan = None
        self.offer_next("Look again")

    def cancel(self) -> None:
        """Reading stops; Next looks again."""
        super().cancel()
        self._plan = None
        self.offer_next("Look again")


def _standing(plan: EnvPlan) -> str:
    """`new file · 0600 after writing · ignored by git ✓`."""
    mode = f"{plan.mode:04o} → 0600" if plan.mode is not None and plan.tightens else "0600"
    parts = [mode] if plan.exists else ["new file", mode]
    git = plan.git
    if git.tracked:
        parts.append("✗ TRACKED BY GIT")
    elif git.ignored:
        parts.append("ignored by git ✓")
    elif git.repository is None:
        parts.append("no git here")
    else:
        parts.append("! not ignored by git" if git.ignored is False else "git does not answer")
    return " · ".join(part for part in parts if part)


def _lines(plan: EnvPlan) -> list[Row]:
    """The difference, every value masked already; or why nothing can be written."""
    if plan.blocked:
        return [
            part
            for problem in plan.problems
            for part in (
                row("✗ ", "bold $error", (problem.message, "bold")),
                row("→ ", "$primary", spelled(problem.hint)),
            )
        ]
    return [part for line in plan.lines for part in _line(line)]


def _line(line: EnvLine) -> list[Row]:
    style = STYLES[line.symbol]
    name, equals, value = line.text.partition("=")
    quiet = line.symbol == " "
    rows = [
        row(
            f"{line.symbol} ",
            f"bold {style}",
            (name, style if quiet else "bold"),
            (equals + value, style if quiet else ""),
        )
    ]
    if line.before and line.before != line.text:
        rows.append(row("  was ", "$secondary", (line.before, "$secondary")))
    if line.note:
        rows.append(row("  ", "", (line.note, "$secondary")))
    return rows


def _team_plan(project: Project) -> TeamPlan | None:
    """The two files a team commits, where something is missing of them; our own source needs none."""
    from soundcheck.stores.project.project import is_own_checkout
    from soundcheck.wizard.setup.team_files import plan_team_files

    if is_own_checkout(project.root) or project.read_only:
        return None
    plan = plan_team_files(project)
    return plan if any(file.changes for file in plan.files) else None


def _questions(plan: EnvPlan, journey: Journey, team: TeamPlan | None) -> list[ConsentBox]:
    """One switch for each consent."""
    boxes: list[ConsentBox] = []
    if plan.blocked:
        return boxes
    if plan.replaces:
        boxes.append(ConsentBox(f"Put new values for {', '.join(plan.replaces)}", id="consent-replace", needed=True))
    if plan.link_target is not None:
        boxes.append(ConsentBox(f"Write {plan.link_target}", id="consent-link", needed=True))
    if plan.ignores:
        files = " and ".join(dict.fromkeys(ignore.file.name for ignore in plan.ignores))
        wanted = journey.session.answers.get("gitignore") != "no"
        boxes.append(ConsentBox(f"Add {plan.path.name} to {files}", wanted, id="consent-ignore"))
    if team is not None:
        files = " and ".join(file.shown for file in team.files if file.changes)
        wanted = journey.session.answers.get("team") != "no"
        boxes.append(ConsentBox(f"For your team: {files}", wanted, id="consent-team"))
    return boxes


def _notes(plan: EnvPlan) -> list[Row]:
    """What should be known before writing, the loudest first, and how to take it back."""
    rows: list[Row] = []
    for warning in sorted(plan.warnings, key=lambda warning: warning.code != "tracked"):
        loud = warning.code == "tracked"
        rows.append(row("✗ " if loud else "! ", "bold $error" if loud else "$warning", (warning.message, "bold")))
        rows.append(row("→ ", "$primary", spelled(warning.hint)))
    if plan.old_readers:
        rows.append(row("! ", "$warning", f"Still read DATABASE_URL as MongoDB's: {', '.join(plan.old_readers)}"))
    if not plan.blocked and plan.changes:
        kept = "A copy of today's file is kept. " if plan.exists else ""
        rows.append(row("  ", "", (f"{kept}Undo with ", "$secondary"), (spelled("soundcheck setup --undo"), "bold")))
    return rows
