"""What a run of checks means to a shell. Pure."""

from __future__ import annotations

from checks.finding import Status
from checks.run import Report


def exit_code(report: Report, *, strict: bool = False) -> int:
    """0 fine, 3 where a check failed or could not tell, 1 where only warnings are left and `strict` asks for it."""
    statuses = {outcome.finding.status for outcome in report.outcomes}
    if statuses & {Status.FAIL, Status.UNKNOWN}:
        return 3
    return 1 if strict and Status.WARN in statuses else 0
