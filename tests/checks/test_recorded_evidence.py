"""Evidence that was recorded, and the texts it was judged with: today's checks say the same of it, word for word.

`recorded/evidence.jsonl` holds one judgement a line: what the fault matrices saw, and what they cannot reach here. The
two bundles beside it were written by the version before evidence had types: one green, one with twelve failures.
"""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from soundcheck.checks.backend.app_report import CHECK, JUDGING
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Check, Context, Group, Registry
from soundcheck.checks.finding import Evidence, Finding, Status
from soundcheck.checks.findings import ANY
from soundcheck.checks.judging import Judging
from soundcheck.checks.report.bundle_reading import read_run_file
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.stored_run import StoredRun, judge_again, read_run, text
from soundcheck.checks.run import run_checks
from tests.checks.conftest import MakeServices

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


def meant(finding: Finding) -> tuple[object, ...]:
    """What a finding comes to, however it is worded."""
    return finding.status, finding.blame, finding.fixes, bool(finding.hint), finding.link, bool(finding.skipped_because)


def bundle(name: str) -> StoredRun:
    """A bundle of the version before."""
    return read_run_file(RECORDED / f"{name}.zip")


def test_words_that_changed_are_written_down(request: pytest.FixtureRequest) -> None:
    """With `--snapshot-update` the words of today become those that are recorded; read the difference, then keep it."""
    if request.config.option.update_snapshots:
        told = [(one.check, one.evidence, as_told(judging_of(one.check).finding(one.evidence))) for one in recorded()]
        lines = [{"check": check, "evidence": evidence, "finding": finding} for check, evidence, finding in told]
        words = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        (RECORDED / "evidence.jsonl").write_text(words, "utf-8")
        recorded.cache_clear()
    assert recorded()


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
    then = {check.id: meant(check.finding) for check in run.checks}
    assert {outcome.check.id: meant(outcome.finding) for outcome in report.outcomes} == then
    assert len(then) == len(list(default_registry()))
    assert report.verdict.check == text(run.document["verdict"], "check")


def test_a_run_of_the_version_before_opens_as_a_document_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(RECORDED / "twelve_failures.zip") as archive:
        (tmp_path / "run.json").write_bytes(archive.read("report.json"))
    assert judge_again(read_run_file(tmp_path / "run.json"), default_registry()).outcomes == (
        judge_again(bundle("twelve_failures"), default_registry()).outcomes
    )


async def test_what_may_be_said_of_any_check_is_said(make_services: MakeServices) -> None:
    async def hangs(_: Context) -> Evidence:
        await asyncio.Event().wait()
        return {}

    async def breaks(_: Context) -> Evidence:
        raise ValueError

    async def odd(_: Context) -> Evidence:
        return {"odd": True}

    def refuses(_: Evidence) -> Finding:
        raise ValueError

    checks = [
        Check("database.slow", Group.DATABASE, "slow", hangs, refuses, (), 0.01),
        Check("files.slow", Group.FILES, "slow", hangs, refuses, (), 0.01),
        Check("files.broken", Group.FILES, "broken", breaks, refuses),
        Check("files.after", Group.FILES, "after", breaks, refuses, ("files.broken",)),
    ]
    report = await run_checks(checks, make_services())
    kept = read_run(report_document(report, Redactor()))
    broken = replace(kept.checks[0], evidence={"odd": True})
    today = Registry([Check("database.slow", Group.DATABASE, "slow", odd, refuses)])
    again = judge_again(replace(kept, checks=(broken,)), today)
    told = [outcome.finding.summary for outcome in (*report.outcomes, *again.outcomes)]
    rows = [row.summary for row in ANY.values()]
    assert len(told) == len(rows)
    for summary in told:
        beginnings = [row for row in rows if summary.startswith(row.partition("{")[0])]
        assert len(beginnings) == 1, summary
        rows.remove(beginnings[0])
    assert rows == [], "each row once"
