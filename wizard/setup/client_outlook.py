"""What Done says of the backend's own client: the lines that were run and what they printed, or what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.backend.backend_prisma import BACKEND_PRISMA
from soundcheck.checks.backend.client_connects import CLIENT_CONNECTS, ConnectsEvidence
from soundcheck.checks.check import Outcome
from soundcheck.checks.evidence import from_json
from soundcheck.checks.finding import Status
from soundcheck.stores.project.project import Project

OUTLOOK_CHECKS: Final = (CLIENT_CONNECTS, BACKEND_PRISMA)
"""Asked at Done beside the criteria; they stop nobody."""


@dataclass(frozen=True, slots=True)
class ClientOutlook:
    """Lines for people; `snippet` was run by `interpreter` a moment ago and printed `output` ("" for neither)."""

    lines: tuple[str, ...] = ()
    snippet: tuple[str, ...] = ()
    output: str = ""
    interpreter: str = ""


def client_outlook(outcomes: Mapping[str, Outcome], project: Project, environ: Mapping[str, str]) -> ClientOutlook:
    """From the outcomes of `OUTLOOK_CHECKS` by id. Looks at files where no backend was found to try; a few ms."""
    told = []
    node = outcomes.get(BACKEND_PRISMA)
    if node is not None and node.finding.status in {Status.WARN, Status.FAIL}:
        told += [node.finding.summary, node.finding.hint]
    tried = outcomes.get(CLIENT_CONNECTS)
    seen = from_json(ConnectsEvidence, tried.evidence if tried is not None else {})
    if seen.own_checkout:
        return ClientOutlook(tuple(told))
    if tried is not None and seen.untrusted:
        said = f"Whether your backend connects was not tried: it would run {'; '.join(seen.untrusted)}."
        return ClientOutlook((*_needs(project, environ), said, tried.finding.hint, *told))
    if tried is None or tried.finding.status is Status.SKIP:
        return ClientOutlook((*_needs(project, environ), *told))
    if tried.finding.status is Status.OK:
        return ClientOutlook(
            ("Your backend connects: these lines were just run.", *told),
            seen.lines,
            seen.output.strip(),
            seen.interpreter,
        )
    return ClientOutlook((tried.finding.summary, tried.finding.hint, *told))


def _needs(project: Project, environ: Mapping[str, str]) -> list[str]:
    from soundcheck.stores.backend.client_needs import NO_ENGINE, client_needs
    from soundcheck.stores.prisma.client_place import ClientState

    if project.schema is None:
        return []
    needs = client_needs(project, project.schema, environ)
    if needs.state is ClientState.NOT_WANTED:
        return []
    if needs.can_connect:
        return ["The generated client has all it needs to connect from here."]
    # Whether an engine is lacking is the check's to say: it alone offers the fix.
    lacking = [line for line in needs.missing if line != NO_ENGINE]
    return ["Before your backend connects with the generated client:", *lacking] if lacking else []
