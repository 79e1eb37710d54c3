"""A fix on its way: what it will do, shown first; what it did; and what an undo needs to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Fix
from soundcheck.stores.project.trust import FolderProgram
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Intent
from soundcheck.wizard.progress import Reporter

UndoData: TypeAlias = Mapping[str, str]
"""What an undo needs, as JSON texts: paths and modes, never a value of the env file."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying it will do, before anything is done.

    `lines` are a masked difference or the exact action. `needed` is False where there is nothing to do. `undo` says
    how it can be taken back, "" where it cannot. `intent` goes through the guard where a store is written.
    """

    fix: Fix
    lines: tuple[str, ...]
    needed: bool = True
    undo: str = ""
    intent: Intent | None = None
    plan: object = None
    """What the executor made it from, so that it applies what was shown."""
    runs: tuple[FolderProgram, ...] = ()
    """What of the project's folder it would run: that takes a person's trust."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, in words; `undo` is None where it cannot be taken back."""

    lines: tuple[str, ...]
    undo: UndoData | None = None


@dataclass(frozen=True, slots=True)
class FixResult:
    """A fix that was applied, and what its check found afterwards (None where no check was named)."""

    fix: Fix
    applied: bool
    lines: tuple[str, ...]
    outcome: Outcome | None = None
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class Executor:
    """The one that carries out the fixes of an id.

    Each of the three raises the family of `stores.errors` in words. `preview` writes nothing; `apply` does what the
    preview showed, or refuses.
    """

    id: str
    preview: Callable[[Services, Fix, Reporter], Awaitable[Preview]]
    apply: Callable[[Services, Preview, Reporter], Awaitable[Applied]]
    undo: Callable[[Services, UndoData], Awaitable[str]] | None = None
    keeps: tuple[str, ...] = ()
    """Checks that must not fail because of it: where one did pass before and does not afterwards, it is undone."""
    must_pass: bool = False
    """Whether the check that offers it has to pass afterwards; else it is enough that it offers it no more."""
