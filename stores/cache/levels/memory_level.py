"""L1: the values that this process has at hand, the least recently used given up first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from soundcheck.stores.cache.measured.counters import Tally


@dataclass(slots=True)
class Entry:
    """One value, None included. Times are of the cache's monotonic clock.

    Until `fresh_until` it is served without a second look; from then until `expires` it is served, and refreshed in
    the background; until `stale_until` only when nothing else answers. `began` is a moment at which the value was
    certainly not yet superseded by what we do not know of: before its read or load. `marker` is what L2 held beside
    the key then; None where L2 was not read.
    """

    value: Any
    fresh_until: float
    expires: float
    stale_until: float
    began: float
    marker: str | None
    tally: Tally


class MemoryLevel:
    """At most `capacity` entries. `entries` is read directly on the path of a hit; all else goes through here."""

    __slots__ = ("capacity", "entries", "evicted")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        self.evicted = 0

    def store(self, key: str, entry: Entry) -> None:
        """Keep it as the most recently used."""
        entries = self.entries
        entries[key] = entry
        entries.move_to_end(key)
        if len(entries) > self.capacity:
            entries.popitem(last=False)
            self.evicted += 1

    def drop(self, key: str) -> None:
        """Forget the key, stale value included."""
        self.entries.pop(key, None)

    def drop_if(self, key: str, entry: Entry) -> None:
        """Forget the key unless it holds something newer than `entry`."""
        if self.entries.get(key) is entry:
            del self.entries[key]

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
