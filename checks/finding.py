"""What a check finds: evidence that can be kept and judged again, and the judgement as a finding.

Typed reading of evidence, which is JSON and may be years old: a missing or odd field reads as empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

Evidence: TypeAlias = Mapping[str, Json]
"""Facts as JSON, free of secrets by construction: a `Secret` in it is a type error, and reports are scrubbed after."""


class Status(StrEnum):
    """How a check ended. `UNKNOWN` says that nothing can be said, and never passes for `OK`."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"


class Blame(StrEnum):
    """Whose move it is."""

    YOU = "you"
    NETWORK = "network"
    PROVIDER = "provider"
    US = "us"


class FixKind(StrEnum):
    """Whether `--fix` may apply it unasked."""

    SAFE = "safe"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend, as data. Its executor stands in `wizard/fixes/apply.py` under the same id."""

    id: str
    label: str
    kind: FixKind = FixKind.SAFE
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement: what is so, why, whose move it is, and what to press. All texts are plain, none is markup.

    `summary` is one line. `cause`, `blame` and `hint` are set wherever the status is not ok; `link` is a page of the
    vendor's; `skipped_because` is the id of the check that stood in the way, or a reason in words.
    """

    status: Status
    summary: str
    cause: str = ""
    blame: Blame | None = None
    hint: str = ""
    fixes: tuple[Fix, ...] = ()
    link: str = ""
    skipped_because: str = ""


def ok(summary: str) -> Finding:
    """The fact holds."""
    return Finding(Status.OK, summary)


def warn(summary: str, *, cause: str, blame: Blame, hint: str, fixes: tuple[Fix, ...] = (), link: str = "") -> Finding:
    """It works, and something should be looked at."""
    return Finding(Status.WARN, summary, cause, blame, hint, fixes, link)


def fail(summary: str, *, cause: str, blame: Blame, hint: str, fixes: tuple[Fix, ...] = (), link: str = "") -> Finding:
    """It does not hold."""
    return Finding(Status.FAIL, summary, cause, blame, hint, fixes, link)


def skip(summary: str, because: str) -> Finding:
    """Not asked, with the reason: not needed here, or what it rests on failed."""
    return Finding(Status.SKIP, summary, skipped_because=because)


def unknown(summary: str, *, cause: str, hint: str) -> Finding:
    """Asked, and the answer fits nothing we know: `cause` says what was tried, `hint` where to look."""
    return Finding(Status.UNKNOWN, summary, cause, Blame.US, hint)


def text(evidence: Evidence, name: str) -> str:
    """A text, "" where there is none."""
    value = evidence.get(name)
    return value if isinstance(value, str) else ""


def number(evidence: Evidence, name: str) -> float | None:
    """A number, None where there is none."""
    value = evidence.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(evidence: Evidence, name: str) -> bool:
    """Whether a field is exactly true."""
    return evidence.get(name) is True


def texts(evidence: Evidence, name: str) -> tuple[str, ...]:
    """A list of texts, empty where there is none."""
    value = evidence.get(name)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def place(evidence: Evidence) -> str:
    """The `folder` of a backend as a person reads it: where to type a command."""
    folder = text(evidence, "folder")
    return "the project's folder" if folder in {"", "."} else folder


def name_found(host: str, address: str) -> str:
    """What a lookup says where it succeeded; a number needs none."""
    return f"{host} is a number and needs no lookup." if host == address else f"{host} is {address}."
