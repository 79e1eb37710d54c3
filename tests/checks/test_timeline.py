"""The trace of times in a report and a bundle: what ran beside what, and what waited for what."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from soundcheck.checks.check import Check, Context, Group, Outcome, Registry
from soundcheck.checks.finding import Blame, Evidence, Finding
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.stored_run import judge_again, read_run
from soundcheck.checks.report.timeline import WIDTH, timeline_lines
from soundcheck.checks.run import Report, run_checks
from soundcheck.checks.verdict import conclude
from tests.checks.conftest import MakeServices
from tests.findings import fail, ok, skip

BEGAN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def _nothing(_: Context) -> Evidence:
    return {}


def _check(name: str, *requires: str, finding: Finding | None = None, collect=_nothing) -> Check:
    return Check(name, Group.DATABASE, name, collect, lambda _: finding or ok("fine"), requires)


def _outcome(check: Check, start: float | None, took: float, finding: Finding | None = None) -> Outcome:
    moment = None if start is None else BEGAN + timedelta(milliseconds=start)
    return Outcome(check, finding or ok("fine"), {"a": 1}, took, moment)


def _report(*outcomes: Outcome) -> Report:
    return Report("7f3a", BEGAN, 1000.0, outcomes, conclude(outcomes))


REPORT = _report(
    _outcome(_check("database.dns"), 0.0, 250.0),
    _outcome(_check("database.slow"), 0.0, 1000.0),
    _outcome(_check("database.tcp", "database.dns"), 250.0, 500.0),
    _outcome(
        _check("database.late", "database.dns", "database.tcp"), 750.0, 0.0, skip("not asked", because="database.tcp")
    ),
)


async def test_a_run_notes_when_each_check_began(make_services: MakeServices) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(_: Context) -> Evidence:
        await meeting.wait()
        return {}

    checks = [_check("a.one", collect=meet), _check("a.two", collect=meet), _check("a.three", "a.one")]
    skipped = [_check("a.bad", finding=fail("no", cause="c", blame=Blame.YOU, hint="h")), _check("a.not", "a.bad")]
    report = await run_checks([*checks, *skipped], make_services())
    began = {outcome.check.id: outcome.started_at for outcome in report.outcomes}
    one, two, three, bad, unasked = (began[name] for name in ("a.one", "a.two", "a.three", "a.bad", "a.not"))
    assert one is not None
    assert two is not None
    assert three is not None
    assert bad is not None
    assert unasked is not None
    assert report.started_at <= min(one, two)
    waited_until = one + timedelta(milliseconds=report.outcomes[0].duration_ms - 0.1)  # it is rounded
    assert three >= waited_until
    assert unasked >= bad


def test_the_lines_stand_in_the_order_in_which_the_checks_began() -> None:
    head, _, _, titles, *lines = timeline_lines(REPORT)
    assert BEGAN.isoformat() in head
    assert titles.split()[:4] == ["start", "ms", "took", "ms"]
    told = [(line.split()[3], line.split()[0], line.split("|")[1], line.rpartition("|")[2].strip()) for line in lines]
    quarter = WIDTH // 4
    assert told == [
        ("database.dns", "0.0", f"{'#' * quarter:<{WIDTH}}", ""),
        ("database.slow", "0.0", "#" * WIDTH, ""),
        ("database.tcp", "250.0", f"{' ' * quarter}{'#' * 2 * quarter:<{WIDTH - quarter}}", "database.dns"),
        ("database.late", "750.0", f"{' ' * 3 * quarter}{'-':<{quarter}}", "database.tcp"),
    ]


def test_a_check_of_an_earlier_run_began_before_this_one() -> None:
    earlier = _outcome(_check("database.dns"), -60_000.0, 100.0)
    lines = [*timeline_lines(_report(_outcome(_check("database.tcp"), 5.0, 10.0), earlier))][4:]
    assert [line.split()[0] for line in lines] == ["-60000.0", "5.0"]


def test_the_offsets_outlive_a_document_and_older_documents_have_none() -> None:
    document = report_document(REPORT, Redactor([]))
    assert [check["start_ms"] for check in document["checks"]] == [0.0, 0.0, 250.0, 750.0]  # type: ignore[index]
    registry = Registry([outcome.check for outcome in REPORT.outcomes])
    again = judge_again(read_run(document), registry)
    assert [outcome.started_at for outcome in again.outcomes] == [o.started_at for o in REPORT.outcomes]
    for check in document["checks"]:  # type: ignore[union-attr]
        del check["start_ms"]  # type: ignore[union-attr]
    older = judge_again(read_run(document), registry)
    assert [outcome.started_at for outcome in older.outcomes] == [None] * 4
    assert all("not noted" in line for line in [*timeline_lines(older)][4:])


def test_a_number_in_a_file_that_is_no_moment_is_none() -> None:
    for odd in (float("nan"), float("inf"), 1e300, "soon", True):
        document = report_document(_report(REPORT.outcomes[0]), Redactor([]))
        document["checks"][0]["start_ms"] = odd  # type: ignore[index]
        assert judge_again(read_run(document), Registry([])).outcomes[0].started_at is None


def test_a_report_of_nothing_and_of_no_time_has_a_timeline_too() -> None:
    assert len([*timeline_lines(_report())]) == 4
    at_once = replace(_report(_outcome(_check("database.dns"), 0.0, 0.0)), duration_ms=0.0)
    assert "|#" in [*timeline_lines(at_once)][4]
