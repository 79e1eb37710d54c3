"""What the steps of set-up hand from one to the next: one frozen value, so that Back is only an older one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Answers, Question
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.recognise.recognition import NOTHING_FAILED, FailedTest
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.step import SetupPath, StepId


@dataclass(frozen=True, slots=True)
class SetupOptions:
    """What the command line said. `given` are credentials from options or the environment."""

    path: SetupPath | None = None
    local_if_none: bool = False
    replace: bool = False
    native: bool = False
    """Whether stock `python -m prisma` generates and pushes, with engines that it downloads."""
    trusts: bool = False
    """Whether `--trust` said that what the folder brings along may be run."""
    outside: bool = False
    """Whether `--generate-outside` said that a client may be written where the schema says, outside the project."""
    instant: frozenset[Half] = frozenset()
    """The stores that may be created at the vendors: the consent that only `--instant` gives."""
    instant_again: bool = False
    local_rest: bool = False
    """Whether the local stack serves the store that `instant` leaves out."""
    keys: AccountKeys | None = None
    given: Credentials = field(default_factory=Credentials)
    consent: Consent = field(default_factory=Consent)


NOTHING: Final = Secret("")


@dataclass(frozen=True, slots=True)
class SetupState:
    """Where set-up stands. `services.credentials` are the ones in use; the session holds no secret.

    `verified` says that these very credentials passed both connections in this run. `begun` says that Welcome was
    answered in this run, so that nobody is asked again where an earlier one stopped.
    """

    services: Services
    session: Session
    found: FoundCredentials = field(default_factory=FoundCredentials)
    options: SetupOptions = field(default_factory=SetupOptions)
    verified: bool = False
    begun: bool = False
    own_keys: bool = False
    """Whether what is missing is to be made in the person's own accounts, unless another choice is made."""
    pasted: Secret = NOTHING
    """What stands in the paste box, until it is written; kept here alone, for who goes back and comes again."""
    failed: FailedTest = NOTHING_FAILED
    """What of the text in the box a test refused: what is pasted after it takes its place."""
    written: bool = False
    """Whether the credentials in use stand in the env file by now."""
    revisited: StepId | None = None
    """The step that `back` led to: it asks again what it could otherwise take as answered."""

    @property
    def path(self) -> SetupPath | None:
        """Which of Welcome's answers was given."""
        return self.session.path

    def choose(self, path: SetupPath) -> SetupState:
        """The state with Welcome answered."""
        return replace(self, session=replace(self.session, path=path), begun=True)

    def remembering(self, questions: tuple[Question, ...], answers: Answers) -> SetupState:
        """The state with the answers noted that are to be the next run's defaults."""
        noted = {one.id: answers[one.id] for one in questions if one.remembered and one.id in answers}
        return replace(self, session=self.session.answered(**noted)) if noted else self

    def verified_with(self, services: Services) -> SetupState:
        """The state with credentials that passed both connections."""
        session = self.session.verified(services.credentials)
        return replace(self, services=services, verified=True, session=session, written=False)

    def with_pasted(self, text: Secret, failed: FailedTest = NOTHING_FAILED) -> SetupState:
        """The state with the text of the paste box, and what of it a test refused."""
        return replace(self, pasted=text, failed=failed)

    def with_all_written(self) -> SetupState:
        """The state once the credentials stand in the env file: what was pasted is not needed any more."""
        return replace(self, pasted=NOTHING, failed=NOTHING_FAILED, written=True)

    def with_services(self, services: Services) -> SetupState:
        """The state with services changed by a step, as by a schema that is now in the project."""
        return replace(self, services=services)

    def holding(self, credentials: Credentials) -> SetupState:
        """The state with credentials that were found and are not verified yet; no client is opened for them."""
        return replace(self, services=replace(self.services, credentials=credentials), verified=False)

    def after(self, step: StepId) -> SetupState:
        """The state with a step ticked."""
        return replace(self, session=self.session.completed(step))

    def passes_over(self, step: StepId) -> bool:
        """Whether a step has nothing to ask on this path: only who is shown the way to accounts needs that page."""
        return step is StepId.ACCOUNTS and self.path not in {None, SetupPath.GUIDE, SetupPath.TEAM}
