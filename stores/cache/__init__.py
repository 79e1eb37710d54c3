"""The two-level cache that an application imports: L1 in its memory, L2 in Redis, the database behind both.

How to use it: docs/cache.md. Importing it loads no driver.
"""

from __future__ import annotations

from stores.cache.breaker import BreakerState
from stores.cache.counters import CounterSnapshot, PrefixCounts, summed
from stores.cache.latency import Latency
from stores.cache.problems import LoadGivenUp, LoadTimeout
from stores.cache.settings import CacheSettings
from stores.cache.shared_level import ChannelEvent, Done, Fault, Found, LevelFault, SharedLevel
from stores.cache.two_level import TwoLevelCache
from stores.cache.uncacheable import NotCacheable

__all__ = [
    "BreakerState",
    "CacheSettings",
    "ChannelEvent",
    "CounterSnapshot",
    "Done",
    "Fault",
    "Found",
    "Latency",
    "LevelFault",
    "LoadGivenUp",
    "LoadTimeout",
    "NotCacheable",
    "PrefixCounts",
    "SharedLevel",
    "TwoLevelCache",
    "summed",
]
