"""The check: one question with a stable id, split into collecting (async, edge) and judging (pure)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from checks.finding import Evidence, Finding

if TYPE_CHECKING:
    from checks.services import Services

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that was run: what it found, on what evidence, and how long it took (milliseconds)."""

    check: Check
    finding: Finding
    evidence: Evidence
    duration_ms: float
