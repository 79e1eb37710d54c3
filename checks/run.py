"""Running checks as a graph: what does not rest on one another runs at the same time.

What rests on a failed check is skipped with its reason; each has a deadline; a crash is a finding and the others go on;
cancelling the run cancels everything at once and leaves nothing open.

What a run of checks means to a shell. Pure.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from soundcheck.checks.check import Check, Context, Group, Outcome
from soundcheck.checks.explanation import said, word
from soundcheck.checks.finding import Evidence, Finding, Status
from soundcheck.checks.findings import ANY
from soundcheck.checks.verdict import Verdict, conclude
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.accepted_warnings import accepted_warnings, mark_of
from soundcheck.stores.services import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """A check is at work."""

    check: Check


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say while a check is still at work, as "Neon is waking"."""

    check: Check
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A check ended, in whatever way; skipped ones finish without having started."""

    outcome: Outcome


CheckEvent: TypeAlias = Started | Note | Finished
Observer: TypeAlias = Callable[[CheckEvent], None]
"""Called from the event loop; never blocks and never raises."""


def unobserved(_: CheckEvent) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run: its outcomes in the order of the checks, and what they come to. `started_at` is in UTC."""

    run_id: str
    started_at: datetime
    duration_ms: float
    outcomes: tuple[Outcome, ...]
    verdict: Verdict

    @property
    def in_the_way(self) -> tuple[Outcome, ...]:
        """The outcomes that stand in the way, in the order of the checks."""
        return tuple(outcome for outcome in self.outcomes if outcome.finding.stands_in_the_way)

    @property
    def first_in_the_way(self) -> Outcome | None:
        """The first of them, None where all that was asked holds."""
        return next(iter(self.in_the_way), None)


async def run_checks(checks: Sequence[Check], services: Services, observer: Observer = unobserved) -> Report:
    """Ask all of them. `checks` stand in an order in which each comes after what it requires, as `select` gives it.

    A requirement that is not among `checks` is taken as given.
    """
    clock = services.clock
    by_id = {check.id: check for check in checks}
    context = Context(services, lambda name, said: observer(Note(by_id[name], said)) if name in by_id else None)
    started_at, started = clock.now(), clock.monotonic()

    def now() -> datetime:
        return started_at + timedelta(seconds=clock.monotonic() - started)  # the wall clock may be set meanwhile

    tasks: dict[str, asyncio.Task[Outcome]] = {}
    accepted = await beside(lambda: accepted_warnings(services.project))
    try:
        async with asyncio.TaskGroup() as group:
            for check in checks:
                tasks[check.id] = group.create_task(
                    _settle(check, tasks, context, observer, accepted, now), name=check.id
                )
    finally:
        await context.aclose()
    outcomes = tuple(tasks[check.id].result() for check in checks)
    return Report(
        run_id=secrets.token_hex(2),
        started_at=started_at,
        duration_ms=round((clock.monotonic() - started) * 1000, 1),
        outcomes=outcomes,
        verdict=conclude(outcomes),
    )


def blocker(outcome: Outcome, ids: Container[str]) -> str:
    """The id of the check at the root of it, "" where the outcome lets others go on.

    A check that was skipped because it is not needed here stands in nobody's way; one that was skipped because of
    another one (of `ids`) stands in the way in that one's name.
    """
    finding = outcome.finding
    if finding.stands_in_the_way:
        return outcome.check.id
    return finding.skipped_because if finding.status is Status.SKIP and finding.skipped_because in ids else ""


async def _settle(
    check: Check,
    tasks: Mapping[str, asyncio.Task[Outcome]],
    context: Context,
    observer: Observer,
    accepted: Mapping[str, str],
    now: Callable[[], datetime],
) -> Outcome:
    """Wait for what it rests on, then ask or skip."""
    required = [await tasks[name] for name in check.requires if name in tasks]
    in_the_way = next((root for outcome in required if (root := blocker(outcome, tasks))), "")
    if in_the_way:
        outcome = Outcome(check, word(ANY, said("in_the_way", check=in_the_way)), {}, 0.0, now())
    else:
        observer(Started(check))
        outcome = quieted(await _ask(check, context, now()), accepted)
    observer(Finished(outcome))
    return outcome


ACCEPTED: Final = " (accepted)"
"""Ends the summary of a warning that was accepted."""


def is_accepted(finding: Finding) -> bool:
    """Whether this is a warning that stays quiet because a person accepted it."""
    return finding.status is Status.OK and finding.summary.endswith(ACCEPTED)


def quieted(outcome: Outcome, accepted: Mapping[str, str]) -> Outcome:
    """A warning that was accepted counts as fine, and says that it was; anything else stays as it is."""
    finding = outcome.finding
    if finding.status is not Status.WARN or accepted.get(outcome.check.id) != mark_of(finding.summary):
        return outcome
    fine = replace(finding, status=Status.OK, summary=f"{finding.summary}{ACCEPTED}", cause="", blame=None, advice=())
    return replace(outcome, finding=fine)


async def _ask(check: Check, context: Context, started_at: datetime) -> Outcome:
    clock = context.services.clock
    started = clock.monotonic()
    evidence: Evidence = {}
    try:
        async with asyncio.timeout(check.deadline):
            evidence = await check.collect(context)
        finding = check.judge(evidence)
    except TimeoutError:
        finding = _too_slow(check)
    except Exception as crash:  # noqa: BLE001 - a check that crashes is a finding, and the others go on
        finding, evidence = _crashed(check, crash)
    return Outcome(check, finding, evidence, round((clock.monotonic() - started) * 1000, 1), started_at)


def _too_slow(check: Check) -> Finding:
    code = "no_answer" if check.group in {Group.DATABASE, Group.CACHE} else "not_finished"
    return word(ANY, said(code, check=check.id, seconds=check.deadline))


def _crashed(check: Check, crash: Exception) -> tuple[Finding, Evidence]:
    """What may be said of a crash: its kind and its place. Its text may hold anything, a secret included."""
    frame, line = list(traceback.walk_tb(crash.__traceback__))[-1]
    error, place = type(crash).__name__, f"{frame.f_globals.get('__name__', '?')}:{line}"
    log.error("check %s crashed: %s at %s", check.id, error, place)
    return word(ANY, said("broke", check=check.id, error=error, place=place)), {"crash": error, "place": place}


def exit_code(report: Report, *, strict: bool = False) -> ExitCode:
    """Failed where a check failed or could not tell; warnings where only those are left and `strict` asks for it."""
    if report.first_in_the_way:
        return ExitCode.FAILED
    warned = any(outcome.finding.status is Status.WARN for outcome in report.outcomes)
    return ExitCode.WARNINGS if strict and warned else ExitCode.OK
