"""The check: one question with a stable id, split into collecting (async, edge) and judging (pure).

All checks by their id: one registry for the wizard, the Checks screen, `doctor` and the fixes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from soundcheck.checks.explanation import Explanations
from soundcheck.checks.finding import Evidence, Finding
from soundcheck.stores.errors import UsageError

if TYPE_CHECKING:
    from soundcheck.stores.services import Services


T = TypeVar("T")


class Group(StrEnum):
    """Where a check is shown, in this order."""

    FILES = "files"
    DATABASE = "database"
    CACHE = "cache"
    PRISMA = "prisma"
    MACHINE = "machine"


class Context:
    """One run of checks: the services, and work that several checks share, done once.

    The layers of one connection (DNS, TCP, TLS, authentication, query) are several checks over one probe, so that a
    black hole costs its deadline once.
    """

    def __init__(self, services: Services, note: Callable[[str, str], None] = lambda _check, _text: None) -> None:
        """`note` takes a check's id and something to say while it is still at work."""
        self.services = services
        self.note = note
        self._shared: dict[str, object] = {}
        self._closing = AsyncExitStack()

    def share(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returned the first time this name was asked for in this run."""
        if name not in self._shared:
            self._shared[name] = make()
        return self._shared[name]  # type: ignore[return-value]

    def at_end(self, close: Callable[[], Awaitable[object]]) -> None:
        """Have `close` awaited once the run is over or was cancelled, the latest first."""
        self._closing.push_async_callback(close)

    async def aclose(self) -> None:
        """The end of the run: everything handed to `at_end`."""
        await self._closing.aclose()


Collect = Callable[[Context], Awaitable[Evidence]]
Judge = Callable[[Evidence], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `requires` names checks that must be ok or warn before it makes sense; `deadline` is in seconds."""

    id: str
    group: Group
    title: str
    """A positive fact: "the port answers", not "port check"."""
    collect: Collect
    judge: Judge
    requires: tuple[str, ...] = ()
    deadline: float = 10.0
    endings: Explanations = field(default_factory=dict, repr=False, compare=False)
    """The rows of the table of its area that it can end with, for `doctor --explain`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that was run: what it found, on what evidence, and how long it took (milliseconds).

    `started_at` is in UTC: when it began, or when it was known that it would be skipped; None where no run noted it.
    """

    check: Check
    finding: Finding
    evidence: Evidence
    duration_ms: float
    started_at: datetime | None = None


class Registry:
    """An ordered, closed set of checks whose `requires` all resolve without a cycle (ValueError otherwise)."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks: dict[str, Check] = {}
        for check in checks:
            if check.id in self._checks:
                raise ValueError(f"two checks are called {check.id}")
            missing = [name for name in check.requires if name not in self._checks]
            if missing:
                raise ValueError(f"{check.id} requires {missing[0]}, which does not stand before it")
            self._checks[check.id] = check

    def __iter__(self) -> Iterator[Check]:
        return iter(self._checks.values())

    def __getitem__(self, check_id: str) -> Check:
        return self._checks[check_id]

    def __contains__(self, check_id: str) -> bool:
        return check_id in self._checks

    def select(self, ids: Iterable[str]) -> list[Check]:
        """The named checks and all they require, in order. A name may be a group's prefix, as `database`.

        Raises `UsageError` for a name that fits nothing.
        """
        wanted: set[str] = set()
        for name in ids:
            hits = [c for c in self if c.id == name or c.id.startswith(f"{name}.")]
            if not hits:
                known = ", ".join(self._checks)
                raise UsageError(f"There is no check called {name!r}.", f"Known checks: {known}.")
            for check in hits:
                self._with_requirements(check, wanted)
        return [check for check in self if check.id in wanted]

    def _with_requirements(self, check: Check, into: set[str]) -> None:
        if check.id in into:
            return
        into.add(check.id)
        for name in check.requires:
            self._with_requirements(self._checks[name], into)
