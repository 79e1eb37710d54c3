"""What all stages of one move work with."""

from __future__ import annotations

from dataclasses import dataclass

from checks.services import Services
from stores.cloud.made import Half
from wizard.asking import Asker
from wizard.move.request import Ends, MoveRequest, shown_ends
from wizard.progress import Report


@dataclass(frozen=True, slots=True)
class Job:
    """`services` are those in use, `target` the same with the new credentials; `halves` is what moves."""

    services: Services
    target: Services
    request: MoveRequest
    halves: frozenset[Half]
    asker: Asker
    report: Report

    @property
    def ends(self) -> tuple[Ends, Ends]:
        """Both sides as they are shown, the source first."""
        return shown_ends(self.services.credentials, self.halves), shown_ends(self.target.credentials, self.halves)
