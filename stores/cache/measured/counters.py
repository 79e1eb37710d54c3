"""What the cache did, counted by prefix of the key table and by level.

The law: every request ends in exactly one of L1 hit, L2 hit, load, coalesced, stale, failed.

About how many different keys were asked for, in little memory: the smallest hashes tell how dense they lie.

Estimator: Bar-Yossef et al., "Counting distinct elements in a data stream", 2002; with 256 hashes about 6 % off.

Which keys are loaded most often, in little memory.

The space-saving rule: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data
streams", 2005. A count is never too low, and too high by at most the smallest one kept.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from soundcheck.stores.cache.key_rule import KeyRules
from soundcheck.stores.cache.levels.guarded_level import BreakerState
from soundcheck.stores.cache.levels.shared_level import Fault
from soundcheck.stores.cache.measured.latency import NO_LATENCY, Latency, LatencyHistogram
from soundcheck.stores.keys import KeyRule

_HASHES_KEPT: Final = 256
_RANGE: Final = 1 << 64


class DistinctKeys:
    """Counts within the present stretch of time and the one before it; `turn` begins another."""

    __slots__ = ("_before", "_heap", "_kept")

    def __init__(self) -> None:
        self._before = 0
        self._heap: list[int] = []  # negated: the largest of the smallest comes first
        self._kept: set[int] = set()

    def add(self, key: str) -> None:
        """Somebody asked for it."""
        value = hash(key) & (_RANGE - 1)
        if value in self._kept:
            return
        if len(self._heap) < _HASHES_KEPT:
            heapq.heappush(self._heap, -value)
        elif value < -self._heap[0]:
            self._kept.discard(-heapq.heapreplace(self._heap, -value))
        else:
            return
        self._kept.add(value)

    @property
    def estimate(self) -> int:
        """Of the fuller one of the two stretches; exact below 256."""
        return max(self._before, self._present())

    def turn(self) -> None:
        """Begin another stretch."""
        self._before = self._present()
        self._heap.clear()
        self._kept.clear()

    def _present(self) -> int:
        if len(self._heap) < _HASHES_KEPT:
            return len(self._heap)
        return round((_HASHES_KEPT - 1) * _RANGE / -self._heap[0])


_MISSED_KEPT: Final = 128


class MissedKeys:
    """Counts until it is taken."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}  # key -> what was counted, and how much of it may belong to others

    def add(self, key: str) -> None:
        """A request for it went to the loader."""
        found = self._counts.get(key)
        if found is not None:
            found[0] += 1
        elif len(self._counts) < _MISSED_KEPT:
            self._counts[key] = [1, 0]
        else:
            rarest = min(self._counts, key=lambda one: self._counts[one][0])
            counted, _ = self._counts.pop(rarest)
            self._counts[key] = [counted + 1, counted]

    def take(self, most: int) -> tuple[tuple[str, int], ...]:
        """The keys that certainly missed twice or more, most often first; then begin again."""
        sure = [(key, counted - others) for key, (counted, others) in self._counts.items()]
        self._counts.clear()
        return tuple(sorted((one for one in sure if one[1] > 1), key=lambda one: (-one[1], one[0]))[:most])


OTHER: Final = "other"
_MOST_PREFIXES: Final = 64

_NUMBERS: Final = (
    "l1_hits", "l2_hits", "loads", "coalesced", "stale", "failed",
    "loader_calls", "loader_errors", "refreshes", "refused_fills", "unreadable", "drops",
)  # fmt: skip


