"""The vendor's refusals of a used-up plan, for tests: a gateway is told at its start to run out after some commands.

The local stack never sets one. Texts: upstash/docs `redis/troubleshooting/*`, and as the live service was seen to give
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from soundcheck.stores.local.gateway.answer import ErrorReply


class LimitKind(StrEnum):
    """What runs out."""

    REQUESTS = "requests"
    DAILY = "daily"
    STORAGE = "storage"
    CONNECTIONS = "connections"


_TEXTS: Final = {
    LimitKind.REQUESTS: "ERR max requests limit exceeded. Limit: {limit}, Usage: {used}. "
    "See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details",
    LimitKind.DAILY: "ERR max daily request limit exceeded. Limit: {limit}, Usage: {used}. "
    "See https://upstash.com/docs/redis/troubleshooting/max_daily_request_limit for details",
    LimitKind.STORAGE: "ERR DB capacity quota exceeded. Threshold: 268435456 bytes, Usage: 268979370 bytes.",
    LimitKind.CONNECTIONS: "ERR max concurrent connections exceeded",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """What runs out, and after how many commands."""

    kind: LimitKind
    after: int = 0


class Meter:
    """Counts commands against a limit."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._used = 0

    def refuse(self, *, needs_room: bool) -> ErrorReply | None:
        """Count one command; the refusal, or None. A full store still answers what needs no room: reads, deletes."""
        self._used += 1
        if self._used <= self._limit.after or (self._limit.kind is LimitKind.STORAGE and not needs_room):
            return None
        return ErrorReply(_TEXTS[self._limit.kind].format(limit=self._limit.after, used=self._used))
