"""Evidence that was recorded, and the texts it was judged with: today's checks say the same of it, word for word.

`recorded/evidence.jsonl` holds one judgement a line: what the fault matrices saw, and what they cannot reach here. The
two bundles beside it were written by the version before evidence had types: one green, one with twelve failures.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from soundcheck.checks.backend.app_report import CHECK, JUDGING
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Evidence, Finding, Status
from soundcheck.checks.judging import Judging
from soundcheck.checks.report.bundle_reading import read_run_file
from soundcheck.checks.report.stored_run import StoredRun, judge_again

REWORDED: Final = ("machine.versions",)
"""Since those bundles were written: parts are judged by ranges, and installed again by what installed them."""

RECORDED: Final = Path(__file__).with_name("recorded")
BUNDLES: Final = {"green": 0, "twelve_failures": 12}


@dataclass(frozen=True)
class Judged:
    """One line: the evidence of a check, and its finding without what is empty."""

    check: str
    evidence: Evidence
    finding: dict[str, Any]


@cache
def recorded() -> tuple[Judged, ...]:
    """All lines, in the order of the checks."""
    lines = (RECORDED / "evidence.jsonl").read_text("utf-8").splitlines()
    return tuple(Judged(**json.loads(line)) for line in lines)


@cache
def judging_of(check_id: str) -> Judging[Any]:
    """The judge of a check, with its table."""
    if check_id == CHECK:
        return JUDGING
    judging = getattr(default_registry()[check_id].judge, "__self__", None)
    assert isinstance(judging, Judging)
    return judging


def as_told(finding: Finding) -> dict[str, Any]:
    """A finding as a line keeps it."""
    told = {
        "status": finding.status.value,
        "summary": finding.summary,
        "cause": finding.cause,
        "blame": finding.blame.value if finding.blame else None,
        "hint": finding.hint,
        "fixes": [fix.id for fix in finding.fixes],
        "link": finding.link,
        "skipped_because": finding.skipped_because,
    }
    return {name: value for name, value in told.items() if value}


def bundle(name: str) -> StoredRun:
    """A bundle of the version before."""
    return read_run_file(RECORDED / f"{name}.zip")


@pytest.mark.parametrize("check_id", [*(check.id for check in default_registry()), CHECK])
def test_recorded_evidence_is_judged_in_the_same_words(check_id: str) -> None:
    lines = [line for line in recorded() if line.check == check_id]
    assert lines, "no evidence is recorded for it"
    for line in lines:
        assert as_told(judging_of(check_id).finding(line.evidence)) == line.finding, line.evidence


@pytest.mark.parametrize(("name", "failures"), BUNDLES.items())
def test_a_bundle_of_the_version_before_opens_and_is_judged_as_it_was(name: str, failures: int) -> None:
    run = bundle(name)
    report = judge_again(run, default_registry())
    assert Counter(outcome.finding.status for outcome in report.outcomes)[Status.FAIL] == failures
    then = {check.id: as_told(check.finding) for check in run.checks}
    now = {outcome.check.id: as_told(outcome.finding) for outcome in report.outcomes}
    for check in REWORDED:
        assert now[check].pop("status") == then[check].pop("status")
        del now[check], then[check]
    assert now == then
    assert report.verdict.sentence == run.sentence
