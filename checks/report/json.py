"""A report as a JSON document, as `docs/json/doctor.schema.json` describes it. It changes by additions only."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from soundcheck.checks.advice import Do
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Finding, Json, Status
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import Report, exit_code
from soundcheck.checks.verdict import Verdict

KIND: Final = "doctor"
SCHEMA_VERSION: Final = 1


def report_document(report: Report, redactor: Redactor) -> dict[str, Json]:
    """The whole report, redacted, evidence included. Nothing is left out for being empty."""
    counts = Counter(outcome.finding.status for outcome in report.outcomes)
    return {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "run_id": report.run_id,
        "started_at": report.started_at.isoformat(),
        "duration_ms": report.duration_ms,
        "exit_code": exit_code(report),
        "verdict": _verdict(report.verdict, redactor),
        "counts": {status.value: counts[status] for status in Status},
        "checks": [_check(outcome, report.started_at, redactor) for outcome in report.outcomes],
    }


def _verdict(verdict: Verdict, redactor: Redactor) -> dict[str, Json]:
    return {
        "status": verdict.status.value,
        "blame": verdict.blame.value if verdict.blame else None,
        "check": verdict.check,
        "sentence": redactor.scrub(verdict.sentence),
        "still_works": redactor.scrub(verdict.still_works),
        "next_command": redactor.scrub(verdict.next_command),
    }


def offset_ms(outcome: Outcome, origin: datetime) -> float | None:
    """When a check began, in milliseconds after `origin`; before it where an earlier run asked it. None: not noted."""
    if outcome.started_at is None:
        return None
    return round((outcome.started_at - origin) / timedelta(milliseconds=1), 1)


def _check(outcome: Outcome, origin: datetime, redactor: Redactor) -> dict[str, Json]:
    check = outcome.check
    return {
        "id": check.id,
        "group": check.group.value,
        "title": check.title,
        "requires": list(check.requires),
        "start_ms": offset_ms(outcome, origin),
        "duration_ms": outcome.duration_ms,
        "finding": _finding(outcome.finding, redactor),
        "evidence": redactor.scrub_json(outcome.evidence),
    }


def _finding(finding: Finding, redactor: Redactor) -> dict[str, Json]:
    return {
        "status": finding.status.value,
        "summary": redactor.scrub(finding.summary),
        "cause": redactor.scrub(finding.cause),
        "blame": finding.blame.value if finding.blame else None,
        "hint": redactor.scrub(finding.hint),
        "do": [_do(part, redactor) for part in finding.advice if isinstance(part, Do)],
        "link": redactor.scrub(finding.link),
        "skipped_because": redactor.scrub(finding.skipped_because),
        "fixes": [
            {
                "id": fix.id,
                "label": redactor.scrub(fix.label),
                "kind": fix.kind.value,
                "inputs": redactor.scrub_json(fix.inputs),
            }
            for fix in finding.fixes
        ],
    }


def _do(part: Do, redactor: Redactor) -> dict[str, Json]:
    return {"deed": part.deed.value, **({"what": redactor.scrub(part.what)} if part.what else {})}
