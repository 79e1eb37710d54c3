"""Credentials on the local path: nothing to paste, the stack is started and tried."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from soundcheck.checks.catalogue import default_registry
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.check_lines import expected_lines
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import Trouble
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.stores.services import Services
from soundcheck.wizard.setup.verify import VERIFYING, verify
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.stores.credentials import Credentials


class LocalPane(StepPane):
    """PostgreSQL, Valkey and the REST gateway on this machine, then the same checks as for any other credentials."""

    STEP = StepId.CREDENTIALS
    KEPT: ClassVar[frozenset[str]] = frozenset({"local"})
    """The lines of the beginning that stay above those of the checks."""
    DOING: ClassVar[str] = "starting"
    UNANSWERED: ClassVar[str] = "It started, and does not answer as it should."

    class Started(Message):
        """The stack is up; now it is tried."""

    class Running(Message):
        """The stack is up and both stores answered."""

        def __init__(self, services: Services) -> None:
            super().__init__()
            self.services = services

    def compose(self) -> ComposeResult:
        """What happens, then the lines of it."""
        yield Static(
            Content.assemble(("No account, nothing to paste", "bold"), (": all on this machine.", "$secondary")),
            classes="question",
        )
        yield LiveLines(self.state.services.clock)
        yield Trouble()

    def on_mount(self) -> None:
        """Begin. What a subclass does instead stands in `first`: Textual runs the `on_mount` of every class."""
        self.first()

    def first(self) -> None:
        """Start at once: the question was answered in Welcome."""
        self._begin()

    def _begin(self) -> None:
        self.query_one(LiveLines).expect([])
        self.ready = False
        self.next_label = "Next"
        self.start(self.DOING, self._start_stack)

    async def obtain(self) -> Credentials:
        """What is to be tried."""
        from soundcheck.wizard.setup.local_step import start_local

        return await start_local(self.state.services, self.report)

    async def _start_stack(self) -> None:
        services = self.state.services
        credentials = await self.obtain()
        services = await asyncio.to_thread(services.using, credentials)
        self.post_message(self.Started())
        if (await verify(services, self.observe)).problem is not None:
            await services.close()
            raise StepFailed(self.UNANSWERED, "Press Try again.")
        self.post_message(self.Running(services))

    @on(Started)
    def _expect(self, event: Started) -> None:
        """What was said while starting makes room for the lines of the checks."""
        event.stop()
        lines = self.query_one(LiveLines)
        started = [line for line in lines.lines if line.key in self.KEPT]
        checks = default_registry().select(VERIFYING)
        lines.expect([*started, *expected_lines(checks)])

    @on(Running)
    def _offer_next(self, event: Running) -> None:
        """Ready to go on."""
        event.stop()
        self.state = self.state.verified_with(event.services)
        self.post_message(self.Opened(event.services))
        self.offer_next()

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason, and Next becomes the way to try again."""
        super().show_failure(error)
        self._offer_again()

    def cancel(self) -> None:
        """Starting stops; Next starts it again."""
        super().cancel()
        self._offer_again()

    def _offer_again(self) -> None:
        if not self.state.verified:
            self.offer_next("Try again")

    def proceed(self) -> None:
        """Go on, or try again."""
        if self.state.verified:
            self.pass_on(self.state)
        else:
            self._begin()
