"""The cache test, ending in the plan's own lines."""

from __future__ import annotations

from checks.finding import Status
from checks.run import Observer, run_checks
from checks.services import Services
from wizard.connection_test import TestResult, failure_lines, nobody

PASSED_LINES = ("Redis connected!", "Cache write/read successful!", "Redis caching is ready!")


async def cache_test(services: Services, observer: Observer = nobody) -> TestResult:
    """Ping, then write, read, expiry and delete under a key of its own; nothing is left behind."""
    wanted = services.registry.select(["cache.ping", "cache.write"])
    report = await run_checks(wanted, services, observer)
    by_id = {outcome.check.id: outcome for outcome in report.outcomes}
    ping, write = by_id["cache.ping"], by_id["cache.write"]
    good = {Status.OK, Status.WARN}
    lines = [PASSED_LINES[0]] if ping.finding.status in good else []
    passed = write.finding.status in good
    lines += list(PASSED_LINES[1:]) if passed else failure_lines(report.outcomes)
    latency = ping.evidence.get("round_trip_ms")
    return TestResult(
        passed,
        tuple(lines),
        report.outcomes,
        server=str(ping.evidence.get("server") or ""),
        latency_ms=float(latency) if isinstance(latency, int | float) else None,
        warnings=tuple(o.finding.summary for o in report.outcomes if o.finding.status is Status.WARN),
    )
