"""The hit rate that a TTL can reach with given traffic. Pure.

Each key is a renewal process: a load, a life that ends by its TTL or by a write, and the next read is a miss again
(Jung, Berger, Balakrishnan, "Modeling TTL-based Internet Caches", INFOCOM 2003). A cache that renews eagerly goes on
with a new life when a read falls into the last part of the old one.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, expm1
from typing import Final

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
