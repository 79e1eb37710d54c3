"""What is behind one check, and what can be done about it: ask again, a fix, the step of Setup it belongs to."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import FixKind, Status
from soundcheck.checks.run import is_accepted
from soundcheck.screens.app.checks.choice import Accept, AskAgain, CheckChoice, GoTo, Mend, Reopen, Trust
from soundcheck.screens.app.checks.detail_text import evidence, page
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.stores.hidden_characters import visible
from soundcheck.wizard.step import Step


class CheckDetail(ModalScreen[CheckChoice | None]):
    """A page over the checks; Esc closes it. What is chosen is handed to the screen below.

    `step` is the step of Setup to offer, None where there is none. `cause` is the id of the check that stood in the
    way. `just_looking` offers nothing that writes.
    """

    CSS_PATH = "detail.tcss"
    AUTO_FOCUS = "#detail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", tooltip="Back to the checks"),
        Binding("r", "choose('again')", "Ask again", tooltip="Ask this check once more"),
        Binding("f", "choose('fix-0')", "Fix", tooltip="Show what the first fix would do"),
        Binding("o", "choose('setup')", "Open Setup", tooltip="Reopen the step this check belongs to"),
        Binding(
            "t", "choose('trust')", "Trust", tooltip="See what it would run of this folder, and say whether it may"
        ),
        Binding("a", "choose('accept')", "Accept", tooltip="Let this warning stay quiet, or hear of it again"),
        Binding("g", "choose('cause')", "Go there", tooltip="The check that stood in the way"),
    ]

    def __init__(
        self, outcome: Outcome, *, step: Step | None = None, cause: str = "", just_looking: bool = False
    ) -> None:
        super().__init__()
        self._outcome = outcome
        self._notice = ""
        self._choices: dict[str, tuple[str, CheckChoice]] = {"again": ("r  Ask again", AskAgain())}
        if outcome.finding.fixes and just_looking:
            self._notice = "Not offered while you are just looking: nothing is written."
        else:
            for index, fix in enumerate(outcome.finding.fixes):
                key = "f  " if index == 0 else ""
                sign = " (asks for its name)" if fix.kind is FixKind.DESTRUCTIVE else ""
                self._choices[f"fix-{index}"] = (f"{key}{visible(fix.label)}{sign}…", Mend(fix))
        if step is not None and not just_looking:
            self._choices["setup"] = (f"o  Open Setup at {step.title}", Reopen(step.id))
        if outcome.evidence.get("untrusted") and not just_looking:
            self._choices["trust"] = ("t  Trust this folder…", Trust())
        if not just_looking and (outcome.finding.status is Status.WARN or is_accepted(outcome.finding)):
            again = is_accepted(outcome.finding)
            words = "Hear of this warning again" if again else "Accept this warning: quiet until it says something else"
            self._choices["accept"] = (f"a  {words}", Accept(again))
        if cause:
            self._choices["cause"] = (f"g  Go to {visible(cause)}", GoTo(cause))

    def compose(self) -> ComposeResult:
        """One page of text, and a button for each thing that can be done."""
        with VerticalScroll(id="detail", can_focus=True) as box:
            box.border_title = Content(self._outcome.check.id)
            box.border_subtitle = Content("tab Buttons   esc Close")
            yield CommandText(page(self._outcome, notice=self._notice), markup=False)
            with Vertical(id="detail-buttons"):
                for name, (label, _) in self._choices.items():
                    yield Button(Content(label), id=f"choose-{name}", compact=True)
            yield Static(evidence(self._outcome), markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is offered."""
        return action != "choose" or parameters[0] in self._choices

    def action_choose(self, name: str) -> None:
        """Close with it."""
        if name in self._choices:
            self.dismiss(self._choices[name][1])

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_choose((event.button.id or "").removeprefix("choose-"))
