"""The two-level cache, as applications import it: L1 in memory, L2 in Redis, the database behind both.

How to use it, and what of it stays as it is: docs/cache.md. Importing it loads no driver.
"""

from __future__ import annotations

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.cache.in_thread import SyncTwoLevelCache
from soundcheck.stores.cache.levels.guarded_level import BreakerState
from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Done, Fault, Found, LevelFault, SharedLevel
from soundcheck.stores.cache.measured.counters import CounterSnapshot, PrefixCounts, summed
from soundcheck.stores.cache.measured.fastest import FastestWay, Measured, fastest, ways
from soundcheck.stores.cache.measured.latency import Latency
from soundcheck.stores.cache.measured.publishing import Publisher
from soundcheck.stores.cache.problems import LoadGivenUp, LoadTimeout, ThreadStalled
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.two_level import TwoLevelCache
from soundcheck.stores.cache.uncacheable import NotCacheable
from soundcheck.stores.errors import CouldNotRun, SoundcheckError, UsageError
from soundcheck.stores.keys import KEY_PLAN, KeyedColumn, KeyRule, Shape, key_plan, keys_for_change, keys_for_row
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

__all__ = [
    "KEY_PLAN",
    "BreakerState",
    "CacheSettings",
    "ChannelEvent",
    "CouldNotRun",
    "CounterSnapshot",
    "Done",
    "FastestWay",
    "Fault",
    "Found",
    "KeyRule",
    "KeyedColumn",
    "Latency",
    "LevelFault",
    "LoadGivenUp",
    "LoadTimeout",
    "Measured",
    "NotCacheable",
    "PrefixCounts",
    "Publisher",
    "RespAddress",
    "RespLevel",
    "RestLevel",
    "RestUrl",
    "Secret",
    "Shape",
    "SharedLevel",
    "SoundcheckError",
    "SyncTwoLevelCache",
    "ThreadStalled",
    "TwoLevelCache",
    "UrlProblem",
    "UsageError",
    "fastest",
    "key_plan",
    "keys_for_change",
    "keys_for_row",
    "summed",
    "ways",
]
