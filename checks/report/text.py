"""A report in plain lines, at most forty, to paste into a message: redacted, the code first, the next command last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from soundcheck.checks.advice import Face
from soundcheck.checks.check import Group, Outcome
from soundcheck.checks.evidence import from_json
from soundcheck.checks.finding import Status
from soundcheck.checks.layer_facts import LayerFacts
from soundcheck.checks.machine.packages import PythonEvidence
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import Report
from soundcheck.stores.project.own_command import OwnCommand, here

MOST_LINES: Final = 40
_WIDEST: Final = 400
_AROUND: Final = 12
"""Lines besides the three of each finding: head, facts, groups, two shapes, what was left out, the last."""


def report_lines(report: Report, redactor: Redactor, own: OwnCommand | None = None) -> list[str]:
    """The lines of a report, without line breaks or control characters.

    `own` is how our commands are called where the lines are read: here unless told otherwise, and `BARE` in a file that
    is sent on.
    """
    own = own or here()
    return [_plain(redactor.scrub(own.spelled(line))) for line in _lines(report, own)]


def code_line(report: Report) -> str:
    """The code to read out over the telephone: `SC database.authentication · you · run 7f3a`."""
    verdict = report.verdict
    blame = f" · {verdict.blame}" if verdict.blame else ""
    return f"SC {verdict.check or verdict.status}{blame} · run {report.run_id}"


def _lines(report: Report, own: OwnCommand) -> Iterator[str]:
    verdict = report.verdict
    yield code_line(report)
    yield verdict.sentence
    if verdict.still_works:
        yield verdict.still_works
    yield _facts(report)
    for group in Group:
        outcomes = [outcome for outcome in report.outcomes if outcome.check.group is group]
        if outcomes:
            yield f"{group}: {_counted(outcomes)}"
    told = [o for s in (Status.FAIL, Status.UNKNOWN, Status.WARN) for o in report.outcomes if o.finding.status is s]
    room = (MOST_LINES - _AROUND) // 3
    for outcome in told[:room]:
        finding = outcome.finding
        yield f"{finding.status.upper()} {outcome.check.id}: {finding.summary}"
        yield f"  why: {finding.cause}"
        yield f"  do:  {finding.hint_for(Face.ANYWHERE, own)}"
        if shape := from_json(LayerFacts, outcome.evidence).shape:
            yield f"  with: {'password' if outcome.check.group is Group.DATABASE else 'token'}, {shape}"
    if len(told) > room:
        yield f"{len(told) - room} more: {own.command('doctor --json')}"
    yield f"Next: {own.command(verdict.next.what)}"


def _facts(report: Report) -> str:
    """What support asks first: versions and time."""
    facts = [f"{report.started_at:%Y-%m-%d %H:%M} UTC", f"{report.duration_ms / 1000:.1f} s"]
    for outcome in report.outcomes:
        if outcome.check.id == "machine.python":
            python = from_json(PythonEvidence, outcome.evidence)
            facts.append(f"Soundcheck {python.soundcheck}")
            facts.append(f"Python {python.python}, {python.system}")
        layer = from_json(LayerFacts, outcome.evidence)
        if outcome.check.id == "database.query" and layer.server_version:
            facts.append(f"PostgreSQL {layer.server_version}")
        if outcome.check.id == "cache.ping" and layer.server:
            facts.append(layer.server)
    return " · ".join(facts)


def _counted(outcomes: list[Outcome]) -> str:
    counts = Counter(outcome.finding.status for outcome in outcomes)
    return ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])


def _plain(line: str) -> str:
    """One line without control characters, cut where it is absurdly long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line)
    indent = " " * (len(shown) - len(shown.lstrip(" ")))
    words = indent + " ".join(shown.split())
    return words if len(words) <= _WIDEST else words[: _WIDEST - 1] + "…"
