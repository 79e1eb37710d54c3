"""What the steps hand from one to the next: a frozen value, so that Back is only an older one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from checks.services import Services
from stores.credentials import Credentials
from stores.secret import Secret
from wizard.discover import Found
from wizard.session import Session
from wizard.step import Path, StepId

NOTHING: Final = Secret("")


@dataclass(frozen=True, slots=True)
class Journey:
    """Where the person stands. `services.credentials` are the ones in use; the session holds no secret.

    `verified` says that these very credentials passed both connections in this run. `begun` says that Welcome was
    answered in this run, so that nobody is asked again where an earlier one stopped.
    """

    services: Services
    session: Session
    found: Found
    verified: bool = False
    begun: bool = False
    own_keys: bool = False
    """Whether what is missing is to be made in the person's own accounts, unless another choice is made."""
    pasted: Secret = NOTHING
    """What stands in the paste box and is not verified yet; kept here alone, for who goes back and comes again."""

    @property
    def path(self) -> Path | None:
        """Which of Welcome's answers was given."""
        return self.session.path

    @property
    def local(self) -> bool:
        """Whether the local stack takes the place of the two accounts."""
        return self.session.path is Path.LOCAL

    def choose(self, path: Path) -> Journey:
        """The journey with Welcome answered."""
        return replace(self, session=replace(self.session, path=path), begun=True)

    def answered(self, **answers: str) -> Journey:
        """The journey with consents kept, so that nothing is asked twice."""
        return replace(self, session=self.session.answered(**answers))

    def verified_with(self, services: Services) -> Journey:
        """The journey with credentials that passed both connections."""
        session = self.session.verified(services.credentials)
        return replace(self, services=services, verified=True, session=session, pasted=NOTHING)

    def with_pasted(self, text: Secret) -> Journey:
        """The journey with the text of the paste box, which nothing was made of yet."""
        return replace(self, pasted=text)

    def with_services(self, services: Services) -> Journey:
        """The journey with services changed by a step, as by a schema that is now in the project."""
        return replace(self, services=services)

    def holding(self, credentials: Credentials) -> Journey:
        """The journey with credentials that were found and are not verified yet; no client is opened for them."""
        return replace(self, services=replace(self.services, credentials=credentials), verified=False)

    def after(self, step: StepId) -> Journey:
        """The journey with a step ticked."""
        return replace(self, session=self.session.completed(step))

    def skips(self, step: StepId) -> bool:
        """Whether a step has nothing to ask on this path: who has credentials, or none at all, needs no accounts."""
        return step is StepId.ACCOUNTS and self.path in {Path.CREDENTIALS, Path.LOCAL, Path.INSTANT}
