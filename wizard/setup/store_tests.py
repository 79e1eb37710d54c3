"""The connection test and the cache test, each ending in the plan's own lines."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.checks.advice import Face
from soundcheck.checks.catalogue import ask
from soundcheck.checks.check import Outcome
from soundcheck.checks.database.tables import TablesEvidence
from soundcheck.checks.evidence import from_json
from soundcheck.checks.finding import Status
from soundcheck.checks.layer_facts import LayerFacts
from soundcheck.checks.run import CheckEvent, Observer
from soundcheck.stores.amounts import milliseconds
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.services import Services
from soundcheck.wizard.cache_test_key import left_untested
from soundcheck.wizard.progress import PlanLine
from soundcheck.wizard.step import StepId, checks_of

CONNECTION_LINES = ("Connection successful!", "Query successful!", "Found {count} tables", "All tests passed!")


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a test found. `lines` are the plan's own words where it passed, else what happened and what to do.

    `server` is name and version, as "PostgreSQL 18.6". `latency_ms` is one round trip.
    """

    __test__ = False

    passed: bool
    lines: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    server: str = ""
    latency_ms: float | None = None
    tables: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """What was not tested, and why."""

    @property
    def told(self) -> tuple[PlanLine, ...]:
        """What it found: the plan's lines, the server, the tables by name, and what is worth knowing."""
        latency = f"{milliseconds(self.latency_ms)} a round trip" if self.latency_ms is not None else ""
        facts = " · ".join(fact for fact in (self.server, latency) if fact)
        return (
            *(PlanLine("✓", line) for line in self.lines),
            *(PlanLine(" ", "", text) for text in (facts, ", ".join(self.tables)) if text),
            *(PlanLine("!", "", warning) for warning in self.warnings),
            *(PlanLine("–", "", text) for text in self.left_out),
        )

    @property
    def problem(self) -> StepFailed | None:
        """What stands in the way, where it did not pass."""
        if self.passed:
            return None
        message, *rest = self.lines
        return StepFailed(" ".join([message, *rest[:-1]]), rest[-1] if rest else "")


def nobody(_: CheckEvent) -> None:
    """No observer."""


async def connection_test(services: Services, observer: Observer = nobody) -> TestResult:
    """Connect, query, and look for every table of the schema. Extra tables warn, missing ones fail by name."""
    report = await ask(services, checks_of(StepId.CONNECTION), observer)
    by_id = {outcome.check.id: outcome for outcome in report.outcomes}
    query, tables = by_id["database.query"], by_id["database.tables"]
    warnings = tuple(o.finding.summary for o in report.outcomes if o.finding.status is Status.WARN)
    there, answer = from_json(TablesEvidence, tables.evidence), from_json(LayerFacts, query.evidence)
    passed = tables.finding.passes
    lines = [CONNECTION_LINES[0], CONNECTION_LINES[1]] if query.finding.passes else []
    if passed:
        lines += [CONNECTION_LINES[2].format(count=len(there.expected)), CONNECTION_LINES[3]]
    else:
        lines += failure_lines(report.outcomes)
    return TestResult(
        passed,
        tuple(lines),
        report.outcomes,
        server=f"PostgreSQL {answer.server_version}" if answer.server_version else "",
        latency_ms=answer.round_trip_ms,
        tables=there.tables,
        warnings=warnings,
    )


def failure_lines(outcomes: tuple[Outcome, ...]) -> list[str]:
    """What happened, what it means, what to press: of the first check that failed."""
    for outcome in outcomes:
        finding = outcome.finding
        if finding.stands_in_the_way:
            return [line for line in (finding.summary, finding.cause, finding.hint_for(Face.SETUP)) if line]
    return ["The test could not be run.", "Run `soundcheck doctor` to see what stands in the way."]


WRITES = "Write, read, expire, delete, under a key of its own."
"""What the cache test does, said before it is done."""

CACHE_LINES = ("Redis connected!", "Cache write/read successful!", "Redis caching is ready!")


async def cache_test(services: Services, observer: Observer = nobody) -> TestResult:
    """Ping, then write, read, expiry and delete under a key of its own; nothing is left behind.

    Without consent to a key in a production cache it is the ping alone, and what was left out is said.
    """
    report = await ask(services, checks_of(StepId.CACHE), observer)
    by_id = {outcome.check.id: outcome for outcome in report.outcomes}
    ping, write = by_id["cache.ping"], by_id["cache.write"]
    lines = [CACHE_LINES[0]] if ping.finding.passes else []
    untested = left_untested(write)
    passed = write.finding.passes or untested
    if not untested:
        lines += list(CACHE_LINES[1:]) if passed else failure_lines(report.outcomes)
    pong = from_json(LayerFacts, ping.evidence)
    return TestResult(
        passed,
        tuple(lines),
        report.outcomes,
        server=pong.server or "",
        latency_ms=pong.round_trip_ms,
        warnings=tuple(o.finding.summary for o in report.outcomes if o.finding.status is Status.WARN),
        left_out=(f"{write.finding.summary} {write.finding.hint_for(Face.SETUP)}",) if untested else (),
    )
