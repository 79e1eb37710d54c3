"""The two-level cache that an application imports: L1 in its memory, L2 in Redis, the database behind both.

How to use it: docs/cache.md. Importing it loads no driver.
"""

from __future__ import annotations

from soundcheck.stores.cache.levels.guarded_level import BreakerState
from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Done, Fault, Found, LevelFault, SharedLevel
from soundcheck.stores.cache.measured.counters import CounterSnapshot, PrefixCounts, summed
from soundcheck.stores.cache.measured.latency import Latency
from soundcheck.stores.cache.problems import LoadGivenUp, LoadTimeout
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.two_level import TwoLevelCache
from soundcheck.stores.cache.uncacheable import NotCacheable

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
