"""Connection test and cache test: live lines, then the plan's own words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from soundcheck.checks.catalogue import default_registry
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.check_lines import expected_lines
from soundcheck.screens.app.setup.consents import Consents
from soundcheck.screens.app.setup.plan_rows import plan_rows
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.wizard.cache_test_key import agreed, questions_of_test
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.store_tests import WRITES
from soundcheck.wizard.step import StepId, checks_of

if TYPE_CHECKING:
    from soundcheck.checks.run import Observer
    from soundcheck.stores.services import Services
    from soundcheck.wizard.asking import Answers, Question
    from soundcheck.wizard.setup.store_tests import TestResult


@dataclass(frozen=True, slots=True)
class StoreTest:
    """One of the two tests: its step, what it does in words, and the plain function that does it."""

    step: StepId
    intro: str
    run: Callable[[Services, Observer], Awaitable[TestResult]]
    questions: Callable[[SetupState], tuple[Question, ...]] = lambda _: ()
    """What is asked before it is done, mostly nothing."""
    agree: Callable[[SetupState, Answers], SetupState] = lambda state, _: state
    """The state with which it is done after that."""


class StoreTestPane(StepPane):
    """Runs its test when it opens, or once what it asks is answered; Next goes on once it passed, else tests again."""

    class Ended(Message):
        """The test ran to its end."""

        def __init__(self, result: TestResult) -> None:
            super().__init__()
            self.result = result

    def __init__(self, test: StoreTest, state: SetupState) -> None:
        self.STEP = test.step
        super().__init__(state)
        self._test = test
        self._asked = test.questions(state)
        self._passed = False

    def compose(self) -> ComposeResult:
        """What is tested, the lines, the result."""
        yield Static(Content.styled(self._test.intro, "$secondary"), classes="question")
        if self._asked:
            yield Consents(self._asked, "")
        yield LiveLines(self.state.services.clock)
        yield HangingText(id="result")
        yield StepTrouble()

    def on_mount(self) -> None:
        """Test at once, unless there is something to ask before."""
        if self._asked:
            self.query_one("#result").display = False
            self.offer_next("Test")
        else:
            self._begin()

    def _begin(self) -> None:
        for consents in self.query(Consents):
            self.state = self._test.agree(self.state, consents.answers)
            consents.display = False
        self._passed, self.ready, self.next_label = False, False, "Next"
        checks = default_registry().select(checks_of(self.STEP))
        lines = expected_lines(checks)
        self.query_one(LiveLines).expect([line for line in lines if not line.heading])
        self.query_one("#result").display = False
        self.start("test", self._run)

    async def _run(self) -> None:
        self.post_message(self.Ended(await self._test.run(self.state.services, self.observe)))

    @on(Ended)
    def _show_result(self, event: Ended) -> None:
        event.stop()
        result = event.result
        self._passed = result.passed
        later.once_drawn(self, self.scroll_to_outcome)
        if not result.passed:
            self._offer_again()
            return
        panel = self.query_one("#result", HangingText)
        panel.show(plan_rows(result.told))
        panel.display = True
        self.offer_next()

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason, and Next becomes the way to try again."""
        super().show_failure(error)
        self._offer_again()

    def cancel(self) -> None:
        """The test stops; Next runs it again."""
        super().cancel()
        if not self._passed:
            self._offer_again()

    def _offer_again(self) -> None:
        for consents in self.query(Consents):
            consents.display = True
        self.offer_next("Test again")

    def proceed(self) -> None:
        """Go on, or test again."""
        if self._passed:
            self.pass_on(self.state)
        else:
            self._begin()


async def _connection(services: Services, observe: Observer) -> TestResult:
    from soundcheck.wizard.setup.store_tests import connection_test

    return await connection_test(services, observe)


async def _cache(services: Services, observe: Observer) -> TestResult:
    from soundcheck.wizard.setup.store_tests import cache_test

    return await cache_test(services, observe)


CONNECTION: Final = StoreTest(StepId.CONNECTION, "Connect, query, count the tables.", _connection)


def _agreed(state: SetupState, answers: Answers) -> SetupState:
    return state.with_services(agreed(state.services, answers))


CACHE: Final = StoreTest(
    StepId.CACHE, WRITES, _cache, lambda state: questions_of_test(state.services, state.options.consent), _agreed
)
