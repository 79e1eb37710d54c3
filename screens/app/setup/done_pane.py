"""Done: the nine success criteria with their ticks, and the commands for tomorrow."""

from __future__ import annotations

import asyncio
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from checks.run import CheckEvent, Finished, run_checks
from screens.app.setup.claim_box import ClaimBox
from screens.app.setup.client_box import ClientBox
from screens.app.setup.hanging_text import HangingText, Row, row
from screens.app.setup.live_lines import LiveLines
from screens.app.setup.step_pane import StepPane
from screens.app.setup.trouble import Trouble
from stores.credentials import Credentials
from stores.errors import SoundcheckError, StepFailed
from stores.own_command import spelled
from wizard.claims_in_setup import temporary_in_use, with_claims
from wizard.claims_list import Claim
from wizard.client_outlook import OUTLOOK_CHECKS, ClientOutlook, client_outlook
from wizard.criteria import CRITERIA_CHECKS, Tick, sources_in_use, tick
from wizard.progress import Mark, Progress
from wizard.step import StepId
from wizard.tomorrow import Command, commands_for

LONGEST_NOTE: Final = 60


class DonePane(StepPane):
    """All checks once more, from a clean start: what is ticked here was seen just now."""

    STEP = StepId.DONE

    class Judged(Message):
        """The nine, judged; how the backend's own client does; and the stores in use that end unless claimed."""

        def __init__(self, ticks: tuple[Tick, ...], client: ClientOutlook, claims: list[Claim]) -> None:
            super().__init__()
            self.ticks = ticks
            self.client = client
            self.claims = claims

    def compose(self) -> ComposeResult:
        """What is being checked, then the ticks, then tomorrow."""
        yield LiveLines(self.journey.services.clock)
        yield HangingText(id="ticks")
        yield ClaimBox(self.journey.services.environ)
        yield HangingText(id="client")
        yield ClientBox(self.journey.services.environ)
        yield HangingText(id="tomorrow")
        yield Trouble()

    def on_mount(self) -> None:
        """Judge at once."""
        self._begin()

    def _begin(self) -> None:
        self.ready, self.next_label = False, "Open the tables"
        for name in ("#ticks", "ClaimBox", "#client", "ClientBox", "#tomorrow"):
            self.query_one(name).display = False
        lines = self.query_one(LiveLines)
        lines.display = True
        lines.expect([])
        self.start("last look", self._judge())

    async def _judge(self) -> None:
        services = self.journey.services
        self.report(Progress("Looking at everything once more", Mark.RUNNING, key="all"))
        wanted = services.registry.select((*CRITERIA_CHECKS, *OUTLOOK_CHECKS))
        report = await run_checks(wanted, services, self._count)
        outcomes = {outcome.check.id: outcome for outcome in report.outcomes}
        client = await asyncio.to_thread(client_outlook, outcomes, services.project, services.environ)
        sources = sources_in_use(self.journey.found, Credentials())
        unwritten = None if services.project.writes_env_file else sources
        claims = await asyncio.to_thread(temporary_in_use, services)
        ticks = with_claims(tick(outcomes, local=self.journey.local, unwritten=unwritten), claims)
        self.post_message(self.Judged(ticks, client, claims))

    def _count(self, event: CheckEvent) -> None:
        if isinstance(event, Finished):
            self.report(Progress(f"Looking at everything once more: {event.outcome.check.title}", Mark.RUNNING, "all"))

    @on(Judged)
    def _show(self, event: Judged) -> None:
        event.stop()
        self.query_one(LiveLines).display = False
        ticks = self.query_one("#ticks", HangingText)
        ticks.show(_ticks(event.ticks))
        ticks.display = True
        self.query_one(ClaimBox).tell(event.claims)
        client = self.query_one("#client", HangingText)
        client.show(_client(event.client))
        client.display = bool(event.client.lines)
        self.query_one(ClientBox).tell(event.client)
        missed = [one for one in event.ticks if not one.met]
        if missed:
            text = f"{len(missed)} of {len(event.ticks)} are not met yet."
            self.show_failure(StepFailed(text, "Go back to that step, or see `soundcheck doctor`; then look again."))
            return
        tomorrow = self.query_one("#tomorrow", HangingText)
        commands = commands_for(self.journey.services.project, local=self.journey.local)
        tomorrow.show(_tomorrow(commands))
        tomorrow.display = True
        self.offer_next("Open the tables")

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason, and Next becomes the way to look again."""
        super().show_failure(error)
        self.offer_next("Look again")

    def cancel(self) -> None:
        """Looking stops; Next looks again."""
        super().cancel()
        self.offer_next("Look again")

    def proceed(self) -> None:
        """To the tables, or look again."""
        if self.next_label == "Look again":
            self._begin()
        else:
            self.pass_on(self.journey)


def _ticks(ticks: tuple[Tick, ...]) -> list[Row]:
    rows = []
    for one in ticks:
        mark, style = ("✓ ", "bold $success") if one.met else ("✗ ", "bold $error")
        note = f"  {shortened(one.note)}" if one.note else ""
        rows.append(row(mark, style, one.criterion.text, (note, "$secondary")))
    return rows


def shortened(note: str) -> str:
    """A reason on one line: the list of nine stays a list."""
    return note if len(note) <= LONGEST_NOTE else note[: LONGEST_NOTE - 1].rstrip() + "…"


def _tomorrow(commands: tuple[Command, ...]) -> list[Row]:
    """The commands, spelled as they work here, with what each is for."""
    rows = [row("", "", ("Tomorrow", "bold $primary"))]
    rows += [
        row("› ", "$primary", (spelled(f"`{c.text}`").strip("`"), "bold"), "  ", (c.what, "$secondary"))
        for c in commands
    ]
    return rows


def _client(client: ClientOutlook) -> list[Row]:
    """How the backend's own client does; it stops nobody today."""
    mark, style = ("✓ ", "bold $success") if client.snippet else ("· ", "$secondary")
    return [row(mark if not at else "  ", style, spelled(line)) for at, line in enumerate(client.lines)]
