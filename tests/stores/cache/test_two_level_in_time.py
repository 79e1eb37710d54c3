"""What the two-level cache does as time passes, with an L2 and a loader of chosen speed. Time is virtual."""

import asyncio
import json
from typing import Any

import pytest
from one_process import EXACT, KEY, Database, World, another, play
from virtual_time import VirtualClock, run_virtually

from soundcheck.cache import (
    BreakerState,
    CacheSettings,
    Fault,
    LoadGivenUp,
    LoadTimeout,
    NotCacheable,
    TwoLevelCache,
)
from soundcheck.stores.errors import UsageError


def test_l1_keeps_a_value_for_thirty_seconds() -> None:
    async def story(world: World) -> None:
        await world.get()
        await asyncio.sleep(29.9)
        await world.get()
        assert world.level.reads == 1
        await asyncio.sleep(0.2)
        await world.get()
        assert (world.level.reads, world.database.calls) == (2, 1)
        assert (world.total.l1_hits, world.total.l2_hits, world.total.loads) == (1, 1, 1)

    play(story)


def test_l1_keeps_a_value_no_longer_than_l2_has_it() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=40)
        await asyncio.sleep(31)
        await world.get(ttl=40)  # from L2, which has it for nine more seconds
        await asyncio.sleep(9.1)
        world.database.number = 2
        assert await world.get(ttl=40) == 2

    play(story, CacheSettings(jitter=0.0, refresh_at=1.0))


def test_lives_differ_by_up_to_a_tenth() -> None:
    async def story(world: World) -> None:
        lives = [world.cache._loading.life("user:1:settings", 1, None) for _ in range(500)]
        assert 540 <= min(lives) < 550
        assert 590 < max(lives) <= 600

    play(story, CacheSettings())


def test_no_such_row_is_remembered_for_a_short_time_and_is_not_a_miss() -> None:
    async def story(world: World) -> None:
        calls = 0

        async def nothing() -> None:
            nonlocal calls
            calls += 1

        assert await world.cache.get_or_load(KEY, nothing) is None
        assert await world.cache.get_or_load(KEY, nothing) is None
        second = another(world)
        assert await second.get_or_load(KEY, nothing) is None
        assert calls == 1
        assert (world.total.l1_hits, second.counters().total.l2_hits) == (1, 1)
        await asyncio.sleep(20.1)
        assert await world.get() == 1

    play(story)


def test_a_value_past_four_fifths_of_its_time_is_renewed_once_in_the_background() -> None:
    async def story(world: World) -> None:
        await world.get()
        await asyncio.sleep(241)
        world.database.number, world.database.delay = 2, 1.0
        assert [await world.get() for _ in range(5)] == [1] * 5
        await asyncio.sleep(1.1)
        assert await world.get() == 2
        assert world.database.calls == 2
        assert (world.total.refreshes, world.total.loads) == (1, 1)
        text = world.redis.get(KEY)
        assert text is not None
        assert json.loads(text)["data"] == {"number": 2}

    play(story)


def test_without_l2_a_value_is_renewed_before_its_thirty_seconds_are_over() -> None:
    async def story() -> None:
        cache, database = TwoLevelCache(None, settings=EXACT, clock=VirtualClock()), Database()
        await cache.get_or_load(KEY, database.load)
        await asyncio.sleep(25)
        database.number = 2
        assert await cache.get_or_load(KEY, database.load) == {"number": 1}
        await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        assert await cache.get_or_load(KEY, database.load) == {"number": 2}
        assert await cache.drop(KEY)
        assert await cache.set(KEY, {"number": 3})
        assert await cache.get_or_load(KEY, database.load) == {"number": 3}
        await cache.close()

    run_virtually(story())


def test_a_renewal_takes_what_another_process_has_renewed() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=30)
        second = another(world)
        await asyncio.sleep(25)
        world.database.number = 2
        await second.get_or_load(KEY, world.database.load, ttl=30)
        await asyncio.sleep(0.01)
        await world.get(ttl=30)
        await asyncio.sleep(0.01)
        assert await world.get(ttl=30) == 2
        assert world.database.calls == 2

    play(story)


def test_a_renewal_does_not_take_the_ageing_value_of_l2_for_a_new_one() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=30)
        await asyncio.sleep(25)
        world.database.number = 2
        assert await world.get(ttl=30) == 1
        await asyncio.sleep(0.01)
        assert await world.get(ttl=30) == 2

    play(story)


def test_a_renewal_that_fails_is_not_tried_again_for_every_hit() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=30)
        await asyncio.sleep(25)
        world.database.error = LookupError()
        for _ in range(5):
            assert await world.get(ttl=30) == 1
            await asyncio.sleep(0.01)
        assert (world.total.refreshes, world.total.loader_errors, world.total.failed) == (1, 1, 0)

    play(story)


def test_a_loader_that_takes_too_long_is_an_error_and_its_late_result_is_stored() -> None:
    async def story(world: World) -> None:
        world.database.delay = 8.0
        with pytest.raises(LoadTimeout) as raised:
            await world.get()
        assert isinstance(raised.value, TimeoutError)
        assert raised.value.hint
        await asyncio.sleep(3)
        assert await world.get() == 1
        assert await another(world).get_or_load(KEY, world.database.load) == {"number": 1}
        assert world.database.calls == 1
        assert (world.total.failed, world.total.l1_hits) == (1, 1)

    play(story)


def test_a_loader_that_never_ends_is_cancelled() -> None:
    async def story(world: World) -> None:
        world.database.delay = 1e6
        with pytest.raises(LoadTimeout):
            await world.get()
        await asyncio.sleep(60)
        assert world.total.loader_errors == 1
        world.database.delay = 0.0
        assert await world.get() == 1

    play(story)


