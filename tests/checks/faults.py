"""How a row of the fault matrices is judged: what has to fail, and that nothing else failed without a reason."""

from __future__ import annotations

from checks.finding import Blame, Status
from checks.run import Report


def failed(report: Report) -> list[str]:
    """The ids of what failed or could not tell."""
    return [o.check.id for o in report.outcomes if o.finding.status in {Status.FAIL, Status.UNKNOWN}]


def assert_only(report: Report, check_id: str, blame: Blame, words: str) -> None:
    """Only this check failed, it says so in those words, and everything else is fine or skipped because of it."""
    told = [(o.check.id, o.finding.status, o.finding.summary) for o in report.outcomes]
    assert failed(report) == [check_id], told
    outcome = next(o for o in report.outcomes if o.check.id == check_id)
    finding = outcome.finding
    assert words.lower() in f"{finding.summary} {finding.cause}".lower()
    assert finding.blame is blame
    assert finding.cause
    assert finding.hint
    assert "{" not in f"{finding.summary}{finding.cause}{finding.hint}"
    ids = {o.check.id for o in report.outcomes}
    for other in report.outcomes:
        if other.finding.status is Status.SKIP:
            because = other.finding.skipped_because
            assert because, other.check.id
            assert because not in ids or because == check_id, (other.check.id, because)
    assert report.verdict.check == check_id
    assert report.verdict.blame is blame