class Tally:
    """The running numbers of one prefix; their meaning stands at `PrefixCounts`."""

    __slots__ = (*_NUMBERS, "keys", "l2_latency", "load_latency", "prefix")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.l1_hits = self.l2_hits = self.loads = self.coalesced = self.stale = self.failed = 0
        self.loader_calls = self.loader_errors = self.refreshes = self.refused_fills = self.unreadable = 0
        self.drops = 0
        self.keys = DistinctKeys()
        self.l2_latency = LatencyHistogram()
        self.load_latency = LatencyHistogram()

    def snapshot(self) -> PrefixCounts:
        """As it stands now."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return PrefixCounts(
            self.prefix,
            **numbers,
            keys=self.keys.estimate,
            l2_latency=self.l2_latency.snapshot(),
            load_latency=self.load_latency.snapshot(),
        )


@dataclass(frozen=True, slots=True)
class PrefixCounts:
    """The numbers of one prefix, as `user:{id}:settings`, since the process started, or of an interval.

    The first six are how requests ended: from L1; from L2; by a load of their own; by waiting for a load or read that
    another request had begun (`coalesced`); with a value past its time because nothing better came (`stale`); with an
    error, or given up by their caller (`failed`). A get of n keys is n requests.

    `loader_calls` counts the keys asked of loaders, refreshes in the background and late ones included;
    `loader_errors` those that failed; `refreshes` the ones begun in the background; `refused_fills` what was loaded
    before a drop and came after it; `unreadable` values of L2 that were no JSON; `drops` keys that were dropped or set.
    `keys` is about how many different keys were asked for in the last minutes, 0 where nobody counted: it is no running
    number. Latencies are of L2's reads and of loaders; an L1 hit is not timed, the clock would cost more than the hit.
    """

    prefix: str
    l1_hits: int = 0
    l2_hits: int = 0
    loads: int = 0
    coalesced: int = 0
    stale: int = 0
    failed: int = 0
    loader_calls: int = 0
    loader_errors: int = 0
    refreshes: int = 0
    refused_fills: int = 0
    unreadable: int = 0
    drops: int = 0
    keys: int = 0
    l2_latency: Latency = NO_LATENCY
    load_latency: Latency = NO_LATENCY

    @property
    def requests(self) -> int:
        """All requests that have ended."""
        return self.l1_hits + self.l2_hits + self.loads + self.coalesced + self.stale + self.failed

    @property
    def hit_rate(self) -> float | None:
        """The part answered by L1 or L2, 0 to 1; None without traffic. Coalesced and stale answers are no hits."""
        return (self.l1_hits + self.l2_hits) / self.requests if self.requests else None

    def plus(self, other: PrefixCounts) -> PrefixCounts:
        """Both together, under this one's prefix."""
        return self._changed(other, 1)

    def since(self, earlier: PrefixCounts) -> PrefixCounts:
        """What came after `earlier`, a former snapshot of the same process."""
        return self._changed(earlier, -1)

    def _changed(self, other: PrefixCounts, sign: int) -> PrefixCounts:
        numbers = {name: max(0, getattr(self, name) + sign * getattr(other, name)) for name in _NUMBERS}
        join = Latency.plus if sign > 0 else Latency.since
        return replace(
            self,
            **numbers,
            keys=max(self.keys, other.keys) if sign > 0 else self.keys,
            l2_latency=join(self.l2_latency, other.l2_latency),
            load_latency=join(self.load_latency, other.load_latency),
        )


@dataclass(frozen=True, slots=True)
class CounterSnapshot:
    """All counters of one process at one moment.

    `at` is the wall clock, `node` the process's random name, `started` when its cache was made. `prefixes` are sorted
    by name. Of L1: entries, capacity, evictions. Of L2: how it is spoken to ("" without L2), its breaker, requests
    sent, faults by kind, commands as the vendor bills them, latency of all requests. Drops: keys acknowledged by L2,
    keys that wait for it, keys given up. Of the invalidation line: up or not (None where there is none), how often it
    was lost, messages of others.
    """

    at: datetime
    started: datetime
    node: str
    prefixes: tuple[PrefixCounts, ...]
    l1_entries: int
    l1_capacity: int
    l1_evicted: int
    l2_name: str
    breaker: BreakerState
    l2_requests: int
    l2_faults: tuple[tuple[Fault, int], ...]
    l2_commands: int
    l2_latency: Latency
    dropped: int
    drops_pending: int
    drops_given_up: int
    line_up: bool | None
    line_lost: int
    messages: int

    @property
    def total(self) -> PrefixCounts:
        """All prefixes together, named ""."""
        return summed(self.prefixes)

    def since(self, earlier: CounterSnapshot) -> tuple[PrefixCounts, ...]:
        """The prefixes' numbers of the interval between two snapshots of one process."""
        before = {counts.prefix: counts for counts in earlier.prefixes}
        return tuple(
            counts.since(before[counts.prefix]) if counts.prefix in before else counts for counts in self.prefixes
        )


def summed(parts: Iterable[PrefixCounts]) -> PrefixCounts:
    """All together, named "": of one process, or of several."""
    total = PrefixCounts("")
    for counts in parts:
        total = total.plus(counts)
    return total


class Tallies:
    """The tally of each prefix; a bounded number of them, so that odd keys cannot fill the memory."""

    def __init__(self, plan: tuple[KeyRule, ...]) -> None:
        self.missed = MissedKeys()
        self._rules = KeyRules(plan)
        self._tallies: dict[str, Tally] = {}

    def of(self, key: str) -> Tally:
        """The tally that counts this key."""
        rule = self._rules.of(key)
        head, colon, _ = key.partition(":")
        prefix = rule.pattern if rule is not None else f"{head}:*" if colon and len(head) <= 40 else OTHER
        found = self._tallies.get(prefix)
        if found is None:
            if rule is None and len(self._tallies) >= _MOST_PREFIXES:
                prefix = OTHER
            found = self._tallies.setdefault(prefix, Tally(prefix))
        return found

    def turn(self) -> None:
        """Begin another stretch of time for counting different keys."""
        for tally in self._tallies.values():
            tally.keys.turn()

    def snapshot(self) -> tuple[PrefixCounts, ...]:
        """All prefixes that were asked for, by name."""
        return tuple(self._tallies[prefix].snapshot() for prefix in sorted(self._tallies))
