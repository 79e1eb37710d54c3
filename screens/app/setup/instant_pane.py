"""Credentials on the instant path: what would be created is read first, then one press creates and tries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Checkbox, Static

from screens.app.setup.consent_box import ConsentBox
from screens.app.setup.hanging_text import HangingText, Row, row
from screens.app.setup.live_lines import LiveLines
from screens.app.setup.local_pane import LocalPane
from screens.app.setup.trouble import Trouble
from stores.cloud.made import Half
from stores.credentials import Credentials
from stores.errors import SoundcheckError
from wizard.claims_in_setup import BOTH, has, missing_halves
from wizard.instant import AnswerLost
from wizard.instant_words import what_is_created

if TYPE_CHECKING:
    from screens.app.setup.journey import Journey

ASK_AGAIN = "Ask for another"


class InstantPane(LocalPane):
    """Nothing is asked of a vendor before the button is pressed; what is here already stays."""

    KEPT: ClassVar[frozenset[str]] = frozenset({"local", "instant-database", "instant-cache"})
    DOING: ClassVar[str] = "creating"

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._known = journey.services.credentials
        self._missing = missing_halves(journey.services, self._known)
        self._again = False

    def compose(self) -> ComposeResult:
        """What would come, a switch for each store that is missing, and the lines of the work."""
        yield Static(
            Content.assemble(("In the cloud, without an account", "bold"), (": this is created.", "$secondary")),
            classes="question",
        )
        yield HangingText(id="instant-words")
        for half in Half:
            if half in self._missing:
                yield ConsentBox(f"The {half} from the cloud", True, id=f"instant-{half}")
        yield HangingText(id="instant-rest")
        yield LiveLines(self.journey.services.clock)
        yield Trouble()

    def first(self) -> None:
        """Say it, and nothing else; the press of the button is the consent."""
        self._say()
        self.offer_next(self._label())

    def first_focus(self) -> Widget | None:
        """The button: everything is ticked."""
        return None

    @property
    def create(self) -> frozenset[Half]:
        """The stores that are ticked."""
        return frozenset(half for half in self._missing if self.query_one(f"#instant-{half}", ConsentBox).value)

    @on(Checkbox.Changed)
    def _choose(self, event: Checkbox.Changed) -> None:
        """What is said follows the ticks."""
        event.stop()
        self._say()
        self.next_label = self._label()

    def _say(self) -> None:
        rows = [row("· ", "$primary", line) for line in what_is_created(self.create)]
        if not rows:
            rows = [row("· ", "$primary", "Nothing is created in the cloud.")]
        self.query_one("#instant-words", HangingText).show(rows)
        self.query_one("#instant-rest", HangingText).show(
            [self._rest(half) for half in Half if half not in self.create]
        )

    def _rest(self, half: Half) -> Row:
        if half in self._missing:
            return row("– ", "$secondary", f"The {half}: on this machine, with the local stack")
        url = self._known.database_url.endpoint if self._known.database_url is not None else ""
        place = url if half is Half.DATABASE else str(self._known.rest_url)
        return row("✓ ", "$success", f"The {half} is here already: {place}")

    def _label(self) -> str:
        if self.journey.verified:
            return "Next"
        return "Create" if self.create else "Start"

    async def obtain(self) -> Credentials:
        """The ticked ones from the vendors, what is here as it is, the rest of this machine."""
        from wizard.instant import make_stores, over_half
        from wizard.local_step import start_local

        services, create = self.journey.services, self.create
        credentials = self._known
        if create:
            made = await make_stores(services, create, self.report, again=self._again)
            credentials = over_half(made, create, credentials)
        rest = frozenset(half for half in BOTH - create if half in self._missing or not has(half, credentials))
        if rest:
            credentials = over_half(await start_local(services, self.report), rest, credentials)
        return credentials

    def _begin(self) -> None:
        for box in self.query(ConsentBox):
            box.disabled = True
        super()._begin()

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason. A lost answer makes the button ask for another database, which says what it does."""
        self._again = isinstance(error, AnswerLost)
        if self._again:
            error = AnswerLost(error.message, f"{ASK_AGAIN} asks for a second one; Back leaves it at that.")
        super().show_failure(error)
        for box in self.query(ConsentBox):
            box.disabled = False
        if self._again:
            self.offer_next(ASK_AGAIN)
