"""Where set-up goes on: the first step whose checks do not pass, found by asking the stores, not the notes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from soundcheck.checks.catalogue import ask
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import Observer
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.project import Project
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
    changed = await asyncio.to_thread(changed_schema, services.project, session)
    return judge_resume({o.check.id: o for o in report.outcomes}, session, changed_schema=changed)


def changed_schema(project: Project, session: Session) -> str:
    """The schema as people say it, where it is no longer the one that was pushed; "" where it is. Blocking."""
    if not session.schema or project.schema is None or schema_fingerprint(project.schema) == session.schema:
        return ""
    return project.shown(project.schema)


def schema_fingerprint(schema: Path) -> str:
    """What tells a schema from another, or from itself after a change; "" where it cannot be read."""
    from soundcheck.stores.prisma.schema_text import fingerprint, read_schema

    try:
        return fingerprint(read_schema(schema))
    except SoundcheckError:
        return ""


def judge_resume(outcomes: dict[str, Outcome], session: Session, *, changed_schema: str = "") -> Resume:
    """The decision of `where_to_resume`, pure. `changed_schema` is a schema that was changed since its last push."""
    for step in STEPS:
        if step.id is StepId.DATABASE and changed_schema:
            return Resume(step.id, f"{changed_schema} was changed since set-up last generated from it.")
        for name in step.checks:
            outcome = outcomes.get(name)
            if outcome is None or outcome.finding.passes or left_untested(outcome):
                if name == "prisma.client" and outcome is not None and outcome.evidence.get("state") == "stale":
                    return Resume(step.id, outcome.finding.summary)
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
