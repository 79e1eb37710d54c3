"""Set-up without the screen: the same steps in the same order, one question at a time.

The screens call the same step functions; this driver is what `setup --yes`, `setup --from-env` and the accessible
`setup --plain` run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from checks.services import Services
from stores.credentials import Credentials
from stores.errors import SoundcheckError
from wizard.asking import Asker, WentBack
from wizard.connection_test import TestResult
from wizard.criteria import Tick
from wizard.discover import Found
from wizard.env_step import EnvWritten
from wizard.guard import Consent
from wizard.progress import Mark, Progress, Report
from wizard.session import Session, load_session, save_session
from wizard.step import STEPS, Path, StepId


@dataclass(frozen=True, slots=True)
class SetupOptions:
    """What the command line said. `given` are credentials from options or the environment."""

    path: Path | None = None
    local_if_none: bool = False
    replace: bool = False
    write_files: bool = True
    native: bool = False
    """Whether stock `python -m prisma` generates and pushes, with engines that it downloads."""
    given: Credentials = field(default_factory=Credentials)
    consent: Consent = field(default_factory=Consent)


@dataclass(frozen=True, slots=True)
class SetupState:
    """What is known so far; each step returns the next one."""

    services: Services
    session: Session
    options: SetupOptions
    found: Found
    local: bool = False
    env: EnvWritten | None = None
    connection: TestResult | None = None
    cache: TestResult | None = None
    ticks: tuple[Tick, ...] = ()
    revisited: StepId | None = None
    """The step that `back` led to: it asks again what it could otherwise take as answered."""

    def completed(self, step: StepId) -> SetupState:
        """The state with a step ticked in its session."""
        return replace(self, session=self.session.completed(step))


StepFunction = Callable[[SetupState, Asker, Report], Awaitable[SetupState]]


async def run_setup(
    services: Services, found: Found, options: SetupOptions, asker: Asker, report: Report
) -> SetupState:
    """Run all steps to Done; raises `SoundcheckError` where one cannot be passed.

    Every step looks first and does only what is missing, so that running it again changes nothing and asks nothing
    that can be verified. `back` goes to the step before.
    """
    from wizard.flow_steps import STEP_FUNCTIONS

    session = load_session(services.project)
    if session.note:
        report(Progress(session.note, Mark.WARN))
    state = SetupState(services, session, options, found)
    at = 0
    while at < len(STEPS):
        step = STEPS[at]
        report(Progress(f"{at + 1}/{len(STEPS)} {step.title}"))
        try:
            state = await STEP_FUNCTIONS[step.id](state, asker, report)
        except WentBack:
            at = max(at - 1, 0)
            state = replace(state, session=state.session.reopened(STEPS[at].id), revisited=STEPS[at].id)
            continue
        except SoundcheckError:
            save_session(services.project, state.session.reopened(step.id), services.clock.now())
            raise
        state = replace(state.completed(step.id), revisited=None)
        save_session(services.project, state.session, services.clock.now())
        at += 1
    return state
