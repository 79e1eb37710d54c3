"""Asking the checks for the screen: with the values of now, in words without secrets, kept as a run.

What is asked again, and what a partial run makes of an earlier one, is decided here too; that part is pure.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from soundcheck.checks.check import Check, Outcome
from soundcheck.checks.finding import Finding, Status
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.accepted_warnings import accept_warning, warn_again

if TYPE_CHECKING:
    from soundcheck.checks.check import Registry
    from soundcheck.checks.report.redaction import Redactor
    from soundcheck.checks.run import CheckEvent, Report
    from soundcheck.stores.project.project import Project
    from soundcheck.stores.services import Services

log = logging.getLogger("soundcheck.app")


@asynccontextmanager
async def services_of_now(
    services: Services, *, just_looking: bool, repaired: Callable[[str], object] = lambda _: None
) -> AsyncIterator[Services]:
    """Services over the values that stand in the files now; as they are where nothing of the project is in use.

    Where the local stack cannot be woken, or was stopped on purpose, they are used all the same: a check says so.
    `repaired` is told what had to be put right for it.
    """
    if just_looking:
        yield services
        return
    from soundcheck.wizard.fixes.apply import refreshed

    started = "The local stack had ended and was started again before the checks."
    fresh = refreshed(services, on_start=lambda: repaired(started), stays_down=True)
    try:
        now = await fresh.__aenter__()
    except SoundcheckError as problem:
        log.warning("the local stack did not start: %s", problem.message)
        yield services
        return
    try:
        yield now
    finally:
        await fresh.__aexit__(None, None, None)


async def ask_checks(
    checks: Sequence[Check],
    services: Services,
    tell: Callable[[CheckEvent, CheckEvent], None],
    *,
    just_looking: bool = False,
    repaired: Callable[[str], object] = lambda _: None,
) -> Report:
    """Run them. `tell` is called with each event as it was, and as it may be shown; `repaired` as below."""
    from soundcheck.checks.report.known_secrets import redactor_for
    from soundcheck.checks.run import run_checks

    async with services_of_now(services, just_looking=just_looking, repaired=repaired) as now:
        redactor = await asyncio.to_thread(redactor_for, now)
        return await run_checks(checks, now, lambda event: tell(event, shown_event(event, redactor)))


async def keep_run(report: Report, services: Services) -> str:
    """Keep it in the history; why that failed, "" where it did not. A history stands in nobody's way."""
    from soundcheck.checks.report.history import save_run
    from soundcheck.checks.report.known_secrets import redactor_for

    try:
        await asyncio.to_thread(lambda: save_run(services.project, report, redactor_for(services)))
    except SoundcheckError as problem:
        log.warning("the run was not kept: %s", problem.message)
        return problem.message
    return ""


async def accept(project: Project, outcome: Outcome, *, again: bool) -> None:
    """Let a warning stay quiet until it says something else, or with `again` be heard. Raises `CouldNotRun`."""
    check, summary = outcome.check.id, outcome.finding.summary
    if again:
        await asyncio.to_thread(warn_again, project, check)
    else:
        await asyncio.to_thread(accept_warning, project, check, summary)


def shown_event(event: CheckEvent, redactor: Redactor) -> CheckEvent:
    """The event without any secret in what it says."""
    from soundcheck.checks.run import Finished, Note

    if isinstance(event, Finished):
        return Finished(shown_outcome(event.outcome, redactor))
    return replace(event, text=redactor.scrub(event.text)) if isinstance(event, Note) else event


def shown_outcome(outcome: Outcome, redactor: Redactor) -> Outcome:
    """The outcome without any secret in what it says. Ids, statuses and our own titles stay."""
    evidence = redactor.scrub_json(outcome.evidence)
    return replace(
        outcome,
        finding=_shown_finding(outcome.finding, redactor),
        evidence=evidence if isinstance(evidence, Mapping) else {},
    )


def _shown_finding(finding: Finding, redactor: Redactor) -> Finding:
    return replace(
        finding,
        summary=redactor.scrub(finding.summary),
        cause=redactor.scrub(finding.cause),
        advice=tuple(redactor.scrub(part) if isinstance(part, str) else part for part in finding.advice),
        link=redactor.scrub(finding.link),
        skipped_because=redactor.scrub(finding.skipped_because),
        fixes=tuple(replace(fix, label=redactor.scrub(fix.label)) for fix in finding.fixes),
    )


def asked_again(check_id: str, registry: Registry, outcomes: Mapping[str, Outcome]) -> list[Check]:
    """A check, what it requires, and what was skipped because of any of these and may now be asked; in order."""
    wanted = {check.id for check in registry.select([check_id])}
    for check in registry:
        outcome = outcomes.get(check.id)
        if outcome is None or outcome.finding.status is not Status.SKIP or check.id in wanted:
            continue
        waited = outcome.finding.skipped_because in registry and any(name in wanted for name in check.requires)
        if waited and all(name in wanted or _passes(outcomes.get(name)) for name in check.requires):
            wanted.add(check.id)
    return [check for check in registry if check.id in wanted]


def merged(run: Report, registry: Registry, outcomes: Mapping[str, Outcome]) -> Report:
    """A run of some checks as a report over all whose outcomes are known."""
    from soundcheck.checks.verdict import conclude

    known = tuple(outcomes[check.id] for check in registry if check.id in outcomes)
    return replace(run, outcomes=known, verdict=conclude(known))


def _passes(outcome: Outcome | None) -> bool:
    if outcome is None:
        return False
    spared = outcome.finding.status is Status.SKIP and "." not in outcome.finding.skipped_because
    return spared or outcome.finding.passes
