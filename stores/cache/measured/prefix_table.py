"""The key table of the plan beside what was measured: one line a prefix. Pure.

The hit rate that a TTL can reach with given traffic. Pure.

Each key is a renewal process: a load, a life that ends by its TTL or by a write, and the next read is a miss again
(Jung, Berger, Balakrishnan, "Modeling TTL-based Internet Caches", INFOCOM 2003). A cache that renews eagerly goes on
with a new life when a read falls into the last part of the old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, expm1
from typing import Final

from soundcheck.stores.cache.measured.applications import Applications, PrefixTraffic
from soundcheck.stores.cache.measured.prefix_sample import CacheSample, PrefixSample, is_ours
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.keys import KeyRule

SKEW: Final = 0.8
"""Zipf's exponent over the keys of a prefix. An assumption: counting every key would cost more than it tells."""

_EXACT: Final = 64
_GROWTH: Final = 1.05


def key_hit_rate(reads: float, writes: float, ttl: float, renew_at: float = 1.0) -> float:
    """The part of reads that hit, 0 to 1, of one key with so many reads and writes a second; `ttl` is seconds.

    `renew_at` is the part of its life after which a read renews it; 1 for a cache that does not.
    """
    if reads <= 0 or ttl <= 0:
        return 0.0
    until = ttl * renew_at
    quiet = reads * (until if writes <= 0 else -expm1(-writes * until) / writes)
    both = reads + writes
    renewed = exp(-writes * until) * reads / both * -expm1(-both * (ttl - until))
    if renewed >= 1.0:
        return 1.0
    hits = (quiet + renewed) / (1.0 - renewed)
    return hits / (1.0 + hits)


def predicted_hit_rate(
    keys: int, reads: float, writes: float, ttl: float, *, renew_at: float = 1.0, skew: float = SKEW
) -> float | None:
    """The hit rate of `keys` keys that share so many reads and writes a second by Zipf's law; None without traffic."""
    if keys < 1 or reads <= 0:
        return None
    groups = list(_ranks(keys))
    weights = [(number, float(rank**-skew)) for rank, number in groups]
    total = sum(number * weight for number, weight in weights)
    return sum(
        number * weight / total * key_hit_rate(reads * weight / total, writes * weight / total, ttl, renew_at)
        for number, weight in weights
    )


def _ranks(keys: int) -> Iterator[tuple[float, int]]:
    """Ranks, the far ones in groups under their middle: a million keys are as quick as a thousand."""
    rank = 1
    while rank <= keys:
        width = 1 if rank <= _EXACT else min(keys - rank + 1, int(rank * (_GROWTH - 1)) + 1)
        yield rank + (width - 1) / 2, width
        rank += width


TARGET: Final = 0.8
"""The plan's hit rate."""

_WORTH: Final = 20
"""Requests below which a rate is chance, and no prefix is called the lowest."""


@dataclass(frozen=True, slots=True)
class PrefixLine:
    """One prefix; None where nothing is known. `ttl` is the plan's, in seconds, None for a prefix not in it.

    `predicted` is the hit rate that the TTL reaches with the measured traffic, by Zipf's law over the keys.
    """

    prefix: str
    ttl: int | None
    traffic: PrefixTraffic | None
    predicted: float | None
    sample: PrefixSample | None

    @property
    def hit_rate(self) -> float | None:
        """Measured; None without traffic."""
        return self.traffic.counts.hit_rate if self.traffic is not None else None

    @property
    def outlives_plan(self) -> bool:
        """Whether a key has longer to live than the plan gives it, or for ever."""
        sample = self.sample
        if sample is None or self.ttl is None:
            return False
        return sample.endless > 0 or bool(sample.lives and sample.lives[-1] > self.ttl + 1)


def prefix_lines(
    plan: Sequence[KeyRule], applications: Applications | None, sample: CacheSample | None
) -> tuple[PrefixLine, ...]:
    """The plan's prefixes in its order, then others that were seen."""
    ttls: dict[str, int | None] = {rule.pattern: rule.ttl for rule in plan}
    traffic = {one.prefix: one for one in applications.traffic} if applications is not None else {}
    sampled = [one.prefix for one in sample.prefixes if not is_ours(one.prefix)] if sample is not None else []
    for name in (*traffic, *sampled):
        ttls.setdefault(name, None)
    return tuple(
        PrefixLine(
            name, ttl, traffic.get(name), _predicted(traffic.get(name), ttl), sample.of(name) if sample else None
        )
        for name, ttl in ttls.items()
    )


def lowest(lines: Sequence[PrefixLine], most: int = 3) -> tuple[PrefixLine, ...]:
    """Those that hit least often, among those with enough requests to say so; only below the plan's target."""
    known = [
        (line.hit_rate, line)
        for line in lines
        if line.hit_rate is not None and line.traffic is not None and line.traffic.counts.requests >= _WORTH
    ]
    below = sorted((one for one in known if one[0] < TARGET), key=lambda one: one[0])
    return tuple(line for _, line in below[:most])


def _predicted(traffic: PrefixTraffic | None, ttl: int | None) -> float | None:
    if traffic is None or not traffic.keys:
        return None
    settings = CacheSettings()
    life = (ttl or settings.default_ttl) * (1 - settings.jitter / 2)
    return predicted_hit_rate(
        traffic.keys,
        traffic.requests_per_second,
        traffic.drops_per_second,
        life,
        renew_at=settings.refresh_at,
    )
