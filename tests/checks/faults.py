"""How a row of the fault matrices is judged: what has to fail, and that nothing else failed without a reason."""

from __future__ import annotations

from soundcheck.checks.finding import Blame, Finding, Status
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import Report, run_checks
from soundcheck.stores.services import Services
from tests.checks.conftest import CHECKS


def failed(report: Report) -> list[str]:
    """The ids of what failed or could not tell."""
    return [o.check.id for o in report.outcomes if o.finding.status in {Status.FAIL, Status.UNKNOWN}]


def assert_only(report: Report, check_id: str, blame: Blame, words: str, hint: str = "") -> None:
    """Only this check failed, it says so and what to do in those words; all else is fine or skipped because of it."""
    told = [(o.check.id, o.finding.status, o.finding.summary) for o in report.outcomes]
    assert failed(report) == [check_id], told
    outcome = next(o for o in report.outcomes if o.check.id == check_id)
    finding = outcome.finding
    assert words.lower() in f"{finding.summary} {finding.cause}".lower()
    assert finding.blame is blame
    assert finding.cause
    assert finding.hint
    assert hint.lower() in finding.hint.lower()
    assert "{" not in f"{finding.summary}{finding.cause}{finding.hint}"
    assert_readable(finding)
    ids = {o.check.id for o in report.outcomes}
    for other in report.outcomes:
        if other.finding.status is Status.SKIP:
            because = other.finding.skipped_because
            assert because, other.check.id
            assert because not in ids or because == check_id, (other.check.id, because)
    assert report.verdict.check == check_id
    assert report.verdict.blame is blame


async def report_on(services: Services, *ids: str) -> Report:
    """A run of the named checks and what they rest on."""
    return await run_checks(CHECKS.select(ids), services)


def finding_of(report: Report, check_id: str) -> Finding:
    """What one check of a run found."""
    return next(outcome.finding for outcome in report.outcomes if outcome.check.id == check_id)


def assert_row(finding: Finding, status: Status, blame: Blame, words: str, hint: str) -> None:
    """One finding of a row: how it ended, whose move it is, and its words."""
    assert finding.status is status, finding
    assert finding.blame is blame
    assert words in f"{finding.summary} {finding.cause}", finding
    assert hint in finding.hint, finding
    assert finding.cause
    assert_readable(finding)


def assert_readable(finding: Finding) -> None:
    """Redaction takes nothing of our own words away: there is no secret in them, and nothing that looks like one."""
    for told in (finding.summary, finding.cause, finding.hint, finding.skipped_because):
        assert Redactor().scrub(told) == told
