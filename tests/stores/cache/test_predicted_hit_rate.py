"""The predicted hit rate is that of a simulated cache with the same traffic, and what it rests on is counted well."""

from __future__ import annotations

import heapq
import random

import pytest

from soundcheck.stores.cache.measured.counters import DistinctKeys, MissedKeys
from soundcheck.stores.cache.measured.prefix_table import SKEW, key_hit_rate, predicted_hit_rate


def simulated(keys: int, reads: float, writes: float, ttl: float, renew_at: float, requests: int = 120_000) -> float:
    """Reads and writes as Poisson streams over Zipf keys; the first half only fills the cache."""
    source = random.Random(7)
    weights = [(rank + 1) ** -SKEW for rank in range(keys)]
    picks = source.choices(range(keys), weights, k=requests)
    made: dict[int, float] = {}
    now, hits, counted = 0.0, 0, 0
    for number, key in enumerate(picks):
        now += source.expovariate(reads + writes)
        if source.random() * (reads + writes) < writes:
            made.pop(key, None)
            continue
        age = now - made.get(key, float("-inf"))
        if number > requests // 2:
            counted += 1
            hits += age < ttl
        if age >= ttl * renew_at:
            made[key] = now
    return hits / counted


@pytest.mark.parametrize("renew_at", [1.0, 0.8])
@pytest.mark.parametrize(("reads", "writes", "ttl"), [(50.0, 0.0, 60.0), (20.0, 2.0, 120.0), (5.0, 0.5, 60.0)])
def test_it_agrees_with_a_simulation(reads: float, writes: float, ttl: float, renew_at: float) -> None:
    predicted = predicted_hit_rate(400, reads, writes, ttl, renew_at=renew_at)
    assert predicted == pytest.approx(simulated(400, reads, writes, ttl, renew_at), abs=0.02)


def test_more_traffic_or_a_longer_life_hits_more_and_writes_hit_less() -> None:
    assert key_hit_rate(1.0, 0.0, 10.0) == pytest.approx(10 / 11)
    assert key_hit_rate(2.0, 0.1, 10.0) > key_hit_rate(1.0, 0.1, 10.0) > key_hit_rate(1.0, 0.5, 10.0)
    assert key_hit_rate(1.0, 0.1, 20.0) > key_hit_rate(1.0, 0.1, 10.0)
    assert key_hit_rate(1e9, 0.0, 3600.0, 0.8) <= 1.0


def test_without_traffic_nothing_is_predicted() -> None:
    assert predicted_hit_rate(100, 0.0, 0.0, 60.0) is None
    assert predicted_hit_rate(0, 10.0, 0.0, 60.0) is None
    assert predicted_hit_rate(10_000_000, 1000.0, 1.0, 300.0) is not None


def test_different_keys_are_counted_exactly_while_few_and_closely_when_many() -> None:
    keys = DistinctKeys()
    for number in [*range(200), *range(200)]:
        keys.add(f"user:{number}")
    assert keys.estimate == 200
    for number in range(50_000):
        keys.add(f"user:{number}")
    assert keys.estimate == pytest.approx(50_000, rel=0.35)
    keys.turn()
    keys.add("user:1")
    assert keys.estimate == pytest.approx(50_000, rel=0.35), "the stretch before still counts"
    keys.turn()
    assert keys.estimate == 1


def test_the_most_missed_keys_are_found_among_many() -> None:
    missed = MissedKeys()
    for number in range(5000):
        missed.add(f"once:{number}")
        if number % 10 == 0:
            missed.add("often")
    found = missed.take(3)
    assert found[0][0] == "often"
    assert 400 <= found[0][1] <= 500
    assert heapq.nlargest(1, missed.take(3)) == []
