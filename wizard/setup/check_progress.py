"""Check events as lines of progress: the layers of a connection, each with its time, and notes as they come."""

from __future__ import annotations

from collections.abc import Callable

from soundcheck.checks.advice import Face
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Status
from soundcheck.checks.run import CheckEvent, Finished, Note, Observer
from soundcheck.wizard.progress import Mark, Progress, Reporter

MARKS = {
    Status.OK: Mark.OK,
    Status.WARN: Mark.WARN,
    Status.FAIL: Mark.FAIL,
    Status.SKIP: Mark.SKIP,
    Status.UNKNOWN: Mark.WARN,
}
"""How each end of a check is marked, in Setup as in `doctor`."""


def outcome_line(outcome: Outcome) -> Progress:
    """One finished check as one line; its cause and hint follow in `hint` where it did not pass."""
    finding = outcome.finding
    skipped = finding.status is Status.SKIP
    hint = "" if finding.status is Status.OK or skipped else finding.hint_for(Face.SETUP)
    what = f"{outcome.check.title}: {finding.summary}" if skipped else finding.summary
    return Progress(
        f"{outcome.check.group} · {what}",
        MARKS[finding.status],
        key=outcome.check.id,
        elapsed_ms=None if skipped else outcome.duration_ms,
        hint=hint,
    )


def as_observer(report: Reporter, wanted: Callable[[str], bool] = lambda _: True) -> Observer:
    """An observer that reports what ends and what is worth saying meanwhile, for the checks that are wanted.

    What was not asked because a layer below it failed is left out: the failure says it all.
    """

    def observe(event: CheckEvent) -> None:
        if isinstance(event, Finished) and wanted(event.outcome.check.id):
            if not event.outcome.finding.skipped_because or event.outcome.finding.summary.startswith("Not needed"):
                report(outcome_line(event.outcome))
        elif isinstance(event, Note) and wanted(event.check.id):
            report(Progress(f"{event.check.group} · {event.text}", Mark.RUNNING, key=event.check.id))

    return observe
