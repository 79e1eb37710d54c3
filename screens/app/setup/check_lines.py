"""Checks as lines: one short word for each layer, what it found, and the whole story where it failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from soundcheck.checks.advice import Face
from soundcheck.checks.check import Check, Group, Outcome
from soundcheck.checks.finding import Status
from soundcheck.checks.run import CheckEvent, Note, Started
from soundcheck.screens.app.parts.line_text import Line
from soundcheck.wizard.progress import Mark

MARK_OF: Final = {
    Status.OK: Mark.OK,
    Status.WARN: Mark.WARN,
    Status.FAIL: Mark.FAIL,
    Status.SKIP: Mark.SKIP,
    Status.UNKNOWN: Mark.FAIL,
}

WORDS: Final = {
    "url": "address",
    "dns": "name found",
    "tcp": "port open",
    "tls": "TLS",
    "authentication": "signing in",
    "ping": "signing in",
    "query": "query",
    "pooling": "direct address",
    "tables": "tables",
    "write": "write, read",
    "prisma.schema": "schema",
}
"""The layers as a newcomer reads them; any other check has its own title."""

FACTS: Final = {
    "database.url": "endpoint",
    "database.dns": "address",
    "database.tcp": "endpoint",
    "database.tls": "issuer",
    "database.authentication": "user",
    "database.query": "server_version",
    "cache.url": "host",
    "cache.dns": "address",
    "cache.tcp": "endpoint",
    "cache.tls": "issuer",
}
"""What of a check's evidence says most in the fewest words."""

SHORT: Final = {"cache.write": "expires and is deleted"}
"""What passed, in fewer words than its summary: a line at 80 columns has room for about twenty-four characters."""

HEADINGS: Final = {Group.DATABASE: "PostgreSQL", Group.CACHE: "Redis"}


def expected_lines(checks: Iterable[Check]) -> list[Line]:
    """All lines before anything ran, under a heading for each store."""
    lines: list[Line] = []
    group = None
    for check in checks:
        if check.group is not group and check.group in HEADINGS:
            lines.append(Line(f"heading {check.group}", HEADINGS[check.group], None, heading=True))
        group = check.group
        lines.append(Line(check.id, _word(check), None))
    return lines


def from_check(event: CheckEvent) -> Line:
    """A check's line now: it replaces what it said before."""
    if isinstance(event, Started):
        return Line(event.check.id, _word(event.check), Mark.RUNNING)
    if isinstance(event, Note):
        return Line(event.check.id, _word(event.check), Mark.RUNNING, event.text)
    check, finding = event.outcome.check, event.outcome.finding
    mark = MARK_OF[finding.status]
    if mark is Mark.SKIP:
        return Line(check.id, _word(check), mark)
    elapsed = _elapsed(event.outcome)
    if mark is Mark.OK:
        return Line(check.id, _word(check), mark, _shortly(event.outcome), elapsed)
    cause = "" if mark is Mark.WARN else finding.cause
    explanation = tuple(text for text in (finding.summary, cause, finding.hint_for(Face.SETUP)) if text)
    return Line(check.id, _word(check), mark, "", elapsed, explanation)


def _shortly(outcome: Outcome) -> str:
    """The fact itself where the evidence has it, else the summary: a line has room for few words."""
    if outcome.check.id in SHORT:
        return SHORT[outcome.check.id]
    fact = outcome.evidence.get(FACTS.get(outcome.check.id, ""))
    if not isinstance(fact, str) or not fact:
        return outcome.finding.summary
    if outcome.check.id == "database.query":
        return f"PostgreSQL {fact}"
    return fact


def _elapsed(outcome: Outcome) -> float:
    """The layer's own time; a check that shares a probe with others also waited for them."""
    own = outcome.evidence.get("elapsed_ms")
    return float(own) if isinstance(own, int | float) else outcome.duration_ms


def _word(check: Check) -> str:
    if check.group in HEADINGS:
        return WORDS.get(check.id.partition(".")[2], check.title)
    return WORDS.get(check.id, check.title)
