"""Where set-up goes on: the first step whose checks do not pass, found by asking the stores, not the notes."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.checks.catalogue import ask
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import Observer
from soundcheck.stores.services import Services
from soundcheck.wizard.cache_test_key import left_untested
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.store_tests import nobody
from soundcheck.wizard.step import STEPS, SetupPath, StepId


@dataclass(frozen=True, slots=True)
class Resume:
    """The step to open and why, in a sentence; `offline` says that the network is to blame and nothing is reopened."""

    step: StepId
    reason: str = ""
    offline: bool = False


async def where_to_resume(services: Services, session: Session, observer: Observer = nobody) -> Resume:
    """Run the checks of every step and name the first that does not pass.

    A failure that is the network's never reopens Credentials: the values are kept and the step stays where it was.
    """
    credentials = services.credentials
    if not credentials.has_database and not credentials.has_cache:
        if session.path is None:
            return Resume(StepId.WELCOME)
        if session.path in {SetupPath.GUIDE, SetupPath.TEAM} and StepId.ACCOUNTS not in session.done:
            return Resume(StepId.ACCOUNTS)
        return Resume(StepId.CREDENTIALS, "No credentials are there yet.")
    if not credentials.is_complete:
        half = "database" if credentials.has_database else "cache"
        return Resume(StepId.CREDENTIALS, f"Only the {half}'s credentials are there.")
    report = await ask(services, {check for step in STEPS for check in step.checks}, observer)
    return judge_resume({o.check.id: o for o in report.outcomes}, session)


def judge_resume(outcomes: dict[str, Outcome], session: Session) -> Resume:
    """The decision of `where_to_resume`, pure."""
    for step in STEPS:
        for name in step.checks:
            outcome = outcomes.get(name)
            if outcome is None or outcome.finding.passes or left_untested(outcome):
                continue
            root = _root(outcome, outcomes)
            if root.finding.blame is Blame.NETWORK and step.id is StepId.CREDENTIALS:
                later = next((s.id for s in STEPS if s.checks and s.id not in session.done), StepId.DONE)
                keep = later if later is not StepId.CREDENTIALS else StepId.CREDENTIALS
                return Resume(keep, f"The network is in the way: {root.finding.summary}", offline=True)
            return Resume(step.id, root.finding.summary)
    return Resume(StepId.DONE)


def _root(outcome: Outcome, outcomes: dict[str, Outcome]) -> Outcome:
    """What a skipped check was skipped for, at the end of the chain."""
    seen = {outcome.check.id}
    while outcome.finding.status is Status.SKIP:
        cause = outcomes.get(outcome.finding.skipped_because)
        if cause is None or cause.check.id in seen:
            break
        seen.add(cause.check.id)
        outcome = cause
    return outcome
