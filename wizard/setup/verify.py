"""Credentials tried, layer by layer: only what answers is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from soundcheck.checks.advice import Face
from soundcheck.checks.catalogue import ask
from soundcheck.checks.finding import Blame
from soundcheck.checks.run import Observer, Report
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.services import Services

VERIFYING: Final = ("database.query", "cache.write")
"""What must pass before credentials count as verified; the registry adds the layers below."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the checks found of the credentials in use."""

    report: Report

    @property
    def problem(self) -> StepFailed | None:
        """The first layer that does not hold; None where all of them do."""
        if (failed := self.report.first_in_the_way) is None:
            return None
        finding = failed.finding
        return StepFailed(f"{finding.summary} {finding.cause}".strip(), finding.hint_for(Face.SETUP))

    @property
    def is_network(self) -> bool:
        """Whether the network is to blame: other credentials would do no better."""
        failed = self.report.first_in_the_way
        return failed is not None and failed.finding.blame is Blame.NETWORK


def verifying(credentials: Credentials) -> list[str]:
    """Those of `VERIFYING` that there are credentials for."""
    there = {"database": credentials.has_database, "cache": credentials.has_cache}
    return [name for name in VERIFYING if there[name.partition(".")[0]]]


async def verify(services: Services, observe: Observer) -> Tried:
    """Try what there is of them: the database, the cache, or both."""
    return Tried(await ask(services, verifying(services.credentials), observe))