def test_the_loaders_error_reaches_all_who_wait_and_is_not_remembered() -> None:
    async def story(world: World) -> None:
        world.database.error = LookupError("no connection")
        errors = await asyncio.gather(*(world.get() for _ in range(5)), return_exceptions=True)
        assert errors == [world.database.error] * 5
        assert (world.total.failed, world.database.calls) == (5, 1)
        world.database.error = None
        assert await world.get() == 1

    play(story)


def test_a_loader_that_is_cancelled_is_an_error_of_its_own() -> None:
    async def story(world: World) -> None:
        async def cancelled() -> None:
            raise asyncio.CancelledError

        with pytest.raises(LoadGivenUp):
            await world.cache.get_or_load(KEY, cancelled)

    play(story)


def test_a_value_loaded_slowly_without_l2_lives_thirty_seconds_from_before_its_load() -> None:
    async def story(world: World) -> None:
        world.level.line.reachable = False
        world.database.delay = 4.0
        await world.get()
        await asyncio.sleep(25.9)
        assert await world.get() == 1
        world.database.number, world.database.delay = 2, 0.0
        await asyncio.sleep(0.2)
        assert await world.get() == 2

    play(story)


@pytest.mark.parametrize(("seconds", "is_sent"), [(29.7, True), (29.9, False)])
def test_a_fill_is_not_sent_when_a_marker_could_have_come_and_gone(seconds: float, is_sent: bool) -> None:
    async def story(world: World) -> None:
        world.database.delay = seconds
        world.level.line.delay = 0.2  # the read itself takes that long
        with pytest.raises(LoadTimeout):
            await world.get()
        await asyncio.sleep(40)
        assert (world.redis.get(KEY) is not None) is is_sent

    play(story)


def test_after_faults_in_a_row_l2_is_left_alone_and_then_tried_by_one_request() -> None:
    async def story(world: World) -> None:
        world.level.line.reachable = False
        for number in range(8):
            await world.cache.get_or_load(f"user:{number}", world.database.load)
        assert world.level.reads == 5
        snapshot = world.cache.counters()
        assert snapshot.breaker is BreakerState.OPEN
        assert snapshot.l2_faults == ((Fault.UNREACHABLE, 5),)
        world.level.line.reachable, world.level.line.delay = True, 0.1
        await asyncio.sleep(2.1)
        assert world.cache.counters().breaker is BreakerState.HALF_OPEN
        keys = [f"user:{number}" for number in range(20, 30)]
        await asyncio.gather(*(world.cache.get_or_load(key, world.database.load) for key in keys))
        assert world.level.reads == 6
        assert world.cache.counters().breaker is BreakerState.CLOSED

    play(story)


def test_a_caller_who_leaves_does_not_stop_the_load_of_the_others() -> None:
    async def story(world: World) -> None:
        world.database.delay = 1.0
        first, second = (asyncio.create_task(world.get()) for _ in range(2))
        await asyncio.sleep(0.5)
        first.cancel()
        assert await second == 1
        assert world.database.calls == 1
        assert (world.total.coalesced, world.total.failed, world.total.requests) == (1, 1, 2)

    play(story)


def test_an_answer_that_is_cancelled_in_the_middle_counts_every_key() -> None:
    async def story(world: World) -> None:
        async def load_many(keys: Any) -> dict[str, int]:
            await asyncio.sleep(1)
            return dict.fromkeys(keys, 1)

        task = asyncio.create_task(world.cache.get_many([KEY, "user:8", "search:x"], load_many))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (world.total.failed, world.total.requests) == (3, 3)

    play(story)


def test_l1_gives_up_the_least_recently_used() -> None:
    async def story(world: World) -> None:
        for key in ("user:1", "user:2", "user:1", "user:3"):
            await world.cache.get_or_load(key, world.database.load)
        assert list(world.cache._entries) == ["user:1", "user:3"]
        assert world.cache.counters().l1_evicted == 1

    play(story, CacheSettings(l1_entries=2))


def test_what_json_cannot_hold_is_an_error_for_its_key_alone() -> None:
    async def story(world: World) -> None:
        async def load_many(keys: Any) -> dict[str, object]:
            return {"user:1": object(), "user:2": 2}

        with pytest.raises(NotCacheable, match="object"):
            await world.cache.get_many(["user:1", "user:2"], load_many)
        assert await world.cache.get_many(["user:2"], load_many) == {"user:2": 2}
        assert (world.total.failed, world.total.loads, world.total.l1_hits) == (1, 1, 1)

    play(story)


def test_a_level_that_raises_is_a_fault_and_the_application_goes_on() -> None:
    async def story(world: World) -> None:
        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("a defect")

        world.level.read = broken  # type: ignore[assignment]
        assert await world.get() == 1
        assert world.cache.counters().l2_faults == ((Fault.GARBLED, 1),)

    play(story)


@pytest.mark.parametrize("ttl", [0, -1.0, float("nan")])
def test_a_ttl_that_is_not_positive_is_refused(ttl: float) -> None:
    async def story(world: World) -> None:
        with pytest.raises(UsageError):
            await world.get(ttl=ttl)

    play(story)


@pytest.mark.parametrize(
    "wrong", [{"l1_life": 0}, {"load_hard": 40.0}, {"l1_entries": 0}, {"jitter": 1.0}, {"refresh_at": 0}, {"grace": -1}]
)
def test_settings_that_contradict_themselves_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        CacheSettings(**wrong)
