"""What somebody chose on a check's page: what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from soundcheck.checks.finding import Fix
from soundcheck.wizard.step import StepId


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask this check once more."""


@dataclass(frozen=True, slots=True)
class Mend:
    """Look at a fix."""

    fix: Fix


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open Setup at the step that is complete only when this check passes."""

    step: StepId


@dataclass(frozen=True, slots=True)
class GoTo:
    """The check that stood in the way."""

    check_id: str


@dataclass(frozen=True, slots=True)
class Trust:
    """Say whether the folder is trusted, since the check would run something of it."""


@dataclass(frozen=True, slots=True)
class Accept:
    """Let a warning stay quiet until it says something else, or hear of it again."""

    again: bool = False


CheckChoice: TypeAlias = AskAgain | Mend | Reopen | GoTo | Trust | Accept
