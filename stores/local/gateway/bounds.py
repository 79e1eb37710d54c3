"""How much one caller may send and hold, and for how long. What a plan of Upstash's allows is in `limits.py`."""

from __future__ import annotations

import resource
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

_OWN_FILES: Final = 64
"""Descriptors that are no caller's: the listening socket, the loop's, Valkey's shared connections, modules."""

_FILES_OF_ONE: Final = 2
"""A caller's socket, and one to Valkey: a stream and a reply in RESP2 have a connection of their own."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes, counts and seconds. A test may set others.

    `head_bytes` holds the whole head: a value may stand in the path. A head must be complete `head_seconds` after its
    first byte, a body `body_seconds` after its head. A connection on which nothing happens ends after `idle_seconds`,
    longer than clients keep one, so that theirs is the side that closes. After `silence_seconds` without a reply from
    Valkey nothing is waited for any more, and a script that keeps it busy is ended.
    """

    head_bytes: int = 64 * 1024
    headers: int = 100
    head_seconds: float = 15.0
    body_seconds: float = 60.0
    idle_seconds: int = 75
    silence_seconds: float = 20.0
    connections: int = 1000
    connections_of_one: int = 500

    def fitted(self) -> Bounds:
        """With no more connections than this process may have files open, after raising that number where it can."""
        wanted = self.connections * _FILES_OF_ONE + _OWN_FILES
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft == resource.RLIM_INFINITY or soft >= wanted:
            return self
        return replace(self, connections=max(1, (soft - _OWN_FILES) // _FILES_OF_ONE))


class Callers:
    """Counts the connections that are open, by address."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._open: Counter[str] = Counter()

    def enter(self, peer: str) -> bool:
        """Count one more; False, uncounted, where there are too many from there or in all."""
        if self._open[peer] >= self._bounds.connections_of_one or self._open.total() >= self._bounds.connections:
            return False
        self._open[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        """One that was counted has ended."""
        self._open[peer] -= 1
        if not self._open[peer]:
            del self._open[peer]
