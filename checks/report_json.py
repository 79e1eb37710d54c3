"""A report as a JSON document, as `docs/json/doctor.schema.json` describes it. It changes by additions only."""

from __future__ import annotations

from collections import Counter
from typing import Final

from checks.check import Outcome
from checks.exit_code import exit_code
from checks.finding import Finding, Json, Status
from checks.redaction import Redactor
from checks.run import Report
from checks.verdict import Verdict

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
        "verdict": redactor.scrub_json(_verdict(report.verdict)),
        "counts": {status.value: counts[status] for status in Status},
        "checks": [_check(outcome, redactor) for outcome in report.outcomes],
    }


def _verdict(verdict: Verdict) -> dict[str, Json]:
    return {
        "status": verdict.status.value,
        "blame": verdict.blame.value if verdict.blame else None,
        "check": verdict.check,
        "sentence": verdict.sentence,
        "still_works": verdict.still_works,
        "next_command": verdict.next_command,
    }


def _check(outcome: Outcome, redactor: Redactor) -> dict[str, Json]:
    check = outcome.check
    return {
        "id": check.id,
        "group": check.group.value,
        "title": check.title,
        "requires": list(check.requires),
        "duration_ms": outcome.duration_ms,
        "finding": redactor.scrub_json(_finding(outcome.finding)),
        "evidence": redactor.scrub_json(outcome.evidence),
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "status": finding.status.value,
        "summary": finding.summary,
        "cause": finding.cause,
        "blame": finding.blame.value if finding.blame else None,
        "hint": finding.hint,
        "link": finding.link,
        "skipped_because": finding.skipped_because,
        "fixes": [
            {"id": fix.id, "label": fix.label, "kind": fix.kind.value, "inputs": dict(fix.inputs)}
            for fix in finding.fixes
        ],
    }
