"""A run that was kept: read back from its document, and judged once more by the checks of today. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from soundcheck.checks.check import Check, Context, Group, Outcome, Registry
from soundcheck.checks.explanation import said, word
from soundcheck.checks.finding import Blame, Evidence, Finding, Fix, FixKind, Json, Status
from soundcheck.checks.findings import ANY
from soundcheck.checks.report.json import KIND, SCHEMA_VERSION
from soundcheck.checks.run import Report
from soundcheck.checks.verdict import conclude
from soundcheck.stores.errors import UsageError

_MOST_CHECKS: Final = 500


class Unreadable(UsageError):
    """What was given is no run of Soundcheck."""


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """One check of a run, as it was found then. `evidence` is empty where it was not asked, or did not answer."""

    id: str
    group: Group
    title: str
    finding: Finding
    evidence: Evidence
    duration_ms: float
    requires: tuple[str, ...] = ()
    start_ms: float | None = None
    """After the start of the run; None in a run that was kept before this was noted."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as it was kept. `started_at` is in UTC; `sentence` is its verdict of then."""

    run_id: str
    started_at: datetime
    duration_ms: float
    sentence: str
    checks: tuple[StoredCheck, ...]
    document: Mapping[str, Json] = field(repr=False, compare=False, default_factory=dict)

    def evidence(self, check_id: str) -> Evidence:
        """The evidence of one check, empty where it was not asked."""
        return next((check.evidence for check in self.checks if check.id == check_id), {})


def text(document: Mapping[str, Json], name: str) -> str:
    """A text of a document that may come from anywhere, "" where there is none."""
    value = document.get(name)
    return value if isinstance(value, str) else ""


def number(document: Mapping[str, Json], name: str) -> float | None:
    """A number of such a document, None where there is none."""
    value = document.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def read_run(document: Json) -> StoredRun:
    """The run out of a `doctor --json` document. Raises `Unreadable` in words for anything else."""
    if not isinstance(document, Mapping) or document.get("kind") != KIND:
        raise Unreadable(
            "That is not a run of `soundcheck doctor`.", "Name a run, a bundle, or a `doctor --json` file."
        )
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise Unreadable(
            f"That run has the form {version!r}, and this Soundcheck reads {SCHEMA_VERSION}.",
            "Use the Soundcheck that wrote it, or a newer one.",
        )
    checks, verdict = document.get("checks"), document.get("verdict")
    try:
        if not isinstance(checks, list) or len(checks) > _MOST_CHECKS:
            raise ValueError
        return StoredRun(
            run_id=text(document, "run_id"),
            started_at=datetime.fromisoformat(text(document, "started_at")),
            duration_ms=number(document, "duration_ms") or 0.0,
            sentence=text(verdict, "sentence") if isinstance(verdict, Mapping) else "",
            checks=tuple(_check(item) for item in checks),
            document=document,
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        raise Unreadable(
            "That run is damaged: its contents are not what Soundcheck writes.", "Have it made again."
        ) from None


def judge_again(run: StoredRun, registry: Registry) -> Report:
    """What the checks of today say of the evidence of then. Asks nothing.

    A finding without evidence (skipped, out of time, broken) stays, as does one whose check is gone.
    """
    outcomes = tuple(_again(stored, run.started_at, registry) for stored in run.checks)
    return Report(run.run_id, run.started_at, run.duration_ms, outcomes, conclude(outcomes))


def _again(stored: StoredCheck, origin: datetime, registry: Registry) -> Outcome:
    check = registry[stored.id] if stored.id in registry else _gone(stored)
    finding = stored.finding
    if stored.id in registry and stored.evidence and "crash" not in stored.evidence:
        try:
            finding = check.judge(stored.evidence)
        except Exception as problem:  # noqa: BLE001 - evidence from a file may hold anything
            finding = word(ANY, said("cannot_be_judged", check=stored.id, error=type(problem).__name__))
    return Outcome(check, finding, stored.evidence, stored.duration_ms, _moment(origin, stored.start_ms))


def _moment(origin: datetime, after_ms: float | None) -> datetime | None:
    """None where a file holds a number that is no moment."""
    try:
        return None if after_ms is None else origin + timedelta(milliseconds=after_ms)
    except (ValueError, OverflowError):
        return None


def _gone(stored: StoredCheck) -> Check:
    """A check that this Soundcheck does not have."""

    async def collect(_: Context) -> Evidence:
        return stored.evidence

    return Check(stored.id, stored.group, stored.title, collect, lambda _: stored.finding, stored.requires)


def _check(item: Mapping[str, Json]) -> StoredCheck:
    evidence, found, requires = item["evidence"], item["finding"], item.get("requires")
    if not isinstance(evidence, Mapping) or not isinstance(found, Mapping):
        raise TypeError
    return StoredCheck(
        id=text(item, "id"),
        group=Group(text(item, "group")),
        title=text(item, "title"),
        finding=_finding(found),
        evidence=evidence,
        duration_ms=number(item, "duration_ms") or 0.0,
        start_ms=number(item, "start_ms"),
        requires=tuple(str(name) for name in requires) if isinstance(requires, list) else (),
    )


def _finding(found: Mapping[str, Json]) -> Finding:
    fixes = found.get("fixes")
    return Finding(
        status=Status(text(found, "status")),
        summary=text(found, "summary"),
        cause=text(found, "cause"),
        blame=Blame(text(found, "blame")) if found.get("blame") else None,
        advice=(hint,) if (hint := text(found, "hint")) else (),
        fixes=tuple(_fix(fix) for fix in fixes if isinstance(fix, Mapping)) if isinstance(fixes, list) else (),
        link=text(found, "link"),
        skipped_because=text(found, "skipped_because"),
    )


def _fix(fix: Mapping[str, Json]) -> Fix:
    inputs = fix.get("inputs")
    given = {str(k): str(v) for k, v in inputs.items()} if isinstance(inputs, Mapping) else {}
    return Fix(text(fix, "id"), text(fix, "label"), FixKind(text(fix, "kind")), given)
