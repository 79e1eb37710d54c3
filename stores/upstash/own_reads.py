"""How many of the server's hits and misses are our own, so that looking at the cache does not change its hit rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.stores.upstash.reply import Reply, ReplyValue

_NULL_IS_MISS: Final = frozenset({"GET", "GETEX", "GETDEL", "DUMP"})
_ZERO_IS_MISS: Final = frozenset({"STRLEN", "LLEN", "SCARD", "HLEN", "ZCARD", "XLEN"})
_EMPTY_IS_MISS: Final = frozenset({"HGETALL", "LRANGE", "SMEMBERS", "ZRANGE", "HKEYS", "HVALS", "XRANGE", "GETRANGE"})
_GONE_IS_MISS: Final = frozenset({"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"})
_GONE: Final = -2
"""What the TTL family answers for a key that is not there."""


def reads_of(arguments: Sequence[str], value: ReplyValue) -> tuple[int, int]:
    """Hits and misses that a successful command adds to `keyspace_hits` and `keyspace_misses`; (0, 0) for a write.

    Counted as Valkey 9 counts them; commands that are not listed count as none.
    """
    name = arguments[0].upper() if arguments else ""
    if name == "MGET":
        found = sum(item is not None for item in value) if isinstance(value, list) else 0
        return found, len(arguments) - 1 - found
    if name in {"EXISTS", "TOUCH"}:
        found = value if isinstance(value, int) else 0
        return found, max(0, len(arguments) - 1 - found)
    if name in _NULL_IS_MISS:
        missed = value is None
    elif name in _ZERO_IS_MISS:
        missed = value == 0
    elif name in _EMPTY_IS_MISS:
        missed = not value
    elif name in _GONE_IS_MISS:
        missed = value == _GONE
    elif name == "TYPE":
        missed = value == "none"
    else:
        return 0, 0
    return (0, 1) if missed else (1, 0)


class ReadTally:
    """Running totals of our own commands, hits and misses; several clients of one process may share it."""

    __slots__ = ("commands", "hits", "misses")

    def __init__(self) -> None:
        self.commands = 0
        self.hits = 0
        self.misses = 0

    def add(self, arguments: Sequence[str], reply: Reply) -> None:
        """Count one command that was sent."""
        self.commands += 1
        if reply.ok:
            hits, misses = reads_of(arguments, reply.value)
            self.hits += hits
            self.misses += misses
