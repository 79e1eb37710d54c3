"""Credentials on the local path: nothing to paste, the stack is started and tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.stores_trial import StoresTrial
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.stores.credentials import Credentials
    from soundcheck.wizard.setup.state import SetupState


class LocalPane(StepPane):
    """PostgreSQL, Valkey and the REST gateway on this machine, then the same checks as for any other credentials."""

    STEP = StepId.CREDENTIALS

    def __init__(self, state: SetupState) -> None:
        super().__init__(state)
        unanswered = "It started, and does not answer as it should."
        self._trial = StoresTrial(self, self._start_stack, "starting", frozenset({"local"}), unanswered)

    def compose(self) -> ComposeResult:
        """What happens, then the lines of it."""
        yield Static(
            Content.assemble(("No account, nothing to paste", "bold"), (": all on this machine.", "$secondary")),
            classes="question",
        )
        yield LiveLines(self.state.services.clock)
        yield StepTrouble()

    def on_mount(self) -> None:
        """Start at once: the question was answered in Welcome."""
        self._trial.begin()

    async def _start_stack(self) -> Credentials:
        from soundcheck.wizard.setup.local_step import start_local

        return await start_local(self.state.services, self.report)

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason, and Next becomes the way to try again."""
        super().show_failure(error)
        self._trial.offer_again()

    def cancel(self) -> None:
        """Starting stops; Next starts it again."""
        super().cancel()
        self._trial.offer_again()

    def proceed(self) -> None:
        """Go on, or try again."""
        if self.state.verified:
            self.pass_on(self.state)
        else:
            self._trial.begin()
