"""L2 behind its breaker, with every request timed and every fault counted.

The circuit breaker before L2: after faults in a row it is left alone, then tried by one request at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from soundcheck.stores.cache.levels.shared_level import Done, Fault, Found, LevelFault, SharedLevel
from soundcheck.stores.cache.measured.latency import LatencyHistogram

_MOST_DOUBLINGS: Final = 4


class BreakerState(StrEnum):
    """`HALF_OPEN`: the pause is over, and one request at a time may try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Ask `allows` before each request, and tell `succeeded`, `failed` or `abandoned` after it.

    `now` is a monotonic clock in seconds. The pause doubles with each failed probe, up to 16 times.
    """

    def __init__(self, faults: int, pause: float, now: Callable[[], float]) -> None:
        self._limit = faults
        self._pause = pause
        self._now = now
        self._faults = 0
        self._failed_probes = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """As it stands now."""
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._now() < self._open_until else BreakerState.HALF_OPEN

    def allows(self) -> bool:
        """Whether a request may go out; in the half-open state only if no other is under way."""
        if self._open_until is None:
            return True
        if self._probing or self._now() < self._open_until:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """L2 answered."""
        self._faults = self._failed_probes = 0
        self._open_until = None
        self._probing = False

    def failed(self) -> None:
        """L2 did not answer, or not as Redis does."""
        self._faults += 1
        if self._open_until is not None:
            if not self._probing:  # sent while it was closed, and late to fail
                return
            self._probing = False
            self._failed_probes = min(self._failed_probes + 1, _MOST_DOUBLINGS)
        elif self._faults < self._limit:
            return
        self._open_until = self._now() + self._pause * 2**self._failed_probes

    def abandoned(self) -> None:
        """The request was cancelled, and tells nothing."""
        self._probing = False


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
