"""The difference between two runs, in words: "TLS issuer changed: Let's Encrypt → Zscaler", "tables 11 → 10". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from soundcheck.checks.finding import Json, Status
from soundcheck.checks.report.stored_run import StoredCheck, StoredRun


class Direction(StrEnum):
    """Whether a change is for the better, for the worse, or neither."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RunDifference:
    """One thing that differs. `before` and `after` are what stood there, as text; `text` says it in one line."""

    check: str
    direction: Direction
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; what got worse comes first."""

    before: StoredRun
    after: StoredRun
    changes: tuple[RunDifference, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """For people: which two, and each change."""
        head = f"{_name(self.before)} → {_name(self.after)}"
        return (head, *(f"{change.direction}: {change.text}" for change in self.changes or (_SAME,)))


_SAME: Final = RunDifference("", Direction.OTHER, "nothing that matters differs")

_RANK: Final = {Status.OK: 0, Status.SKIP: 0, Status.WARN: 1, Status.UNKNOWN: 2, Status.FAIL: 3}

_LABELS: Final = {
    "issuer": "TLS issuer",
    "subject": "TLS certificate's name",
    "not_after": "TLS certificate's end",
    "tls_version": "TLS version",
    "trusted": "TLS certificate trusted",
    "encrypted": "encrypted",
    "server_version": "PostgreSQL",
    "server": "cache server",
    "endpoint": "address",
    "user": "role",
    "database": "database's name",
    "tables": "tables",
    "expected": "tables of the schema",
    "differences": "differences from the schema",
    "mode": "mode of the env file",
    "python": "Python",
    "soundcheck": "Soundcheck",
    "node": "Node",
    "superuser": "superuser",
    "max_connections": "max_connections",
    "exported": "exported variables",
    "missing": "missing variables",
    "state": "generated client",
}

_NOISE: Final = frozenset(
    {
        "now",
        "key",
        "commands",
        "commands_used",
        "text",
        "elapsed_ms",
        "status",
        "code",
        "connections",
        "bytes",
        "free_bytes",
        "total_bytes",
        "address",
        "message",
        "hint",
        "line",
        "problems",
        "faults",
        "pid",
        "attempts",
        "witness",
        "reason",
        "host",
        "port",
        "ttl_ms",
        "present",
        "left",
        "cause",
        "free",
    }
)
"""Facts that change by themselves, or that the finding says already."""

_TRIP: Final = "round_trip_ms"
_SLOWER: Final = 2.0
_SLOWER_MS: Final = 20.0


def compare(before: StoredRun, after: StoredRun) -> Comparison:
    """What changed from one run to the other, over the checks that both asked. Noise (times, free space) is left out.

    A round trip counts as changed at twice the time and 20 ms more.
    """
    earlier = {check.id: check for check in before.checks}
    found: list[RunDifference] = []
    for check in after.checks:
        if (was := earlier.get(check.id)) is not None:
            found += _findings(was, check)
            found += _facts(was, check)
    found += _coverage(before, after)
    once: dict[tuple[str, str], RunDifference] = {}
    for change in found:  # the layers of one store repeat what they share
        once.setdefault((change.check.split(".")[0], change.text), change)
    order = list(Direction)
    changes = sorted(once.values(), key=lambda change: order.index(change.direction))
    return Comparison(before, after, tuple(changes))


def _findings(was: StoredCheck, now: StoredCheck) -> Iterator[RunDifference]:
    old, new = was.finding, now.finding
    if old.status is not new.status:
        worse = _RANK[new.status] - _RANK[old.status]
        direction = Direction.WORSE if worse > 0 else Direction.BETTER if worse < 0 else Direction.OTHER
        because = f": {new.summary}" if new.status is not Status.OK else ""
        text = f"{now.id} {old.status} → {new.status}{because}"
        yield RunDifference(now.id, direction, text, old.status.value, new.status.value)
    elif _RANK[new.status] and _without_numbers(old.summary) != _without_numbers(new.summary):
        text = f"{now.id} still {new.status}, otherwise: {old.summary} → {new.summary}"
        yield RunDifference(now.id, Direction.OTHER, text, old.summary, new.summary)


def _facts(was: StoredCheck, now: StoredCheck) -> Iterator[RunDifference]:
    if not was.evidence or not now.evidence:
        return
    for name, new in now.evidence.items():
        old = was.evidence.get(name)
        if name == _TRIP:
            yield from _trip(now.id, old, new)
        elif name in was.evidence and old != new and not _is_noise(name):
            yield from _fact(now, name, old, new)


def _fact(check: StoredCheck, name: str, old: Json, new: Json) -> Iterator[RunDifference]:
    label = _LABELS.get(name, f"{check.id}: {name.replace('_', ' ')}")
    if isinstance(old, list) and isinstance(new, list):
        gone, come = [_said(i) for i in old if i not in new], [_said(i) for i in new if i not in old]
        if not gone and not come:
            return
        moves = [f"{word} {_listed(names)}" for word, names in (("without", gone), ("new", come)) if names]
        number = f"{label} {len(old)} → {len(new)}" if len(old) != len(new) else f"{label} changed"
        yield RunDifference(check.id, Direction.OTHER, f"{number} ({'; '.join(moves)})", str(len(old)), str(len(new)))
    elif not isinstance(old, list | dict | float) and not isinstance(new, list | dict | float):
        before, after = _said(old, name), _said(new, name)
        yield RunDifference(check.id, Direction.OTHER, f"{label} changed: {before} → {after}", before, after)


def _trip(check_id: str, old: Json, new: Json) -> Iterator[RunDifference]:
    if not isinstance(old, int | float) or not isinstance(new, int | float) or min(old, new) < 0:
        return
    slow, quick = max(old, new), min(old, new)
    if slow < _SLOWER * quick or slow - quick < _SLOWER_MS:
        return
    direction = Direction.WORSE if new > old else Direction.BETTER
    what = "a query" if check_id.startswith("database") else "a command of the cache"
    yield RunDifference(check_id, direction, f"{what} takes {old:.0f} → {new:.0f} ms", f"{old:.0f}", f"{new:.0f}")


def _coverage(before: StoredRun, after: StoredRun) -> Iterator[RunDifference]:
    old, new = {c.id for c in before.checks}, {c.id for c in after.checks}
    if old - new:
        yield RunDifference("", Direction.OTHER, f"asked before only: {_listed(sorted(old - new))}")
    if new - old:
        yield RunDifference("", Direction.OTHER, f"asked after only: {_listed(sorted(new - old))}")


def _is_noise(name: str) -> bool:
    return name in _NOISE or name.endswith(("_ms", "_seconds", "_bytes", "_at", "_time"))


def _said(value: Json, name: str = "") -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "mode" and isinstance(value, int):
        return f"{value:o}"
    return str(value)


def _listed(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _without_numbers(summary: str) -> str:
    return re.sub(r"\d+(?:[.,]\d+)*", "#", summary)


def _name(run: StoredRun) -> str:
    return f"run {run.run_id} of {run.started_at:%Y-%m-%d %H:%M} UTC"
