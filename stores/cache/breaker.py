"""The circuit breaker before L2: after faults in a row it is left alone, then tried by one request at a time."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

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
