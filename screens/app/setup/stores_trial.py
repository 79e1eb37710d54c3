"""Credentials that nobody pastes: they are obtained, and both stores are tried with them, in the pane that says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soundcheck.checks.catalogue import default_registry
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.check_lines import expected_lines
from soundcheck.stores.errors import StepFailed
from soundcheck.wizard.setup.verify import verify, verifying

if TYPE_CHECKING:
    from soundcheck.screens.app.setup.step_pane import StepPane
    from soundcheck.stores.credentials import Credentials
    from soundcheck.stores.services import Services


@dataclass(frozen=True, slots=True)
class StoresTrial:
    """`obtain` brings the credentials, `answered` is told that both stores did.

    `doing` is what Esc would cancel; of the lines that obtaining says, those of the keys `kept` stay above the
    checks'; `unanswered` is said where a store does not answer.
    """

    pane: StepPane
    obtain: Callable[[], Awaitable[Credentials]]
    doing: str
    kept: frozenset[str]
    unanswered: str
    answered: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """From the start; what an earlier try said goes."""
        self.pane.query_one(LiveLines).expect([])
        self.pane.ready, self.pane.next_label = False, "Next"
        self.pane.start(self.doing, self._run)

    def offer_again(self) -> None:
        """Next becomes the way to try again, unless it was done."""
        if not self.pane.state.verified:
            self.pane.offer_next("Try again")

    async def _run(self) -> None:
        services = self.pane.state.services
        credentials = await self.obtain()
        services = await asyncio.to_thread(services.using, credentials)
        later.soon(self.pane, self._expect_checks, verifying(credentials))
        if (await verify(services, self.pane.observe)).problem is not None:
            await services.close()
            raise StepFailed(self.unanswered, "Press Try again.")
        later.soon(self.pane, self._take, services)

    def _expect_checks(self, checks: list[str]) -> None:
        """What was said until now makes room for the lines of the checks."""
        lines = self.pane.query_one(LiveLines)
        said = [line for line in lines.lines if line.key in self.kept]
        lines.expect([*said, *expected_lines(default_registry().select(checks))])

    def _take(self, services: Services) -> None:
        """Ready to go on."""
        self.pane.state = self.pane.state.verified_with(services)
        self.pane.post_message(self.pane.Opened(services))
        self.pane.offer_next()
        self.answered()
