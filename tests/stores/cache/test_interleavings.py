"""After an acknowledged drop no reader sees the older value, whatever comes between. And every request is counted once.

A failing seed is played again by `violations(play(seed))`. For more seeds: `SOUNDCHECK_SEEDS=20000`.
"""

import logging
import os
from collections.abc import Callable
from typing import Any

import pytest
from interleaving import play, violations

from soundcheck.stores.cache.dropping import Dropping
from soundcheck.stores.cache.levels.memory_level import MemoryLevel
from soundcheck.stores.cache.single_flight import Flights
from soundcheck.stores.cache.two_level import TwoLevelCache

SEEDS = int(os.environ.get("SOUNDCHECK_SEEDS", "400"))
PARTS = 4
ENOUGH = 400
"""Seeds in which a defect must show; the usual one shows within the first twenty."""


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_reads_what_was_dropped_and_everything_is_counted(part: int) -> None:
    for seed in range(part, SEEDS, PARTS):
        assert violations(play(seed)) == [], f"seed {seed}"


def test_the_histories_hold_every_way_a_request_can_end() -> None:
    together: dict[str, int] = {}
    for seed in range(40):
        for name, number in play(seed).sources.items():
            together[name] = together.get(name, 0) + number
    assert set(together) == {
        "l1_hits", "l2_hits", "loads", "coalesced", "stale", "failed", "refused_fills", "refreshes"
    }  # fmt: skip
    assert min(together.values()) > 0, together


def test_a_seed_plays_the_same_each_time() -> None:
    assert play(11) == play(11)


def test_without_the_comparison_of_markers_an_older_value_comes_back() -> None:
    assert any(violations(play(seed, checks_markers=False)) for seed in range(ENOUGH))


def disown_without_a_mark(flights: Flights, key: str) -> None:
    flights._open.pop(key, None)


def any_old_value(cache: TwoLevelCache, flight: Any) -> Any:
    return cache._entries.get(flight.key)


@pytest.mark.parametrize(
    ("owner", "rule", "defect"),
    [
        pytest.param(Dropping, "holds", lambda *_: False, id="L2 is believed while a drop is on its way"),
        pytest.param(Flights, "disown", disown_without_a_mark, id="a load is stored although its key was dropped"),
        pytest.param(TwoLevelCache, "_forget_all", lambda *_: None, id="L1 is kept when the line comes back"),
        pytest.param(TwoLevelCache, "_stale", any_old_value, id="stale is served without proof"),
        pytest.param(MemoryLevel, "drop", lambda *_: None, id="a drop leaves L1 alone"),
    ],
)
def test_the_histories_find_a_cache_that_breaks_a_rule(
    owner: type, rule: str, defect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, rule, defect)
    assert any(violations(play(seed)) for seed in range(ENOUGH))
