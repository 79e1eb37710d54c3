"""Credentials tried, layer by layer: only what answers is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import Observer, run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.services import Services
from soundcheck.wizard.setup.check_progress import hint_in_setup

VERIFYING: Final = ("database.query", "cache.write")
"""What must pass before credentials count as verified; the registry adds the layers below."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the checks found of the credentials in use."""

    outcomes: tuple[Outcome, ...]

    @property
    def _failed(self) -> Outcome | None:
        return next((one for one in self.outcomes if one.finding.status in {Status.FAIL, Status.UNKNOWN}), None)

    @property
    def problem(self) -> StepFailed | None:
        """The first layer that does not hold; None where all of them do."""
        if self._failed is None:
            return None
        finding = self._failed.finding
        return StepFailed(f"{finding.summary} {finding.cause}".strip(), hint_in_setup(finding.hint))

    @property
    def is_network(self) -> bool:
        """Whether the network is to blame: other credentials would do no better."""
        return self._failed is not None and self._failed.finding.blame is Blame.NETWORK


def verifying(credentials: Credentials) -> list[str]:
    """Those of `VERIFYING` that there are credentials for."""
    there = {"database": credentials.has_database, "cache": credentials.has_cache}
    return [name for name in VERIFYING if there[name.partition(".")[0]]]


async def verify(services: Services, observe: Observer) -> Tried:
    """Try what there is of them: the database, the cache, or both."""
    wanted = default_registry().select(verifying(services.credentials))
    return Tried((await run_checks(wanted, services, observe)).outcomes)
