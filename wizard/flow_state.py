"""What set-up without the screen hands from step to step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from checks.services import Services
from stores.cloud.made import Half
from stores.credentials import Credentials
from wizard.account_keys import AccountKeys
from wizard.asking import Asker
from wizard.connection_test import TestResult
from wizard.criteria import Tick
from wizard.discover import Found
from wizard.env_step import EnvWritten
from wizard.guard import Consent
from wizard.progress import Report
from wizard.session import Session
from wizard.step import Path, StepId


@dataclass(frozen=True, slots=True)
class SetupOptions:
    """What the command line said. `given` are credentials from options or the environment."""

    path: Path | None = None
    local_if_none: bool = False
    replace: bool = False
    write_files: bool = True
    native: bool = False
    """Whether stock `python -m prisma` generates and pushes, with engines that it downloads."""
    instant: frozenset[Half] = frozenset()
    """The stores that may be created at the vendors: the consent that only `--instant` gives."""
    instant_again: bool = False
    local_rest: bool = False
    """Whether the local stack serves the store that `instant` leaves out."""
    keys: AccountKeys | None = None
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
