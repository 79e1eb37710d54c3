"""One long write, whoever starts it: the guard before it, what it says while it works, what a stop leaves behind.

A command runs it to its end or to ctrl+c; a screen runs it in a worker that Esc cancels. Either way the person is told
what the stop has left, for that is what they want to know then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from soundcheck.wizard.guard import Consent, Intent, decide
from soundcheck.wizard.progress import Mark, Progress, Reporter

T = TypeVar("T")

TOLD_EVERY: Final = 10_000
"""Rows between two lines of a tally."""


class LeftByStop(StrEnum):
    """What a stop, or a failure, half-way leaves behind, as it is said."""

    NOTHING = "Nothing was changed."
    """All of it is one transaction."""
    ITS_BEGINNING = "What is done stays; started again it goes on from there."
    """It keeps where it stands, and the same job takes that up."""


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """`title` is what is done, as in "Filling the tables". `work` does it and may be cancelled at any await.

    `earlier` looks for what a run before this one left half done, in words; "" where there is nothing.
    """

    title: str
    intent: Intent
    work: Callable[[Reporter], Awaitable[T]]
    left: LeftByStop
    earlier: Callable[[], Awaitable[str]] | None = None


async def run_job(job: Job[T], consent: Consent, report: Reporter) -> T:
    """Take it past the guard and do it. Raises `Refused` where consent lacks, and whatever the work raises.

    Where it is cancelled it says what is left, and is cancelled.
    """
    decide(job.intent, consent).or_refuse()
    if job.earlier is not None and (found := await job.earlier()):
        report(Progress(found, Mark.INFO))
    try:
        return await job.work(report)
    except asyncio.CancelledError:
        report(Progress(f"{job.title} was stopped. {job.left}", Mark.WARN))
        raise


class JobTally:
    """Rows of one table, or of one file, as they go by: a line at the start, one now and then, one at the end."""

    def __init__(self, report: Reporter, name: str, expected: int | None = None) -> None:
        self._report = report
        self._name = name
        self._of = "" if expected is None else f" of about {expected:,}"
        self._started = time.perf_counter()
        self.number = 0
        """Rows so far."""
        self._say(f"{name}: about {expected:,} rows" if expected is not None else name, Mark.RUNNING)

    def count(self) -> None:
        """One more."""
        self.number += 1
        if self.number % TOLD_EVERY == 0:
            self._say(f"{self._name}: {self.number:,}{self._of} rows", Mark.RUNNING)

    def end(self) -> None:
        """All are through."""
        took = (time.perf_counter() - self._started) * 1000
        self._report(Progress(f"{self._name}: {self.number:,} rows", Mark.OK, self._name, took))

    def _say(self, text: str, mark: Mark) -> None:
        self._report(Progress(text, mark, self._name))
