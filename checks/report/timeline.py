"""When each check of a run began and how long it took, as text: what ran beside what, what waited for what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Status
from soundcheck.checks.report.json import offset_ms
from soundcheck.checks.run import Report

WIDTH: Final = 40
"""Characters of a bar that lasts as long as the run."""


def timeline_lines(report: Report) -> Iterator[str]:
    """A line for each check in the order in which they began, over the moment at which the run itself began."""
    yield f"run {report.run_id} began at {report.started_at.isoformat()} and took {report.duration_ms:.1f} ms"
    yield "ms are counted from there; a check begins when those that it waits for have ended"
    yield ""
    starts = {o.check.id: start for o in report.outcomes if (start := offset_ms(o, report.started_at)) is not None}
    ends = {o.check.id: starts[o.check.id] + o.duration_ms for o in report.outcomes if o.check.id in starts}
    first, last = min((0.0, *starts.values())), max((report.duration_ms, *ends.values()))
    width = max((len(outcome.check.id) for outcome in report.outcomes), default=0)
    yield f"{'start ms':>10} {'took ms':>10}  {'status':<7}  {'check':<{width}}  |{'':{WIDTH}}|  waited for"
    known = [outcome for outcome in report.outcomes if outcome.check.id in starts]
    for outcome in sorted(known, key=lambda outcome: starts[outcome.check.id]):
        name, status = outcome.check.id, outcome.finding.status
        bar = _bar(starts[name] - first, ends[name] - first, last - first, skipped=status is Status.SKIP)
        line = f"{starts[name]:>10.1f} {outcome.duration_ms:>10.1f}  {status:<7}  {name:<{width}}  |{bar}|"
        yield f"{line}  {_waited_for(outcome, ends)}".rstrip()
    for outcome in report.outcomes:
        if outcome.check.id not in starts:
            name, status = outcome.check.id, outcome.finding.status
            yield f"{'not noted':>10} {outcome.duration_ms:>10.1f}  {status:<7}  {name}"


def _bar(start: float, end: float, whole: float, *, skipped: bool) -> str:
    """From the start to the end, one sign at least."""
    scale = WIDTH / whole if whole > 0 else 0.0
    at = min(int(start * scale), WIDTH - 1)
    length = max(1, min(round((end - start) * scale), WIDTH - at))
    return f"{' ' * at}{('-' if skipped else '#') * length}".ljust(WIDTH)


def _waited_for(outcome: Outcome, ends: Mapping[str, float]) -> str:
    """Which of those that it rests on ended last."""
    return max((name for name in outcome.check.requires if name in ends), key=lambda name: ends[name], default="")
