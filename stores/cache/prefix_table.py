"""The key table of the plan beside what was measured: one line a prefix. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stores.cache.applications import Applications, PrefixTraffic
from stores.cache.predicted import predicted_hit_rate
from stores.cache.prefix_sample import CacheSample, PrefixSample, is_ours
from stores.cache.settings import CacheSettings
from stores.keys import KeyRule

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
