"""What was recognised in a pasted text, as values that hold no readable secret.

One name and value out of a pasted text, before it is known what it is for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.secret import Secret


class Written(StrEnum):
    """How a value was written, in words for the screen."""

    ENV_LINE = ".env line"
    ADDRESS = "address"
    PSQL = "psql command"
    REDIS_CLI = "redis-cli command"
    CURL = "curl command"
    JSON = "JSON"
    SNIPPET = "code snippet"
    TABLE = "table row"
    LABEL = "value under its name"
    TOKEN_LINE = "line of its own"  # noqa: S105 - words for the screen
    PARTS = "separate parts"
    FIELD = "field"


class Severity(StrEnum):
    """How much a finding matters: a note, something to look at, or a value that cannot be used."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Repair:
    """A mended value. It is in `Recognition.credentials` already; `preview` shows it masked, `label` what was done."""

    field: str
    label: str
    preview: str
    value: Secret


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found about a value, and what to do. `code` is stable; no text holds a secret."""

    code: str
    message: str
    cure: str
    severity: Severity
    field: str = ""
    line: int | None = None
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """One of the four values, where it came from, and how it is shown.

    `candidate` marks a value that may not be the right one and has to be tried first.
    """

    name: str
    line: int
    how: Written
    masked: str
    note: str = ""
    candidate: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another value that could stand for `name`, to be tried where the chosen one fails."""

    name: str
    value: Secret
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class FailedTest:
    """The variables that a test refused, and how many lines the text had by then: what follows them is newer."""

    names: frozenset[str] = frozenset()
    lines: int = 0


NOTHING_FAILED: Final = FailedTest()


class Ignored(NamedTuple):
    """A line from which nothing was taken, and why; the line itself is not repeated."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """The whole answer. Line numbers count from 1."""

    credentials: Credentials = field(default_factory=Credentials)
    fields: tuple[Recognised, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    findings: tuple[Problem, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The findings that stand in the way."""
        return tuple(p for p in self.findings if p.severity is Severity.ERROR)

    def found(self, name: str) -> Recognised | None:
        """How one of the four names was recognised."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Piece:
    """`name` as it was written, "" where none stood; the value may be anything, so it counts as secret.

    `stays_open` where a quote opens before the value and never closes.
    """

    name: str
    value: Secret
    line: int
    how: Written
    stays_open: bool = False
