"""One check as a line: how it stands, what holds, how long it took, what was found."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from checks.check import Check, Outcome
from checks.finding import Status
from screens.app import amounts
from screens.app.checks.marks import SYMBOLS
from stores.cells import fit, visible

_TITLE = 30


class CheckRow(Widget, can_focus=True):
    """Waits, runs, ends; Enter opens what is behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "screen.step(-1)", "Up", show=False, tooltip="The check above"),
        Binding("down,j", "screen.step(1)", "Down", show=False, tooltip="The check below"),
        Binding("enter", "open", "More", tooltip="Cause, evidence and what to do"),
    ]

    class Opened(Message):
        """The person wants to know more."""

        def __init__(self, outcome: Outcome) -> None:
            super().__init__()
            self.outcome = outcome

    outcome: reactive[Outcome | None] = reactive(None)
    said: reactive[str] = reactive("")
    """What it is doing now; "" before it has begun."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self.check = check

    def render(self) -> Content:
        """Cut to the line."""
        width = max(self.size.width, 20)
        title_width = min(_TITLE, width // 2)
        title = fit(visible(self.check.title), title_width)
        title += " " * (title_width - Content(title).cell_length)
        if self.outcome is None:
            if not self.said:
                return Content.styled(f"○ {title}", "$faint")
            return Content.assemble(("◐ ", "$warning"), title, (f"  {fit(visible(self.said), width)}", "$muted"))
        finding = self.outcome.finding
        symbol, color = SYMBOLS[finding.status]
        took = "" if finding.status is Status.SKIP else amounts.milliseconds(self.outcome.duration_ms)
        summary = fit(visible(finding.summary), max(0, width - title_width - 14))
        muted = "$muted" if finding.status in {Status.OK, Status.SKIP} else ""
        return Content.assemble((f"{symbol} ", color), title, (f"{took:>8}  ", "$faint"), (summary, muted))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to open before it has ended."""
        return action != "open" or self.outcome is not None

    def watch_outcome(self) -> None:
        """Enter works from now on."""
        self.refresh_bindings()

    def action_open(self) -> None:
        """Say which."""
        if self.outcome is not None:
            self.post_message(self.Opened(self.outcome))

    def on_click(self, event: events.Click) -> None:
        """The first click chooses, the second opens."""
        if event.chain == 2:
            self.action_open()
