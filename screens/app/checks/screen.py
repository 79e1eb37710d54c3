"""Place 4: every check live, and what they come to on top."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from checks.check import Group
from checks.finding import Status
from screens.app import amounts
from screens.app.checks.check_row import CheckRow
from screens.app.checks.marks import SYMBOLS
from screens.app.place_screen import PlaceScreen
from screens.app.start import Place
from stores.cells import visible

if TYPE_CHECKING:
    from checks.run import CheckEvent, Report
    from checks.services import Services

_NAMES = {Group.PRISMA: "Prisma"}


class ChecksScreen(PlaceScreen):
    """Runs when it is first opened; `r` runs again."""

    PLACE: ClassVar[Place] = Place.CHECKS
    CSS_PATH = "checks.tcss"
    AUTO_FOCUS = ""
    HELP = (
        "Everything that has to hold, asked now. What rests on a failed check is skipped: mend the first failure, then "
        "run again.\n\nThe same checks run without this screen: soundcheck doctor"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run again", tooltip="Ask everything once more"),
        Binding("escape", "cancel", "Cancel", tooltip="Stop the checks that still run"),
    ]

    @dataclass
    class Event(Message):
        """A check began, said something, or ended."""

        event: CheckEvent

    @dataclass
    class Ended(Message):
        """All of them ended."""

        report: Report

    def __init__(self) -> None:
        super().__init__()
        self._checking: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """Verdict, counts, lines."""
        yield Static(id="verdict", classes="pane", markup=False)
        yield Static(id="counts", markup=False)
        with Vertical(id="checks-pane"):
            with VerticalScroll(id="checks", can_focus=False):
                for check in self.app.services.registry:
                    yield CheckRow(check)

    def on_mount(self) -> None:
        """Run as soon as the clients are there."""
        self.query_one("#verdict").border_title = Content("Verdict")
        self.query_one("#verdict", Static).update(Content.styled("◐ waiting for the drivers…", "$muted"))
        self.watch(self.app, "services", self._use)
        if rows := list(self.query(CheckRow)):
            rows[0].focus()

    def _use(self, services: Services) -> None:
        waiting = services.credentials.has_database and services.database is None
        if self._checking is None and not waiting:
            self.action_run()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Either it runs and can be cancelled, or it can be run."""
        if action == "cancel":
            return self._checking is not None and self._checking.is_running
        if action == "run":
            return self._checking is None or not self._checking.is_running
        return super().check_action(action, parameters)

    def action_run(self) -> None:
        """Ask everything."""
        for row in self.query(CheckRow):
            row.outcome, row.said = None, ""
        self.query_one("#verdict", Static).update(Content.styled("◐ asking…  esc Cancel", "$warning"))
        self._checking = self._run(self.app.services)
        self.refresh_bindings()

    @work(exclusive=True, group="checks", exit_on_error=False, description="Running the checks")
    async def _run(self, services: Services) -> None:
        from checks.run import run_checks

        report = await run_checks(list(services.registry), services, lambda event: self._tell(event))
        self.post_message(self.Ended(report))

    def _tell(self, event: CheckEvent) -> None:
        self.post_message(self.Event(event))

    @on(Event)
    def _show_event(self, message: Event) -> None:
        from checks.run import Finished, Note

        event = message.event
        check = event.outcome.check if isinstance(event, Finished) else event.check
        row = next((row for row in self.query(CheckRow) if row.check is check), None)
        if row is None:
            return
        if isinstance(event, Finished):
            row.outcome = event.outcome
            self._count()
        else:
            row.said = event.text if isinstance(event, Note) else "asking…"

    @on(Ended)
    def _show_verdict(self, message: Ended) -> None:
        verdict = message.report.verdict
        symbol, color = SYMBOLS[verdict.status]
        lines = [Content.assemble((f"{symbol} ", color), (visible(verdict.sentence), "bold"))]
        if verdict.still_works:
            lines.append(Content(visible(verdict.still_works)))
        if verdict.next_command:
            lines.append(Content.assemble(("next: ", "$muted"), visible(verdict.next_command)))
        pane = self.query_one("#verdict", Static)
        pane.update(Content("\n").join(lines))
        pane.border_subtitle = Content(f"{amounts.milliseconds(message.report.duration_ms)} · {message.report.run_id}")
        self.refresh_bindings()

    def _count(self) -> None:
        """` ✓ files 6/6 · ✗ cache 7/11`: the worst of each group, and how many hold."""
        parts = []
        for group in Group:
            statuses = [
                row.outcome.finding.status for row in self.query(CheckRow) if _ended(row, group) and row.outcome
            ]
            if not statuses:
                continue
            tally = Counter(statuses)
            asked = len(statuses) - tally[Status.SKIP]
            worst = next((s for s in (Status.FAIL, Status.UNKNOWN, Status.WARN) if tally[s]), Status.OK)
            symbol, color = SYMBOLS[worst if asked else Status.SKIP]
            parts.append(
                Content.assemble(
                    (symbol, color), f" {_NAMES.get(group, group.value)} ", (f"{tally[Status.OK]}/{asked}", "$muted")
                )
            )
        self.query_one("#counts", Static).update(Content.styled(" · ", "$faint").join(parts))

    @on(CheckRow.Opened)
    def _open(self, message: CheckRow.Opened) -> None:
        from screens.app.checks.detail import CheckDetail

        self.app.push_screen(CheckDetail(message.outcome))

    def action_step(self, by: int) -> None:
        """To the next line."""
        rows = list(self.query(CheckRow))
        if rows:
            here = rows.index(self.focused) if isinstance(self.focused, CheckRow) else -by
            rows[max(0, min(len(rows) - 1, here + by))].focus()

    def action_cancel(self) -> None:
        """Stop; what has ended stays."""
        if self._checking is not None:
            self._checking.cancel()
            self.query_one("#verdict", Static).update(Content.styled("– Cancelled. r runs again.", "$muted"))
            self.call_after_refresh(self.refresh_bindings)


def _ended(row: CheckRow, group: Group) -> bool:
    return row.check.group is group and row.outcome is not None
