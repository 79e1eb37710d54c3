"""Place 4: the verdict, then every check live, and what can be done about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from soundcheck.checks.check import Check, Outcome
from soundcheck.checks.finding import Fix
from soundcheck.checks.verdict import conclude
from soundcheck.screens.app.checks.action_bar import ActionBar
from soundcheck.screens.app.checks.asking import accept, ask_checks, asked_again, keep_run, merged
from soundcheck.screens.app.checks.check_list import CheckList
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.checks.choice import Accept, AskAgain, CheckChoice, GoTo, Mend, Reopen, Trust
from soundcheck.screens.app.checks.group_line import counts_line, progress_text
from soundcheck.screens.app.checks.verdict_pane import VerdictPane
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.routes import OpenSetup
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.top_line import PlaceBar
from soundcheck.stores import amounts
from soundcheck.wizard.step import step_of

if TYPE_CHECKING:
    from soundcheck.checks.run import CheckEvent, Report
    from soundcheck.stores.services import Services


class ChecksScreen(PlaceScreen):
    """Runs when it is first opened, and when somebody asks; stops as soon as the place is left."""

    PLACE: ClassVar[Place] = Place.CHECKS
    CSS_PATH = "checks.tcss"
    AUTO_FOCUS = ""
    HELP = (
        "Everything that has to hold, asked now: first what it comes to, then each group, then each check with the "
        "time it took. What rests on a failed check is skipped: mend the first failure, then ask again.\n\n"
        "Enter opens a check: why, whose move it is, what to do, the evidence, and where there is one a fix. A fix is "
        "shown before it is applied, can be taken back where that is possible, and its check is asked again.\n\n"
        "Nothing secret stands on this screen, in the copied report or in the bundle.\n\n"
        "The same without this screen: soundcheck doctor"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Stop the checks that still run"),
        Binding("ctrl+r,R", "read_again", "Refresh", key_display="ctrl+r", tooltip="Refresh (reload): ask all again"),
        Binding("c", "copy", "Copy", tooltip="Copy a report of at most 40 lines without secrets, to paste into a chat"),
        Binding("b", "bundle", "Bundle", tooltip="Save one file for support, proven free of secrets"),
        Binding("h", "history", "History", tooltip="Earlier runs, and the difference between two"),
        Binding("t", "trust", "Trust", tooltip="What was not asked, because it would run something of this folder"),
        Binding("n", "next_trouble", "Next trouble", show=False, tooltip="To the next check that did not pass"),
        Binding("s", "save", "Save report", show=False, tooltip="Save the report that c copies to a file"),
    ]

    @dataclass
    class Event(Message):
        """A check began, said something, or ended: as it was, and as it may be shown."""

        event: CheckEvent
        shown: CheckEvent

    @dataclass
    class Ended(Message):
        """All that were asked ended."""

        report: Report

    def __init__(self) -> None:
        super().__init__()
        self._checking: Worker[None] | None = None
        self._asking: list[Check] = []
        self._outcomes: dict[str, Outcome] = {}
        """The latest outcome of each check, as it was found."""
        self._report: Report | None = None
        self._left_while_asking = False

    # ── drawing ──

    def compose_body(self) -> ComposeResult:
        """Verdict, groups, lines, buttons."""
        yield VerdictPane(self.app.services.clock)
        yield Static(id="counts", markup=False)
        yield CheckList(list(self.app.registry))
        yield ActionBar()

    @property
    def _list(self) -> CheckList:
        return self.query_one(CheckList)

    def on_mount(self) -> None:
        """Run as soon as the clients are there, or it is known that they cannot be."""
        self._say(Content.styled("◐ waiting for the drivers…", "$muted"))
        self._draw_counts()
        self.watch(self.app, "services", lambda _: self._begin())
        self.watch(self.app, "banner", lambda _: self._begin())
        self.watch(self.app, "troubles", self._verdict_pane.follow)
        later.on_signal(self, self.app.mode_change_signal, self._place_changed)
        if rows := self._list.rows:
            rows[0].focus()

    def _begin(self) -> None:
        services = self.app.services
        waiting = services.credentials.has_database and services.database is None and not self.app.banner
        if self._checking is None and not waiting and self.app.current_mode == Place.CHECKS:
            self.action_ask_all()

    def _place_changed(self, place: str) -> None:
        """Nothing runs where nobody looks; who comes back finds it asked again."""
        if place != Place.CHECKS and self.is_asking:
            self._left_while_asking = True
            self._stop("Stopped, because you left.")
        elif place == Place.CHECKS and self._left_while_asking:
            self._left_while_asking = False
            self.action_ask_all()

    @property
    def _verdict_pane(self) -> VerdictPane:
        return self.query_one(VerdictPane)

    def _say(self, text: Content) -> None:
        self._verdict_pane.say(text)

    def _draw_counts(self) -> None:
        checks = list(self.app.registry)
        self._list.draw_groups(self._outcomes, self._asking)
        line = counts_line(checks, self._outcomes, begun=self.is_asking, width=self.size.width - 4)
        self.query_one("#counts", Static).update(line)

    def _draw_progress(self) -> None:
        ended = sum(check.id in self._outcomes for check in self._asking)
        self._say(progress_text(ended, len(self._asking)))

    def on_resize(self) -> None:
        """What was cut to the old size is cut anew."""
        self._draw_counts()
        self._verdict_pane.draw()

    # ── asking ──

    @property
    def is_asking(self) -> bool:
        """Whether checks are at work."""
        return self._checking is not None and not self._checking.is_finished and not self._checking.is_cancelled

    @property
    def last_run_id(self) -> str:
        """The id of the run that is shown, "" before the first has ended."""
        return self._report.run_id if self._report is not None else ""

    def read_again(self) -> None:
        """Every check is asked again."""
        self.action_ask_all()

    def action_ask_all(self) -> None:
        """Every check."""
        self._ask(list(self.app.registry))

    @on(CheckRow.AskAgain)
    def _ask_one(self, message: CheckRow.AskAgain) -> None:
        self.ask_again(message.check.id)

    def ask_again(self, check_id: str) -> None:
        """One check, what it requires, and what was skipped because of it."""
        self._list.was_moved = True
        self._ask(asked_again(check_id, self.app.registry, self._outcomes))

    def _ask(self, checks: list[Check]) -> None:
        if self.is_asking:
            return
        self._asking = checks
        self._report = None
        self._verdict_pane.begin()
        wanted = {check.id for check in checks}
        self._outcomes = {name: outcome for name, outcome in self._outcomes.items() if name not in wanted}
        self._list.begin(wanted)
        self._checking = self._run(checks, self.app.services, just_looking=self.app.start.just_looking)
        self._draw_counts()
        self._draw_progress()
        self.query_one(ActionBar).show_asking(True)
        self.refresh_bindings()

    @later.worker("Running the checks", group="checks", exclusive=True)
    async def _run(self, checks: list[Check], services: Services, *, just_looking: bool) -> None:
        repaired = later.while_open(self, self._verdict_pane.repaired)
        report = await ask_checks(checks, services, self._tell, just_looking=just_looking, repaired=repaired)
        self.post_message(self.Ended(report))

    def _tell(self, event: CheckEvent, shown: CheckEvent) -> None:
        self.post_message(self.Event(event, shown))

    @on(Event)
    def _show_event(self, message: Event) -> None:
        from soundcheck.checks.run import Finished

        if not self.is_asking:
            return
        self._list.show(message.shown)
        if isinstance(message.event, Finished):
            self._outcomes[message.event.outcome.check.id] = message.event.outcome
            self._draw_counts()
            self._draw_progress()

    @on(Ended)
    def _show_verdict(self, message: Ended) -> None:
        if self._checking is None or self._checking.is_cancelled:
            return
        report = merged(message.report, self.app.registry, self._outcomes)
        self._report = report
        self._settle()
        corner = f"{amounts.milliseconds(message.report.duration_ms)} · run {report.run_id}"
        self._verdict_pane.give(conclude(self._list.shown), corner)
        if not self._list.was_moved and report.verdict.check:
            self._list.focus_check(report.verdict.check)
        if not self.app.start.just_looking:
            self._keep(report, self.app.services)

    @later.worker("Keeping the run", group="history")
    async def _keep(self, report: Report, services: Services) -> None:
        if problem := await keep_run(report, services):
            self.notify(f"This run was not kept: {problem}", severity="warning", markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A run that broke is no run that goes on."""
        super().on_worker_state_changed(event)
        if event.worker is self._checking and event.state is WorkerState.ERROR:
            self._stop("The run broke; the log has the details.")

    def action_cancel(self) -> None:
        """Stop at once; what has ended stays."""
        if self.is_asking:
            self._stop("Cancelled.")

    def _stop(self, word: str) -> None:
        if self._checking is not None:
            self._checking.cancel()
        self._settle()
        self._say(Content.assemble((f"– {word}", "$muted"), "  ctrl+r asks all again."))

    def _settle(self) -> None:
        self._asking = []
        self._list.settle()
        self._draw_counts()
        self.query_one(ActionBar).show_asking(False)
        later.once_drawn(self, self.refresh_bindings)

    # ── what is behind a line ──

    @on(CheckRow.Opened)
    def _open(self, message: CheckRow.Opened) -> None:
        from soundcheck.screens.app.checks.detail import CheckDetail

        outcome = message.row.outcome
        if outcome is None:
            return
        registry, finding = self.app.registry, outcome.finding
        step = step_of(outcome.check.id, registry) if finding.stands_in_the_way else None
        cause = finding.skipped_because if finding.skipped_because in registry else ""
        detail = CheckDetail(outcome, step=step, cause=cause, just_looking=self.app.start.just_looking)
        self._list.was_moved = True
        later.ask(self, detail, lambda choice: self._follow(outcome, choice))

    async def _follow(self, outcome: Outcome, choice: CheckChoice | None) -> None:
        check_id = outcome.check.id
        match choice:
            case AskAgain():
                self.ask_again(check_id)
            case GoTo():
                self._list.focus_check(choice.check_id)
            case Reopen():
                self.app.post_message(OpenSetup(choice.step))
            case Mend():
                await self._open_fix(choice.fix, check_id)
            case Trust():
                self._ask_trust(check_id)
            case Accept():
                self._accept(check_id, again=choice.again)

    @later.worker("Accepting the warning", group="accept", exclusive=True)
    async def _accept(self, check_id: str, *, again: bool) -> None:
        """As it was found, since what is shown may be scrubbed; then the check is asked again."""
        await accept(self.app.services.project, self._outcomes[check_id], again=again)
        later.soon(self, self.ask_again, check_id)

    async def _open_fix(self, fix: Fix, check_id: str) -> None:
        """Setup and fixes exclude each other: an idle Setup in the other place is closed first."""
        from soundcheck.screens.app.checks.fix_screen import FixScreen

        await self.app.close_idle_setup()
        page = FixScreen(self.app.services, fix, check_id)
        later.ask(self, page, lambda changed: self._mended(check_id) if changed else None)

    def action_trust(self) -> None:
        """For the check that was not asked, because it would run something of the folder."""
        if (check_id := self._untrusted) and not self.app.start.just_looking:
            self._ask_trust(check_id)

    @property
    def _untrusted(self) -> str:
        found = self._outcomes.values()
        return next((outcome.check.id for outcome in found if outcome.evidence.get("untrusted")), "")

    def _ask_trust(self, check_id: str) -> None:
        from soundcheck.screens.app.trust_screen import TrustScreen
        from soundcheck.stores.backend.folder_programs import when_connecting
        from soundcheck.stores.prisma.schema_text import schema_in_use

        project, environ = self.app.services.project, self.app.services.environ
        page = TrustScreen(project, lambda: when_connecting(project, schema_in_use(project), environ))
        later.ask(self, page, lambda agreed: self.ask_again(check_id) if agreed else None)

    def _mended(self, check_id: str) -> None:
        """Ask once more; what the fix changed may be an address, which every place then follows."""
        self.ask_again(check_id)
        self.app.follow_moved_stores()

    def action_next_trouble(self) -> None:
        """The next line that did not pass."""
        if not self._list.next_trouble():
            self.notify("No check that has ended is in trouble.", markup=False)

    def action_leave(self, direction: int) -> None:
        """Past all lines at once: to the buttons, or to the places."""
        if direction > 0:
            self.query_one("#do-ask_all").focus()
        else:
            self.query_one(PlaceBar).focus()

    # ── what leaves ──

    @on(ActionBar.Pressed)
    async def _press(self, event: ActionBar.Pressed) -> None:
        if event.action == "ask_all" and self.is_asking:
            self.action_cancel()
        elif self.check_action(event.action, ()):
            await self.run_action(f"screen.{event.action}")
        else:
            self.notify("That works once the checks have ended.", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Either it runs and can be cancelled, or it can be run; a report needs a run that ended."""
        if action == "cancel":
            return self.is_asking
        if action in {"ask_all", "read_again"}:
            return not self.is_asking
        if action == "trust":
            return bool(self._untrusted) and not self.app.start.just_looking
        if action in {"copy", "save", "bundle"}:
            return self._report is not None and not self.is_asking
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """The report of `doctor --text`, to the clipboard."""
        if self._report is not None:
            self.query_one(ActionBar).make_report(self._report, self.app.services, save=False)

    def action_save(self) -> None:
        """The same to a file."""
        if self._report is not None:
            self.query_one(ActionBar).make_report(self._report, self.app.services, save=True)

    @on(ActionBar.ReportMade)
    async def _hand_out(self, event: ActionBar.ReportMade) -> None:
        from soundcheck.screens.app.parts.clipboard import copy_text
        from soundcheck.screens.app.parts.save_screen import SaveScreen

        if event.save:
            self.app.push_screen(SaveScreen(event.text, f"soundcheck-{event.run_id}"))
        else:
            environ = self.app.services.environ
            await copy_text(self.app, event.text, "The report", environ, otherwise="s saves it to a file")

    def action_bundle(self) -> None:
        """One file for support."""
        from soundcheck.screens.app.checks.bundle_screen import BundleScreen

        if self._report is not None:
            self.app.push_screen(
                BundleScreen(self._report, self.app.services, just_looking=self.app.start.just_looking)
            )

    def action_history(self) -> None:
        """Earlier runs."""
        from soundcheck.screens.app.checks.history_screen import HistoryScreen

        self.app.push_screen(HistoryScreen(self.app.services))
