"""Fixes: one executor for each id that findings offer. Preview → backup → apply → ask that check again → undo.

Nothing is applied but what was shown: under the set-up lock the preview is made once more, and where it differs from
the one that was shown, the fix refuses. What is destructive has to be named; what writes to a store passes the guard.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.catalogue import ask, default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Finding, Fix, FixKind
from soundcheck.checks.fixes import ALL
from soundcheck.checks.run import Report
from soundcheck.stores.errors import Refused, SoundcheckError, StepFailed, UsageError
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import discover
from soundcheck.wizard.fix_journal import FixEntry, forget_fix, note_fix, read_journal
from soundcheck.wizard.fixes.client import CLIENT_EXECUTORS
from soundcheck.wizard.fixes.env import ENV_EXECUTORS
from soundcheck.wizard.fixes.fix import Applied, Executor, FixResult, Preview
from soundcheck.wizard.fixes.git import GIT_EXECUTORS
from soundcheck.wizard.fixes.node import NODE_EXECUTORS
from soundcheck.wizard.fixes.stores import STORE_EXECUTORS
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.progress import Reporter, silent
from soundcheck.wizard.setup.local_step import wake_local

log = logging.getLogger(__name__)

EXECUTORS: Final[Mapping[str, Executor]] = {
    executor.id: executor
    for executor in (*ENV_EXECUTORS, *GIT_EXECUTORS, *STORE_EXECUTORS, *CLIENT_EXECUTORS, *NODE_EXECUTORS)
}
"""By the id of the fix; a test holds that every fix of `checks` has one, and that none is left over."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix that a finding of a run offers, and the check whose finding it is."""

    check: str
    fix: Fix


def offers(report: Report) -> tuple[Offer, ...]:
    """The fixes that a run offers, in the order of its checks, each once."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Offer] = {}
    for outcome in report.outcomes:
        for fix in outcome.finding.fixes:
            key = fix.id, tuple(sorted(fix.inputs.items()))
            found.setdefault(key, Offer(outcome.check.id, fix))
    return tuple(found.values())


def named_offers(names: Iterable[str], offered: Iterable[Offer]) -> tuple[Offer, ...]:
    """The offers meant by ids of fixes or of checks. Raises `UsageError` for an id that no fix or check has.

    A fix that is known and not offered is not there, which is an answer as well: nothing needs it.
    """
    offered = tuple(offered)
    chosen: list[Offer] = []
    for name in names:
        hits = [offer for offer in offered if name in {offer.fix.id, offer.check}]
        if not hits and name not in EXECUTORS:
            known = ", ".join(EXECUTORS)
            raise UsageError(f"No fix is called {name!r}, and no check offers one by that name.", f"Fixes: {known}.")
        chosen += [offer for offer in hits if offer not in chosen]
    return tuple(chosen)


async def preview_fix(services: Services, fix: Fix, report: Reporter = silent) -> Preview:
    """What applying it would do; nothing is written. Raises the family of `stores.errors` where it cannot be done."""
    return await EXECUTORS[fix.id].preview(services, fix, report)


async def apply_fix(
    services: Services,
    preview: Preview,
    check_id: str = "",
    *,
    named: bool = False,
    consent: Consent | None = None,
    report: Reporter = silent,
) -> FixResult:
    """Apply what the preview showed, then ask its check again. Nothing to do is a result too.

    `named` says that the person asked for this very fix, which a destructive one needs. Raises `Refused` without
    that, where the guard stands before it, or where things changed since the preview; `CouldNotRun` while set-up or
    another fix is at work; `StepFailed` where it proved to be of no use and what was there before was put back.
    """
    fix, executor = preview.fix, EXECUTORS[preview.fix.id]
    if _kind(fix) is FixKind.DESTRUCTIVE and not named:
        raise Refused(f"{fix.label}: that is not applied unasked.", f"Add its name: soundcheck doctor --fix {fix.id}")
    with WizardLock(services.project):
        now = await executor.preview(services, fix, silent)
        if not now.needed:
            return FixResult(fix, False, now.lines, await _ask_again(services, check_id))
        if now.lines != preview.lines:
            raise Refused(f"{fix.label}: things have changed since it was shown.", "Look at it again, then apply it.")
        if now.intent is not None:
            decide(now.intent, consent or Consent()).or_refuse()
        held = await _holding(services, executor.keeps) if check_id else frozenset[str]()
        applied = await executor.apply(services, now, report)
        _note(services, fix, check_id, applied)
        outcome = await _ask_again(services, check_id)
        broken = await _broken(services, executor, fix, outcome, held)
        if broken is not None and executor.undo is not None and applied.undo is not None:
            await executor.undo(services, applied.undo)
            _forget_last(services, fix)
            raise StepFailed(f"{fix.label}: that did not work, so it was put back. {broken.summary}", broken.hint)
    lines = applied.lines if broken is None else (*applied.lines, f"It did not help: {broken.summary}")
    return FixResult(fix, True, lines, outcome, can_undo=applied.undo is not None)


async def undo_fix(services: Services, fix_id: str = "") -> tuple[FixEntry, str]:
    """Take back the last fix, or the last one of that id; what it was, and what was done in words.

    Raises `Refused` where there is none, or where what it changed was changed again since.
    """
    with WizardLock(services.project):
        entries = [entry for entry in read_journal(services.project) if fix_id in {"", entry.fix}]
        if not entries:
            raise Refused("There is no fix to take back.", "Nothing was changed.")
        entry = entries[-1]
        undo = EXECUTORS[entry.fix].undo if entry.fix in EXECUTORS else None
        if undo is None:
            raise Refused(f"{entry.fix} cannot be taken back.", "Nothing was changed.")
        said = await undo(services, entry.data)
        forget_fix(services.project, entry)
    return entry, said


def _kind(fix: Fix) -> FixKind:
    """The kind of the catalogue: a fix out of a report's file cannot make itself safe."""
    kinds = {known.kind for known in ALL if known.id == fix.id} | {fix.kind}
    return FixKind.DESTRUCTIVE if FixKind.DESTRUCTIVE in kinds else FixKind.SAFE


