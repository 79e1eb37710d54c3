"""Counters, histograms, the breaker, and the way from a key to its prefix."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.cache import BreakerState, CounterSnapshot, PrefixCounts, summed
from soundcheck.stores.cache.key_rule import KeyRules
from soundcheck.stores.cache.levels.guarded_level import Breaker
from soundcheck.stores.cache.measured.counters import Tallies
from soundcheck.stores.cache.measured.latency import NO_LATENCY, Latency, LatencyHistogram, bucket_of, upper_bound
from soundcheck.stores.keys import KEY_PLAN

RULES = KeyRules(KEY_PLAN)


@pytest.mark.parametrize("rule", KEY_PLAN, ids=lambda rule: rule.pattern)
def test_every_key_of_the_table_finds_its_own_line(rule) -> None:  # type: ignore[no-untyped-def]
    for value in ("7", "clx123", "7d3e-44", "ü x"):
        assert RULES.of(rule.key(value)) is rule


@pytest.mark.parametrize("key", ["user:", "user:7:", "user:7:friends", "user:7:8:settings", "users:7", "7", "", ":"])
def test_a_key_of_another_kind_has_no_line(key: str) -> None:
    assert RULES.of(key) is None


def test_a_search_may_hold_colons() -> None:
    rule = RULES.of("search:artist:abba: live")
    assert rule is not None
    assert rule.pattern == "search:{query}"


def test_odd_keys_do_not_fill_the_memory_with_prefixes() -> None:
    tallies = Tallies(KEY_PLAN)
    for number in range(10_000):
        tallies.of(f"kind{number}:1").loads += 1
    counts = tallies.snapshot()
    assert len(counts) < 100
    assert sum(one.loads for one in counts) == 10_000
    assert {"other", "kind0:*"} <= {one.prefix for one in counts}


def test_the_plans_prefixes_are_kept_apart_even_after_many_odd_ones() -> None:
    tallies = Tallies(KEY_PLAN)
    for number in range(1000):
        tallies.of(f"kind{number}:1")
    assert tallies.of("user:1:settings").prefix == "user:{id}:settings"


durations = st.floats(0, 100, allow_nan=False)


@given(durations)
def test_a_duration_is_at_most_an_eighth_below_its_buckets_bound(seconds: float) -> None:
    bound = upper_bound(bucket_of(seconds))
    assert int(seconds * 1e6) / 1e6 <= bound + 1e-9
    assert bound <= seconds * 1.125 + 2e-6


def test_buckets_follow_one_another_without_a_gap() -> None:
    bounds = [upper_bound(bucket) for bucket in range(200)]
    assert bounds == sorted(set(bounds))
    for bucket in range(199):
        assert bucket_of(bounds[bucket] + 1.01e-6) == bucket + 1


def of(*seconds: float) -> Latency:
    histogram = LatencyHistogram()
    for one in seconds:
        histogram.add(one)
    return histogram.snapshot()


@given(st.lists(durations, max_size=30), st.lists(durations, max_size=30))
def test_histograms_merge_and_their_difference_is_the_interval(first: list[float], second: list[float]) -> None:
    assert of(*first).plus(of(*second)) == of(*first, *second)
    assert of(*first, *second).since(of(*first)) == of(*second)


def test_percentiles_are_of_what_was_counted() -> None:
    latency = of(*(number / 1000 for number in range(1, 101)))
    for fraction in (0.5, 0.95, 0.99, 1.0):
        assert fraction * 0.1 <= (latency.percentile(fraction) or 0) <= fraction * 0.1125
    assert NO_LATENCY.percentile(0.5) is None
    assert of(0.0).percentile(0.5) == 0.0
    assert of(1e9, -1.0).count == 2


def counts(prefix: str, **numbers: int) -> PrefixCounts:
    return replace(PrefixCounts(prefix), **numbers)  # type: ignore[arg-type]


def snapshot(*prefixes: PrefixCounts) -> CounterSnapshot:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return CounterSnapshot(
        moment, moment, "node", prefixes, 0, 1000, 0, "REST", BreakerState.CLOSED, 0, (), 0, NO_LATENCY, 0, 0, 0, True,
        0, 0,
    )  # fmt: skip


def test_requests_are_the_sum_of_how_they_ended() -> None:
    one = counts("user:{id}", l1_hits=1, l2_hits=2, loads=4, coalesced=8, stale=16, failed=32, loader_calls=100)
    assert one.requests == 63
    assert one.hit_rate == pytest.approx(3 / 63)
    assert counts("user:{id}").hit_rate is None


def test_an_interval_is_the_difference_and_a_new_prefix_is_whole() -> None:
    before = snapshot(counts("user:{id}", l1_hits=5))
    after = snapshot(counts("search:{query}", loads=3), counts("user:{id}", l1_hits=7, loads=1))
    assert after.since(before) == (counts("search:{query}", loads=3), counts("user:{id}", l1_hits=2, loads=1))
    assert after.total == counts("", l1_hits=7, loads=4)
    assert summed([]).hit_rate is None


def test_a_breaker_opens_after_faults_in_a_row_only() -> None:
    breaker = Breaker(3, 2.0, lambda: 0.0)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    assert breaker.state is BreakerState.OPEN
    assert not breaker.allows()


def test_an_open_breaker_lets_one_try_at_a_time_and_waits_longer_after_each() -> None:
    now = 0.0
    breaker = Breaker(1, 2.0, lambda: now)
    breaker.failed()
    waits = []
    for _ in range(7):
        start = now
        while not breaker.allows():
            now += 1.0
        waits.append(now - start)
        assert breaker.state is BreakerState.HALF_OPEN
        assert not breaker.allows()
        breaker.failed()
    assert waits == [2, 4, 8, 16, 32, 32, 32]
    now += 100
    assert breaker.allows()
    breaker.abandoned()
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED


def test_late_faults_of_requests_sent_before_do_not_prolong_the_pause() -> None:
    now = 0.0
    breaker = Breaker(1, 2.0, lambda: now)
    breaker.failed()
    now = 1.9
    breaker.failed()
    now = 2.0
    assert breaker.allows()


def test_importing_the_cache_loads_no_driver() -> None:
    code = "import sys, stores.cache; print([m for m in ('httpx', 'redis', 'psycopg', 'textual') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
