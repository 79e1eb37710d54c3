"""L2 behind its breaker, with every request timed and every fault counted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from stores.cache.breaker import Breaker, BreakerState
from stores.cache.latency import LatencyHistogram
from stores.cache.shared_level import Done, Fault, Found, LevelFault, SharedLevel

_LOG: Final = logging.getLogger(__name__)
_LEFT_ALONE: Final = LevelFault(Fault.UNREACHABLE, "left alone for a while after its faults")

T = TypeVar("T")


class GuardedLevel:
    """The same two requests as `SharedLevel`; answered with a fault at once while the breaker is open."""

    def __init__(self, level: SharedLevel, breaker: Breaker, now: Callable[[], float]) -> None:
        self.level = level
        self.requests = 0
        self.faults: dict[Fault, int] = {}
        self.latency = LatencyHistogram()
        self._breaker = breaker
        self._now = now

    @property
    def breaker(self) -> BreakerState:
        """How the breaker stands."""
        return self._breaker.state

    async def read(self, keys: Sequence[str], *, deadline: float) -> Found | LevelFault:
        """MGET; a reply with another number of values is a fault."""
        answer = await self._guarded(lambda: self.level.read(keys, deadline=deadline))
        if isinstance(answer, Found) and len(answer.values) != len(keys):
            return self._fault(LevelFault(Fault.GARBLED, "the reply holds another number of values"))
        return answer

    async def run(self, commands: Sequence[Sequence[str | int]], *, deadline: float) -> tuple[Done, ...] | LevelFault:
        """Commands in order, in one request."""
        answer = await self._guarded(lambda: self.level.run(commands, deadline=deadline))
        if isinstance(answer, tuple) and len(answer) != len(commands):
            return self._fault(LevelFault(Fault.GARBLED, "the reply holds another number of answers"))
        return answer

    async def _guarded(self, request: Callable[[], Awaitable[T | LevelFault]]) -> T | LevelFault:
        if not self._breaker.allows():
            return _LEFT_ALONE
        self.requests += 1
        started = self._now()
        told = False
        try:
            answer = await request()
            self.latency.add(self._now() - started)
            told = True
        except Exception as failure:  # noqa: BLE001 - a defect of a level must not take the application down
            _LOG.warning("L2 raised %s instead of returning a fault", type(failure).__name__)
            answer, told = LevelFault(Fault.GARBLED, f"it raised {type(failure).__name__}"), True
        finally:
            if not told:
                self._breaker.abandoned()
        if isinstance(answer, LevelFault):
            self._fault(answer)
        else:
            self._breaker.succeeded()
        return answer

    def _fault(self, fault: LevelFault) -> LevelFault:
        self.faults[fault.fault] = self.faults.get(fault.fault, 0) + 1
        self._breaker.failed()
        return fault