def _note(services: Services, fix: Fix, check_id: str, applied: Applied) -> None:
    if applied.undo is not None:
        note_fix(services.project, fix.id, check_id, applied.undo, services.clock)


@asynccontextmanager
async def refreshed(
    services: Services, on_start: Callable[[], object] = lambda: None, *, stays_down: bool = False
) -> AsyncIterator[Services]:
    """The services over the values as they are now, with our own stack woken where it is in use; closed at the end.

    `on_start` and `stays_down` are those of `wake_local`.
    """
    fresh = services.using(discover(services.project, services.environ).credentials.over(services.credentials))
    woken = fresh
    try:
        try:
            woken = await wake_local(fresh, silent, on_start, stays_down=stays_down)
        except SoundcheckError as problem:  # the checks say so; what was fixed stays fixed
            log.warning("the local stack did not start: %s", problem.message)
        yield woken
    finally:
        await woken.close()
        await fresh.close()


async def _holding(services: Services, checks: tuple[str, ...]) -> frozenset[str]:
    """Those of these checks that pass now."""
    if not checks:
        return frozenset()
    async with refreshed(services) as fresh:
        report = await ask(fresh, checks)
    return frozenset(one.check.id for one in report.outcomes if one.check.id in checks and one.finding.passes)


async def _broken(
    services: Services, executor: Executor, fix: Fix, outcome: Outcome | None, held: frozenset[str]
) -> Finding | None:
    """What shows that the fix is none: its check says the same as before, or another one passes no more."""
    if held:
        async with refreshed(services) as fresh:
            report = await ask(fresh, held)
        lost = [one for one in report.outcomes if one.check.id in held and not one.finding.passes]
        if lost and report.first_in_the_way is not None:
            return report.first_in_the_way.finding
    if outcome is None:
        return None
    finding = outcome.finding
    is_offered = any((one.id, dict(one.inputs)) == (fix.id, dict(fix.inputs)) for one in finding.fixes)
    if executor.must_pass and finding.stands_in_the_way:
        return finding
    # A check may go on offering what was done while something else stands before it, as a file that Git tracks.
    return finding if is_offered and (await executor.preview(services, fix, silent)).needed else None


def _forget_last(services: Services, fix: Fix) -> None:
    """The fix that was put back is none to be taken back."""
    entries = [entry for entry in read_journal(services.project) if entry.fix == fix.id]
    if entries:
        forget_fix(services.project, entries[-1])


async def _ask_again(services: Services, check_id: str) -> Outcome | None:
    """The check's new outcome, over the values as they are after the fix."""
    if not check_id or check_id not in default_registry():
        return None
    async with refreshed(services) as fresh:
        report = await ask(fresh, [check_id])
    return next(outcome for outcome in report.outcomes if outcome.check.id == check_id)
