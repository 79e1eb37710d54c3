"""An event loop whose clock jumps to the next timer: hours of waiting in milliseconds, the same way each time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class _NeverWaits(selectors.SelectSelector):
    """Instead of waiting it moves the loop's clock on."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing is due")
        self.loop.moment += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`moment` is its time in seconds, from 0."""

    def __init__(self) -> None:
        selector = _NeverWaits()
        self.moment = 0.0
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self.moment


class VirtualClock:
    """The loop's time as a clock; `skew` is how many seconds its wall clock is wrong."""

    def __init__(self, skew: float = 0.0) -> None:
        self._skew = skew
        self._loop = asyncio.get_running_loop()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._loop.time() + self._skew)

    def monotonic(self) -> float:
        return self._loop.time()


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
