"""Set-up without the screen: the same steps in the same order, one question at a time.

A pane looks, asks and applies by the same functions; this driver is what `setup --yes`, `setup --from-env` and the
accessible `setup --plain` run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, Question, Unattended, WentBack
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.setup.first_steps import accounts, credentials, welcome
from soundcheck.wizard.setup.last_steps import cache, connection, database, done, env
from soundcheck.wizard.setup.session import load_session, save_session
from soundcheck.wizard.setup.state import SetupOptions, SetupState
from soundcheck.wizard.step import STEPS, SetupPath, StepId

StepFunction = Callable[[SetupState, Asker, Reporter], Awaitable[SetupState]]

STEP_FUNCTIONS: Final[Mapping[StepId, StepFunction]] = {
    StepId.WELCOME: welcome,
    StepId.ACCOUNTS: accounts,
    StepId.CREDENTIALS: credentials,
    StepId.ENV: env,
    StepId.DATABASE: database,
    StepId.CONNECTION: connection,
    StepId.CACHE: cache,
    StepId.DONE: done,
}


NOTHING_TO_CHANGE: Final = "Nothing to change: everything was as it should be before"


async def run_setup(
    services: Services, found: FoundCredentials, options: SetupOptions, asker: Asker, report: Reporter
) -> SetupState:
    """Run all steps to Done; raises `SoundcheckError` where one cannot be passed.

    Every step looks first and does only what is missing, so that running it again changes nothing and asks nothing
    that can be verified; it then says so. `back` goes to the step before.
    """
    changes = _Changes(report)
    report = changes.report
    report(Progress(f"Project: {services.project.root}"))
    session = load_session(services.project)
    if session.note:
        report(Progress(session.note, Mark.WARN))
    state = SetupState(services, session, found, options)
    noting = None if isinstance(asker, Unattended) else _Noting(asker)
    at = 0
    while at < len(STEPS):
        step = STEPS[at]
        report(Progress(f"{at + 1}/{len(STEPS)} {step.title}"))
        if noting is not None:
            noting.asked = False
        try:
            state = await STEP_FUNCTIONS[step.id](state, noting or asker, report)
        except WentBack:
            at, state = _back(at, state)
            continue
        except SoundcheckError:
            save_session(services.project, state.session.reopened(step.id), services.clock.now())
            raise
        if state.revisited is step.id and at > 0 and noting is not None and not noting.asked:
            at, state = _back(at, state)  # nothing could be answered here, so back leads further
            continue
        passed_over = state.passes_over(step.id)
        state = replace(state if passed_over else state.after(step.id), revisited=None)
        save_session(services.project, state.session, services.clock.now())
        at += 1
    if not changes.any:
        report(Progress(NOTHING_TO_CHANGE, Mark.OK))
    return state


class _Changes:
    """Passes the events of a run on, and remembers whether any of them changed something."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self.any = False

    def report(self, event: Progress) -> None:
        """Note it, and pass it on."""
        self.any = self.any or event.changed
        self._report(event)


class _Noting:
    """An asker that remembers whether it was asked anything."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.asked = False

    async def ask(self, question: Question) -> str:
        """Note it, and ask."""
        self.asked = True
        return await self._asker.ask(question)

    async def ask_secret(self, question: Question) -> Secret:
        """Note it, and ask."""
        self.asked = True
        return await self._asker.ask_secret(question)


def _back(at: int, state: SetupState) -> tuple[int, SetupState]:
    """The step before that has something to ask, and the state as it is reopened there."""
    silent = {StepId.CREDENTIALS} if state.path is SetupPath.LOCAL else set()
    earlier = (i for i in range(at) if STEPS[i].id not in silent and not state.passes_over(STEPS[i].id))
    at = max(earlier, default=0)
    return at, replace(state, session=state.session.reopened(STEPS[at].id), revisited=STEPS[at].id)
