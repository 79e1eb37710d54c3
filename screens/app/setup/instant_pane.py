"""Credentials on the instant path: what would be created is read first, then one press creates and tries it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.choice_line import ChoiceLine
from soundcheck.screens.app.setup.key_fields import KeyFields
from soundcheck.screens.app.setup.plan_rows import plan_rows
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.stores_trial import StoresTrial
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.cloud.addresses import region_in_words
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.wizard.cloud.account_keys import REGION, REGIONS
from soundcheck.wizard.cloud.instant import AnswerLost
from soundcheck.wizard.setup.cloud_step import CloudPlan, Origin, look, obtain
from soundcheck.wizard.step import SetupPath, StepId

if TYPE_CHECKING:
    from soundcheck.wizard.setup.state import SetupState

ASK_AGAIN = "Ask for another"

KEPT: Final = frozenset({"local", "instant-database", "instant-cache", "lasting-database", "lasting-cache"})
"""The lines of creating that stay above those of the checks."""


class InstantPane(StepPane):
    """Nothing is asked of a vendor before the button is pressed; what is here already stays.

    Each store that is missing is made without an account, in the person's own with an API key, or is of this machine.
    """

    STEP = StepId.CREDENTIALS

    def __init__(self, state: SetupState) -> None:
        super().__init__(state)
        self._looked = look(state, state.services.credentials)
        self._again = False
        self._trial = StoresTrial(
            self, self._obtain, "creating", KEPT, "All of it is there, and does not answer as it should.", self._forget
        )

    def compose(self) -> ComposeResult:
        """A choice for each store that is missing, what would come, the keys, and the lines of the work."""
        yield Static(
            Content.assemble(("In the cloud", "bold"), (": read what is created, then press.", "$secondary")),
            id="instant-ask",
        )
        for choice in self._looked.choices:
            answers = {one.key: one.text for one in choice.answers}
            yield ChoiceLine(choice.id.capitalize(), answers, choice.default or "", id=f"instant-{choice.id}")
        yield ChoiceLine("Region", {region: region_in_words(region) for region in REGIONS}, REGION, id="key-region")
        yield HangingText(id="instant-words")
        yield KeyFields()
        yield HangingText(id="instant-rest")
        yield Button(
            "Paste one that I have",
            id="paste-instead",
            classes="other-way",
            tooltip="Credentials of a store that is there already",
        )
        yield LiveLines(self.state.services.clock)
        yield StepTrouble()

    def on_mount(self) -> None:
        """Say it, and nothing else; the press of the button is the consent."""
        self._say()
        self.offer_next(self._label())

    def first_focus(self) -> Widget | None:
        """The button: everything is chosen."""
        return None

    @property
    def chosen(self) -> CloudPlan:
        """What was chosen and typed so far."""
        answers = {one.id: self.query_one(f"#instant-{one.id}", ChoiceLine).value for one in self._looked.choices}
        region = self.query_one("#key-region", ChoiceLine).value
        keys = replace(self.query_one(KeyFields).keys, region=region)
        return replace(self._looked, keys=keys).choosing(answers)

    @on(ChoiceLine.Changed)
    def _choose(self, event: ChoiceLine.Changed) -> None:
        """What is said follows the choices; a failure of before says nothing of them."""
        event.stop()
        self._again = False
        self.query_one(StepTrouble).clear()
        self._say()
        self.next_label = self._label()

    @on(KeyFields.Complete)
    def _typed(self, event: KeyFields.Complete) -> None:
        """All is given: the button is what comes now."""
        event.stop()
        self.offer_next(self._label())

    def _say(self) -> None:
        chosen = self.chosen
        account = chosen.from_(Origin.ACCOUNT)
        self.query_one(KeyFields).show_for(account)
        self.query_one("#key-region").display = bool(account)
        chosen = self.chosen  # with the keys of what is shown now
        self.query_one("#instant-words", HangingText).show(plan_rows(chosen.created))
        self.query_one("#instant-rest", HangingText).show(plan_rows(chosen.rest))
        self.query_one("#instant-rest").display = bool(chosen.rest)

    def _label(self) -> str:
        if self.state.verified:
            return "Next"
        return "Create" if self.chosen.create else "Start"

    @on(Button.Pressed, "#paste-instead")
    def _paste_instead(self, event: Button.Pressed) -> None:
        """The paste box, with what is known so far; from there the rest can be created."""
        event.stop()
        self.cancel()
        self.post_message(self.Instead(self.state.holding(self._looked.known).choose(SetupPath.CREDENTIALS)))

    def proceed(self) -> None:
        """Go on; or create, unless a key is missing, which is said where it is typed."""
        lacking = self.chosen.lacking
        if lacking and not self.state.verified:
            self.query_one(StepTrouble).tell(
                StepFailed(lacking, "Type or paste it; the line above says where it is made.")
            )
            self.query_one(KeyFields).point_at_gap()
            return
        if self.state.verified:
            self.pass_on(self.state)
        else:
            self._allow(False)
            self._trial.begin()

    async def _obtain(self) -> Credentials:
        """The chosen ones from the vendors, what is here as it is, the rest of this machine."""
        credentials = await obtain(self.state.services, self.chosen, self.report, again=self._again)
        self._looked = replace(self._looked, known=credentials)
        return credentials

    def _forget(self) -> None:
        """All answered: the keys did their work."""
        fields = self.query_one(KeyFields)
        fields.forget()
        fields.display = False
        self.query_one("#paste-instead").display = False

    def cancel(self) -> None:
        """Creating stops; what was asked for is found again, or asked about, by the next press."""
        super().cancel()
        self._trial.offer_again()
        if not self.state.verified:
            self._allow(True)

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason. A lost answer makes the button ask for another one, which says what it does."""
        from soundcheck.wizard.cloud.lasting import OrganisationWanted

        self._again = isinstance(error, AnswerLost)
        if self._again:
            error = AnswerLost(error.message, f"{ASK_AGAIN} asks for a second one; Back leaves it at that.")
        elif isinstance(error, OrganisationWanted):
            self.query_one(KeyFields).ask_organisation()
            error = StepFailed(error.message, "Type its id into Organisation, then press Try again.")
        super().show_failure(error)
        self._trial.offer_again()
        self._allow(True)
        if self._again:
            self.offer_next(ASK_AGAIN)

    def _allow(self, allowed: bool) -> None:
        """Whether the choices and the keys can be changed: not while they are used."""
        for widget in (*self.query(ChoiceLine), self.query_one(KeyFields), self.query_one("#paste-instead")):
            widget.disabled = not allowed
