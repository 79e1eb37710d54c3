"""Durations in buckets that grow with them: small, quick to add to, and mergeable between processes.

Eight buckets for each doubling, from 1 µs to two minutes: a percentile is at most an eighth too high.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SUB: Final = 3
_MOST: Final = 2**27 - 1


def bucket_of(seconds: float) -> int:
    """The number of the bucket that counts this duration."""
    micros = min(max(int(seconds * 1e6), 0), _MOST)
    shift = max(0, micros.bit_length() - _SUB - 1)
    return (shift << _SUB) + (micros >> shift)


def upper_bound(bucket: int) -> float:
    """The longest duration that the bucket counts, in seconds."""
    shift = max(0, (bucket >> _SUB) - 1)
    return ((((bucket - (shift << _SUB)) + 1) << shift) - 1) / 1e6


class LatencyHistogram:
    """Counts durations; `snapshot` freezes it."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def add(self, seconds: float) -> None:
        """Count one duration."""
        bucket = bucket_of(seconds)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1

    def snapshot(self) -> Latency:
        """As it stands now."""
        return Latency(tuple(sorted(self._counts.items())))


@dataclass(frozen=True, slots=True)
class Latency:
    """A frozen histogram: (bucket, count), by bucket, empty buckets left out."""

    buckets: tuple[tuple[int, int], ...] = ()

    @property
    def count(self) -> int:
        """How many durations."""
        return sum(count for _, count in self.buckets)

    def percentile(self, fraction: float) -> float | None:
        """Seconds that so large a part (0 to 1) did not exceed; None where nothing was counted."""
        wanted = max(1, -int(-fraction * self.count // 1))
        seen = 0
        for bucket, count in self.buckets:
            seen += count
            if seen >= wanted:
                return upper_bound(bucket)
        return None

    def plus(self, other: Latency) -> Latency:
        """Both together."""
        return _summed((*self.buckets, *other.buckets))

    def since(self, earlier: Latency) -> Latency:
        """What came after `earlier`, which is a former snapshot of the same histogram."""
        return _summed((*self.buckets, *((bucket, -count) for bucket, count in earlier.buckets)))


NO_LATENCY: Final = Latency()


def _summed(parts: Iterable[tuple[int, int]]) -> Latency:
    counts: dict[int, int] = {}
    for bucket, count in parts:
        counts[bucket] = counts.get(bucket, 0) + count
    return Latency(tuple(sorted((bucket, count) for bucket, count in counts.items() if count > 0)))
