"""What a check's lines say at every width, which step a check belongs to, what is asked again. Pure."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Check, Group, Outcome, Registry
from soundcheck.checks.finding import Blame, Evidence, Finding, Status
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.verdict import conclude
from soundcheck.screens.app.checks.asking import asked_again, shown_outcome
from soundcheck.screens.app.checks.group_line import counts_line, verdict_text
from soundcheck.screens.app.checks.row_text import WIDE, row_lines
from soundcheck.stores.secret import Secret
from soundcheck.wizard.step import STEPS, StepId, step_of
from tests.findings import fail, ok, skip, warn

REGISTRY = default_registry()
LONG = "Table doesn't exist: chat_messages, libraries, lyrics, playlists, recent_searches, sessions, users."


def outcome_of(check: Check, finding: Finding, evidence: Evidence | None = None) -> Outcome:
    return Outcome(check, finding, evidence or {}, 123.0)


def a_failure(summary: str = LONG) -> Finding:
    return fail(summary, cause="c", blame=Blame.YOU, hint="h")


FINDINGS = (
    ok("It holds."),
    a_failure(),
    warn(LONG, cause="c", blame=Blame.YOU, hint="h"),
    skip("Not asked, because cache.ping did not pass.", "cache.ping"),
    skip("Not needed here.", "the database is on this machine"),
    None,
)


@pytest.mark.parametrize("width", [54, 74, 114])
def test_no_title_is_cut_at_any_of_the_usual_sizes(width: int) -> None:
    for check in REGISTRY:
        for finding in FINDINGS:
            lines = row_lines(check, outcome_of(check, finding) if finding else None, "", width)
            assert all(line.cell_length <= width for line in lines)
            words = " ".join(" ".join(line.plain for line in lines).split())
            assert all(word in words for word in check.title.split())


def test_what_failed_is_said_in_full_and_what_holds_in_one_line() -> None:
    check = REGISTRY["database.tables"]
    for width in (54, 74, 114):
        said = " ".join(
            " ".join(line.plain for line in row_lines(check, outcome_of(check, a_failure()), "", width)).split()
        )
        assert width >= WIDE or "chat_messages, libraries" in said
        assert "✗ failed" in said
        assert "123 ms" in said
        assert len(row_lines(check, outcome_of(check, ok(LONG)), "", width)) == 1


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.integers(30, 160), st.sampled_from([None, *Status]))
def test_no_text_breaks_a_line_or_reaches_over_the_edge(text: str, width: int, status: Status | None) -> None:
    check = REGISTRY["cache.ping"]
    finding = Finding(status, text, "c", Blame.YOU, ("h",), skipped_because=text) if status else None
    for line in row_lines(check, outcome_of(check, finding) if finding else None, text, width):
        assert line.cell_length <= width
        assert not any(unicodedata.category(letter) == "Cc" for letter in line.plain)


def test_the_groups_lose_their_numbers_before_they_break_a_line() -> None:
    outcomes = {check.id: outcome_of(check, ok("Fine.")) for check in REGISTRY}
    outcomes["cache.ping"] = outcome_of(REGISTRY["cache.ping"], a_failure())
    wide = counts_line(list(REGISTRY), outcomes, begun=False, width=76).plain
    narrow = counts_line(list(REGISTRY), outcomes, begun=False, width=54).plain
    wider = counts_line(list(REGISTRY), outcomes, begun=False, width=114).plain
    held = sum(check.group is Group.CACHE for check in REGISTRY) - 1
    assert f" · ✗ cache {held}/{held + 1} · " in wider
    assert f"  ✗ cache {held}/{held + 1}  " in wide
    assert narrow == "✓ files ✓ database ✗ cache ✓ Prisma ✓ machine"


def test_a_long_verdict_keeps_its_next_command() -> None:
    check = REGISTRY["database.tables"]
    text = verdict_text(conclude([outcome_of(check, a_failure(LONG * 5))]), 100).plain
    assert len(text.splitlines()[0]) <= 102
    assert text.splitlines()[-1].endswith("setup")


def test_a_verdict_says_what_to_press_where_this_screen_has_it() -> None:
    check = REGISTRY["database.tables"]
    worry = warn("It is slow.", cause="c", blame=Blame.YOU, hint="h")
    for finding, words in ((ok("It holds."), "2 Tables"), (worry, "enter on its line")):
        text = verdict_text(conclude([outcome_of(check, finding)]), 74).plain
        assert words in text.splitlines()[-1]
        assert "soundcheck" not in text


def test_each_check_of_a_step_and_what_it_rests_on_leads_to_that_step() -> None:
    for step in STEPS:
        for name in step.checks:
            found = step_of(name, REGISTRY)
            assert found is not None
            assert name in found.checks
    expected = {
        "cache.tls": StepId.CREDENTIALS,
        "database.url": StepId.CREDENTIALS,
        "files.env": StepId.ENV,
        "prisma.schema": StepId.DATABASE,
        "cache.write": StepId.CACHE,
    }
    for name, step_id in expected.items():
        found = step_of(name, REGISTRY)
        assert found is not None
        assert found.id is step_id
    assert step_of("machine.disk", REGISTRY) is None


def test_asking_one_again_takes_along_what_waited_for_it_and_nothing_that_still_has_to_wait() -> None:
    outcomes = {check.id: outcome_of(check, ok("Fine.")) for check in REGISTRY}
    outcomes["database.query"] = outcome_of(REGISTRY["database.query"], a_failure())
    outcomes["prisma.engine"] = outcome_of(REGISTRY["prisma.engine"], a_failure())
    waited = ("database.role", "database.tables", "database.drift", "database.indexes")
    for name in waited:
        outcomes[name] = outcome_of(REGISTRY[name], skip("Not asked.", "database.query"))
    asked = {check.id for check in asked_again("database.query", REGISTRY, outcomes)}
    assert {"database.url", "database.tcp", "database.query", "database.role", "database.tables"} <= asked
    assert "database.drift" not in asked, "it also requires the engine, which is missing"
    assert not asked & {"cache.ping", "files.env", "prisma.engine"}


def test_what_is_shown_of_an_outcome_holds_no_known_secret() -> None:
    redactor = Redactor([Secret("hunter2-hunter2")])
    check = Registry((REGISTRY["files.env"],))["files.env"]
    finding = fail("hunter2-hunter2", cause="hunter2-hunter2", blame=Blame.YOU, hint="hunter2-hunter2")
    shown = shown_outcome(Outcome(check, finding, {"text": ["hunter2-hunter2"]}, 1.0), redactor)
    assert "hunter2" not in repr(shown)
    assert shown.check.group is Group.FILES
