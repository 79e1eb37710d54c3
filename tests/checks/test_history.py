"""Runs are kept as evidence, told apart in words, and judged again by the checks of today."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from soundcheck.checks.check import Check, Group, Outcome, Registry
from soundcheck.checks.finding import Blame, Evidence, Finding, Status
from soundcheck.checks.report.clean_proof import NotClean, own_words, prove_text, proven_json
from soundcheck.checks.report.comparison import Direction
from soundcheck.checks.report.history import KEPT, compare, judge_again, list_runs, load_run, save_run
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.stored_run import StoredRun, Unreadable, read_run
from soundcheck.checks.run import Report, run_checks
from soundcheck.checks.verdict import conclude
from soundcheck.stores.errors import CouldNotRun, UsageError
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import MASK, Secret
from tests.checks.conftest import CHECKS, MakeServices
from tests.findings import fail, ok, skip, warn

WHEN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "hunter2-of-the-band"
CLEAN = Redactor([Secret(SECRET)])


async def _collect(_: object) -> Evidence:
    return {}


def judge_tables(evidence: Evidence) -> Finding:
    count = len(tuple(evidence.get("tables", ())))
    return ok(f"Found {count} tables.") if count > 10 else broken(f"Found {count} tables only.")


def broken(summary: str = "The thing is broken.") -> Finding:
    return fail(summary, cause="because", blame=Blame.YOU, hint="mend it")


TLS = Check("database.tls", Group.DATABASE, "encrypted", _collect, lambda e: ok(f"by {e.get('issuer')}"))
TABLES = Check("database.tables", Group.DATABASE, "tables", _collect, judge_tables, ("database.tls",))
ENV = Check("files.env", Group.FILES, "there", _collect, lambda _: ok("there"))
REGISTRY = Registry((ENV, TLS, TABLES))


def report_of(*outcomes: Outcome, run_id: str = "7f3a", when: datetime = WHEN) -> Report:
    return Report(run_id, when, 1234.0, outcomes, conclude(outcomes))


def outcome(check: Check, evidence: Evidence, finding: Finding | None = None) -> Outcome:
    return Outcome(check, finding or check.judge(evidence), evidence, 1.0)


def stored(*outcomes: Outcome, run_id: str = "7f3a") -> StoredRun:
    return read_run(json.loads(json.dumps(report_document(report_of(*outcomes, run_id=run_id), Redactor()))))


def names(count: int) -> list[str]:
    return [f"table_{number}" for number in range(count)]


def test_a_run_is_kept_for_yourself_alone_and_read_back_as_it_was(project: Project) -> None:
    report = report_of(outcome(TLS, {"issuer": "Let's Encrypt"}), outcome(TABLES, {"tables": names(3)}))
    path = save_run(project, report, CLEAN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.is_relative_to(project.state)
    run = load_run(project, "7f3a")
    assert [check.finding for check in run.checks] == [o.finding for o in report.outcomes]
    assert run.evidence("database.tls") == {"issuer": "Let's Encrypt"}
    assert (run.started_at, run.sentence) == (WHEN, report.verdict.sentence)


def test_a_kept_run_holds_no_secret(project: Project) -> None:
    path = save_run(project, report_of(outcome(TLS, {"issuer": f"CN={SECRET}"}, broken(f"it said {SECRET}"))), CLEAN)
    assert SECRET not in path.read_text()
    assert MASK in path.read_text()


def test_fifty_runs_are_kept_and_the_oldest_go(project: Project) -> None:
    for number in range(KEPT + 3):
        when = WHEN + timedelta(minutes=number)
        save_run(project, report_of(outcome(ENV, {"n": 1}), run_id=f"{number:04x}", when=when), CLEAN)
    runs = list_runs(project)
    assert len(runs) == KEPT
    assert [runs[0].run_id, runs[-1].run_id] == [f"{KEPT + 2:04x}", "0003"]
    assert load_run(project, "last").run_id == runs[0].run_id
    assert load_run(project, "previous").run_id == runs[1].run_id


def test_a_run_that_is_not_there_is_told_with_those_that_are(project: Project) -> None:
    with pytest.raises(UsageError) as nothing:
        load_run(project, "last")
    assert "soundcheck doctor" in nothing.value.hint
    save_run(project, report_of(outcome(ENV, {"n": 1})), CLEAN)
    with pytest.raises(UsageError) as told:
        load_run(project, "beef")
    assert "7f3a" in told.value.hint


def test_a_damaged_run_is_left_out_and_the_others_stay(project: Project) -> None:
    path = save_run(project, report_of(outcome(ENV, {"n": 1})), CLEAN)
    path.with_name("20260101T000000000000-beef.json").write_text("{half")
    assert [run.run_id for run in list_runs(project)] == ["7f3a"]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"kind": "setup"},
        {"kind": "doctor", "schema_version": 99},
        {"kind": "doctor", "schema_version": 1},
        {"kind": "doctor", "schema_version": 1, "started_at": "yesterday", "checks": []},
        {"kind": "doctor", "schema_version": 1, "started_at": WHEN.isoformat(), "checks": [{"id": "x"}]},
        {"kind": "doctor", "schema_version": 1, "started_at": WHEN.isoformat(), "checks": [7]},
    ],
)
def test_what_is_no_run_is_refused_in_words(document: object) -> None:
    with pytest.raises(Unreadable) as refused:
        read_run(document)  # type: ignore[arg-type]
    assert refused.value.message
    assert refused.value.hint


def test_the_difference_is_told_in_words() -> None:
    before = stored(outcome(TLS, {"issuer": "Let's Encrypt"}), outcome(TABLES, {"tables": names(11)}), run_id="aaaa")
    after = stored(outcome(TLS, {"issuer": "Zscaler"}), outcome(TABLES, {"tables": names(10)}), run_id="bbbb")
    comparison = compare(before, after)
    lines = "\n".join(comparison.lines)
    assert "TLS issuer changed: Let's Encrypt → Zscaler" in lines
    assert "tables 11 → 10 (without table_10)" in lines
    assert "database.tables ok → fail" in lines
    assert "run aaaa" in lines.splitlines()[0]
    assert comparison.changes[0].direction is Direction.WORSE
    assert compare(after, before).changes[0].direction is Direction.BETTER


def test_two_runs_that_differ_in_noise_alone_are_the_same() -> None:
    noisy = {"issuer": "Let's Encrypt", "elapsed_ms": 12.0, "free_bytes": 5, "address": "192.0.2.1", "round_trip_ms": 9}
    other = noisy | {"elapsed_ms": 99.0, "free_bytes": 7, "address": "192.0.2.9", "round_trip_ms": 17}
    comparison = compare(stored(outcome(TLS, noisy)), stored(outcome(TLS, other)))
    assert comparison.changes == ()
    assert "nothing that matters differs" in comparison.lines[-1]


def test_a_round_trip_counts_from_twice_the_time_on() -> None:
    comparison = compare(stored(outcome(TLS, {"round_trip_ms": 12})), stored(outcome(TLS, {"round_trip_ms": 95})))
    assert [change.text for change in comparison.changes] == ["a query takes 12 → 95 ms"]


def test_what_only_one_of_them_asked_is_said() -> None:
    both = stored(outcome(ENV, {"n": 1}), outcome(TLS, {"issuer": "x"}))
    comparison = compare(both, stored(outcome(ENV, {"n": 1})))
    assert [change.text for change in comparison.changes] == ["asked before only: database.tls"]


def test_a_fact_that_several_layers_share_is_told_once() -> None:
    def with_host(endpoint: str) -> StoredRun:
        evidence = {"endpoint": endpoint, "tables": names(11)}
        return stored(outcome(TLS, evidence), outcome(TABLES, evidence))

    lines = compare(with_host("a:5432"), with_host("b:5432")).lines
    assert [line for line in lines if "address" in line] == ["other: address changed: a:5432 → b:5432"]


def test_the_checks_of_today_judge_the_evidence_of_then() -> None:
    run = stored(outcome(TLS, {"issuer": "x"}, broken()), outcome(TABLES, {"tables": names(12)}))
    again = judge_again(run, REGISTRY)
    assert [o.finding for o in again.outcomes] == [ok("by x"), ok("Found 12 tables.")]
    assert (again.run_id, again.verdict.status) == ("7f3a", Status.OK)


def test_what_has_no_evidence_stays_as_it_was() -> None:
    silent = broken("No answer within 10 s.")
    left_out = skip("Not asked, because database.tls did not pass.", "database.tls")
    run = stored(outcome(TLS, {}, silent), outcome(TABLES, {}, left_out))
    assert [o.finding for o in judge_again(run, REGISTRY).outcomes] == [silent, left_out]


def test_evidence_that_breaks_a_judgement_is_unknown_and_the_others_are_judged() -> None:
    def crashes(_: Evidence) -> Finding:
        raise ZeroDivisionError

    today = Registry((Check("database.tls", Group.DATABASE, "encrypted", _collect, crashes), TABLES_ALONE))
    run = stored(outcome(TLS, {"issuer": "x"}), outcome(TABLES, {"tables": names(12)}))
    findings = [o.finding for o in judge_again(run, today).outcomes]
    assert findings[0].status is Status.UNKNOWN
    assert "ZeroDivisionError" in findings[0].cause
    assert findings[1] == ok("Found 12 tables.")


TABLES_ALONE = Check("database.tables", Group.DATABASE, "tables", _collect, judge_tables)


def test_a_check_that_is_gone_keeps_its_finding() -> None:
    run = stored(outcome(TLS, {"issuer": "x"}, warn("odd", cause="c", blame=Blame.US, hint="h")))
    again = judge_again(run, Registry((ENV,)))
    assert again.outcomes[0].finding.summary == "odd"
    assert again.outcomes[0].check.title == "encrypted"


async def test_every_real_check_judges_its_stored_evidence_as_it_did(
    make_services: MakeServices, project: Project
) -> None:
    services = make_services()
    report = await run_checks(list(CHECKS), services)
    save_run(project, report, Redactor())
    again = judge_again(load_run(project, report.run_id), CHECKS)
    assert [o.finding for o in again.outcomes] == [o.finding for o in report.outcomes]
    assert again.verdict == report.verdict


def test_the_proof_refuses_what_a_scrubber_left_standing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(outcome(TLS, {"issuer": f"CN={SECRET}"}))
    monkeypatch.setattr(Redactor, "scrub", lambda _, text: text)
    with pytest.raises(NotClean) as refused:
        save_run(project, report, CLEAN)
    assert SECRET not in refused.value.message + refused.value.hint
    assert list_runs(project) == ()


@pytest.mark.parametrize(
    "leak", ["x hunter2-of-the-band y", "hunter2-of-\n   the-band", "PGPASSWORD=other", "npg_abcdef1"]
)
def test_the_proof_finds_known_secrets_and_what_looks_like_one(leak: str) -> None:
    with pytest.raises(NotClean):
        prove_text(CLEAN, f"line\n{leak}\n", "The report")
    with pytest.raises(NotClean):
        proven_json(CLEAN, {"evidence": [{"text": leak}]}, frozenset(), "The report")
    prove_text(CLEAN, CLEAN.scrub(f"line\n{leak}\n"), "The report")
    proven_json(CLEAN, CLEAN.scrub_json({"evidence": [{"text": leak}]}), frozenset(), "The report")


def test_a_password_that_is_an_ordinary_word_does_not_stop_the_report(project: Project) -> None:
    for word in ("database", "fail", "checks", "summary", "files.env", "postgres", "there"):
        redactor = Redactor([Secret(word)])
        report = report_of(outcome(ENV, {"database": "music", "n": 1}), outcome(TLS, {"issuer": "x"}, broken()))
        save_run(project, report, redactor)
        assert [c.id for c in load_run(project, "7f3a").checks] == ["files.env", "database.tls"]


def test_own_words_are_whole_texts_only() -> None:
    words = own_words(REGISTRY)
    redactor = Redactor([Secret("database.tls")])
    proven_json(redactor, {"id": "database.tls"}, words, "It")
    with pytest.raises(NotClean):
        proven_json(redactor, {"id": "see database.tls"}, words, "It")


def test_a_folder_that_cannot_be_written_is_told(project: Project) -> None:
    Path(project.home).mkdir(exist_ok=True)
    (project.home / "projects").write_text("in the way")
    with pytest.raises(CouldNotRun):
        save_run(project, report_of(outcome(ENV, {"n": 1})), CLEAN)
