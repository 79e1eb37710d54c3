"""The last five steps at a prompt, each told, asked and done as the screen does it: .env, Database, the tests, Done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Answers, Asker, Question, ask_all
from soundcheck.wizard.cache_test_key import agreed, questions_of_test
from soundcheck.wizard.progress import Mark, PlanLine, Progress, Reporter, tell_plan
from soundcheck.wizard.setup import done_step, env_step, push_step
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.store_tests import WRITES, TestResult, cache_test, connection_test


class StepPlan(Protocol):
    """What a step will do: told, then asked about. With an `obstacle` it does nothing."""

    @property
    def lines(self) -> tuple[PlanLine, ...]:
        """The plan, line by line."""
        ...

    @property
    def questions(self) -> tuple[Question, ...]:
        """What has to be answered first."""
        ...

    @property
    def obstacle(self) -> SoundcheckError | None:
        """What has to be mended first."""
        ...


P = TypeVar("P", bound=StepPlan)


async def go_through(
    look: Callable[[SetupState, Reporter], Awaitable[P]],
    apply: Callable[[SetupState, P, Answers, Reporter], Awaitable[SetupState]],
    state: SetupState,
    asker: Asker,
    report: Reporter,
) -> SetupState:
    """Look, tell the plan, ask, do it."""
    step = await look(state, report)
    tell_plan(step.lines, report)
    if step.obstacle is not None:
        raise step.obstacle
    answers = await ask_all(step.questions, asker, report)
    return await apply(state, step, answers, report)


async def env(state: SetupState, asker: Asker, report: Reporter) -> SetupState:
    """The env file, and what is written beside it."""
    return await go_through(env_step.look, env_step.apply, state, asker, report)


async def database(state: SetupState, asker: Asker, report: Reporter) -> SetupState:
    """Generate and push."""
    return await go_through(push_step.look, push_step.apply, state, asker, report)


async def connection(state: SetupState, _: Asker, report: Reporter) -> SetupState:
    """The connection test, ending in the plan's own lines."""
    return await _tested(connection_test, state, report)


async def cache(state: SetupState, asker: Asker, report: Reporter) -> SetupState:
    """The cache test, ending in the plan's own lines; a production cache is written to only where that is agreed to."""
    report(Progress(WRITES))
    answers = await ask_all(questions_of_test(state.services, state.options.consent), asker, report)
    return await _tested(cache_test, state.with_services(agreed(state.services, answers)), report)


async def _tested(test: Callable[[Services], Awaitable[TestResult]], state: SetupState, report: Reporter) -> SetupState:
    result = await test(state.services)
    if result.problem is not None:
        raise result.problem
    tell_plan(result.told, report)
    return state


async def done(state: SetupState, _: Asker, report: Reporter) -> SetupState:
    """The nine criteria, each ticked by its checks, and the commands to go on with."""
    step = await done_step.look(state)
    tell_plan(step.criteria, report)
    if step.problem is not None:
        raise step.problem
    report(Progress(step.verdict, Mark.OK))
    tell_plan(step.rest, report)
    return state
