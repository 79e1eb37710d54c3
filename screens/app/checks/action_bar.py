"""The buttons under the checks: ask all, and what leaves for others. Each has a key as well.

The report as it leaves for others: redacted, proven clean, at most forty lines.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Button
from textual.worker import Worker

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.worker_errors import tell

if TYPE_CHECKING:
    from soundcheck.checks.run import Report
    from soundcheck.stores.services import Services


class ActionBar(Horizontal):
    """Posts what was pressed; makes the report that is copied or saved."""

    DEFAULT_CSS = """
    ActionBar { height: 1; padding: 0 1; }
    ActionBar Button { margin-right: 1; }
    """

    class Pressed(Message):
        """A button; `action` is the screen's action of the same name."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    @dataclass
    class ReportMade(Message):
        """The report is there, clean; it is to be saved or else copied."""

        text: str
        run_id: str
        save: bool

    def compose(self) -> ComposeResult:
        """Four."""
        yield Button("Ask all", id="do-ask_all", compact=True, tooltip="Ask every check again (ctrl+r), or stop (esc)")
        yield Button("Copy report", id="do-copy", compact=True, tooltip="At most 40 lines without secrets (c)")
        yield Button(
            "Bundle", id="do-bundle", compact=True, tooltip="One file for support, shown before it is saved (b)"
        )
        yield Button("History", id="do-history", compact=True, tooltip="Earlier runs and what changed (h)")

    def show_asking(self, asking: bool) -> None:
        """The first button says what it would do."""
        button = self.query_one("#do-ask_all", Button)
        button.label = "Stop" if asking else "Ask all"
        button.refresh(layout=True)

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Pressed((event.button.id or "").removeprefix("do-")))

    @later.worker("Making the report", group="report", exclusive=True)
    async def make_report(self, report: Report, services: Services, *, save: bool) -> None:
        """Post it once it is proven clean."""
        self.post_message(self.ReportMade(await report_for_others(report, services), report.run_id, save))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A report that is not clean stays here, and that is said."""
        tell(self, event)


async def report_for_others(report: Report, services: Services) -> str:
    """The text of `soundcheck doctor --text`, its commands by their bare name.

    Raises `NotClean` where a secret might remain in it.
    """
    return await asyncio.to_thread(_text, report, services)


def _text(report: Report, services: Services) -> str:
    from soundcheck.checks.advice import BARE
    from soundcheck.checks.report.clean_proof import prove_text
    from soundcheck.checks.report.known_secrets import redactor_for
    from soundcheck.checks.report.text import report_lines

    redactor = redactor_for(services)
    text = redactor.scrub("\n".join(report_lines(report, redactor, BARE))) + "\n"
    prove_text(redactor, text, "The report")
    return text
