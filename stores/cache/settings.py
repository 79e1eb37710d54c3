"""What can be set on the two-level cache, with the plan's values as defaults."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.stores.cache.versioned_writes import FILL_WINDOW
from soundcheck.stores.errors import UsageError
from soundcheck.stores.keys import KEY_PLAN, KeyRule


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """All times are seconds. Raises `UsageError` for values that contradict each other."""

    l1_entries: int = 1000
    l1_life: float = 30.0
    """The longest that L1 keeps a value as fresh, counted from before it was read: the bound on what a lost
    invalidation can cost."""
    default_ttl: float = 300.0
    """For keys that the plan does not name."""
    negative_ttl: float = 20.0
    """How long "there is no such row" (None) is believed."""
    jitter: float = 0.1
    """A life is shortened by a random part of up to this: what was loaded together does not expire together."""
    refresh_at: float = 0.8
    """The part of its TTL after which a value that is asked for is renewed in the background; 1 switches it off."""
    grace: float = 300.0
    """How long after its end an L1 entry may still be served when neither L2 nor the loader can answer in time."""
    l2_soft: float = 0.05
    """How long a caller with a stale value at hand waits for L2."""
    l2_hard: float = 0.25
    load_soft: float = 0.2
    """How long a caller with a stale value at hand waits for the loader."""
    load_hard: float = 5.0
    """How long any caller waits for the loader. The load itself goes on, and a late result is still stored."""
    breaker_faults: int = 5
    """So many faults of L2 in a row, and it is left alone."""
    breaker_pause: float = 2.0
    """For so long, doubled by each failed probe up to 16 times."""
    pending_drops: int = 10_000
    """How many keys may wait for L2 to come back; beyond it the oldest is given up, and counted."""
    channel: str = "soundcheck:drops"
    """The channel of the invalidation messages; "" does without them."""
    plan: tuple[KeyRule, ...] = KEY_PLAN

    def __post_init__(self) -> None:
        times = (self.l1_life, self.default_ttl, self.l2_soft, self.l2_hard, self.load_soft, self.load_hard)
        if min(times) <= 0 or min(self.negative_ttl, self.grace) < 0:
            raise UsageError("A time of the cache settings is not positive.", "Give seconds above 0.")
        if self.l1_entries < 1 or self.pending_drops < 1 or self.breaker_faults < 1:
            raise UsageError("A number of the cache settings is below 1.", "Give at least 1.")
        if not 0 <= self.jitter < 1 or not 0 < self.refresh_at <= 1:
            raise UsageError("jitter is 0 to below 1, refresh_at above 0 to 1.", "Leave them at 0.1 and 0.8.")
        if self.l2_hard + self.load_hard > FILL_WINDOW:
            raise UsageError(
                f"l2_hard and load_hard are more than {FILL_WINDOW:g} s together.",
                "A result that takes longer cannot be told from one older than a drop.",
            )
