"""Drops, replacements, stale values and the invalidation line, moment by moment. Time is virtual."""

import asyncio
import logging

import pytest
from one_process import KEY, World, another, play

from soundcheck.cache import CacheSettings
from soundcheck.stores.cache.levels.invalidation import message
from soundcheck.stores.cache.versioned_writes import drop_command, marker_key


def test_a_slow_l2_does_not_hold_up_who_has_a_stale_value() -> None:
    async def story(world: World) -> None:
        await world.cache.start()
        await asyncio.sleep(0.01)
        await world.get()
        await asyncio.sleep(31)
        world.level.line.delay = 0.4
        started = asyncio.get_running_loop().time()
        assert await world.get() == 1
        assert asyncio.get_running_loop().time() - started == pytest.approx(0.05)
        assert world.total.stale == 1

    play(story)


def test_a_slow_loader_does_not_hold_up_who_has_a_stale_value_and_its_result_is_stored() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=10)
        await asyncio.sleep(11)
        world.database.number, world.database.delay = 2, 3.0
        started = asyncio.get_running_loop().time()
        assert await world.get(ttl=10) == 1
        assert asyncio.get_running_loop().time() - started == pytest.approx(0.2)
        await asyncio.sleep(3)
        assert await world.get(ttl=10) == 2
        assert (world.total.stale, world.total.l1_hits, world.database.calls) == (1, 1, 2)

    play(story)


def test_stale_is_served_on_an_error_while_it_is_certain_that_nobody_dropped_it() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=10)
        world.database.error = LookupError()
        await asyncio.sleep(45)
        assert await world.get(ttl=10) == 1  # L2 answered, and shows no marker of a drop
        await asyncio.sleep(15)
        with pytest.raises(LookupError):  # a marker could have come and gone
            await world.get(ttl=10)
        assert (world.total.stale, world.total.failed) == (1, 1)

    play(story)


def test_who_hears_invalidations_serves_stale_for_the_whole_grace() -> None:
    async def story(world: World) -> None:
        await world.cache.start()
        await asyncio.sleep(0.01)
        await world.get(ttl=10)
        world.database.error = LookupError()
        await asyncio.sleep(290)
        assert await world.get(ttl=10) == 1
        world.level.line.reachable = False
        assert await world.get(ttl=10) == 1
        await asyncio.sleep(20)
        with pytest.raises(LookupError):
            await world.get(ttl=10)

    play(story)


def test_stale_is_not_served_after_a_drop_elsewhere() -> None:
    async def story(world: World) -> None:
        await world.get(ttl=10)
        assert await another(world).drop(KEY)
        world.database.error = LookupError()
        await asyncio.sleep(11)
        with pytest.raises(LookupError):
            await world.get(ttl=10)

    play(story)


def test_a_replacement_that_another_process_overtakes_does_not_enter_l1() -> None:
    async def story(world: World) -> None:
        await world.cache.start()
        await asyncio.sleep(0.01)
        world.level.line.delay = 0.1
        setting = asyncio.create_task(world.cache.set(KEY, {"number": 1}))
        while world.redis.get(KEY) is None and not setting.done():
            await asyncio.sleep(0.001)
        assert not setting.done()
        world.redis.run(drop_command((KEY,), "elsewhere"))
        world.redis.run(("PUBLISH", "soundcheck:drops", message("elsewhere", (KEY,))))
        assert await setting is False
        world.database.number = 2
        assert await world.get() == 2

    play(story)


def test_a_replacement_gives_way_to_a_later_drop_of_its_own_process() -> None:
    async def story(world: World) -> None:
        world.level.line.delay = 0.1
        setting = asyncio.create_task(world.cache.set(KEY, {"number": 1}))
        await asyncio.sleep(0.01)
        world.level.line.delay = 0.0
        assert await world.cache.drop(KEY) is True  # before the set has read its marker
        assert await setting is False
        assert world.redis.get(KEY) is None

    play(story)


def test_a_replacement_that_comes_after_a_drop_is_a_drop() -> None:
    async def story(world: World) -> None:
        world.level.line.delay = 0.1
        setting = asyncio.create_task(world.cache.set(KEY, {"number": 1}))
        while world.level.commands_used < 2 and not setting.done():
            await asyncio.sleep(0.001)
        world.redis.run(drop_command((KEY,), "elsewhere"))
        assert await setting is False
        assert world.redis.get(KEY) is None
        assert world.redis.get(marker_key(KEY)) not in {None, "elsewhere"}
        assert world.cache.counters().drops_pending == 0

    play(story)


def test_of_more_drops_than_may_wait_the_oldest_are_given_up_and_counted() -> None:
    async def story(world: World) -> None:
        world.level.line.reachable = False
        for number in range(12):
            assert await world.cache.drop(f"user:{number}") is False
        snapshot = world.cache.counters()
        assert (snapshot.drops_pending, snapshot.drops_given_up) == (10, 2)
        world.redis.put("user:3", "1")
        world.level.line.reachable = True
        await asyncio.sleep(60)
        assert world.cache.counters().drops_pending == 0
        assert world.redis.get("user:3") is None

    play(story, CacheSettings(pending_drops=10))


def test_closing_tries_once_more_and_says_what_did_not_reach_l2(caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> None:
        world.level.line.reachable = False
        world.redis.put(KEY, "1")
        await world.cache.drop(KEY)
        world.level.line.reachable = True
        await world.cache.close()
        assert world.redis.get(KEY) is None
        assert not caplog.records
        other = another(world)
        other._shared.level.line.reachable = False  # type: ignore[union-attr]
        await other.drop(KEY)
        await other.close()

    with caplog.at_level(logging.WARNING):
        play(story)
    assert ["1 dropped keys did not reach L2" in record.getMessage() for record in caplog.records] == [True]
    assert KEY not in caplog.text


def test_a_message_that_is_not_understood_clears_l1() -> None:
    async def story(world: World) -> None:
        await world.cache.start()
        await asyncio.sleep(0.01)
        await world.get()
        assert world.cache.counters().l1_entries == 1
        world.redis.run(("PUBLISH", "soundcheck:drops", '{"v":2,"all":true}'))
        await asyncio.sleep(0.01)
        assert world.cache.counters().l1_entries == 0

    play(story)


def test_a_line_that_comes_back_clears_l1_and_is_counted() -> None:
    async def story(world: World) -> None:
        await world.cache.start()
        await asyncio.sleep(0.01)
        await world.get()
        world.level.disconnect()
        await asyncio.sleep(0.01)
        assert (world.cache.counters().line_up, world.cache.counters().line_lost) == (False, 1)
        assert world.cache.counters().l1_entries == 1
        world.level.connect()
        await asyncio.sleep(0.01)
        assert (world.cache.counters().line_up, world.cache.counters().l1_entries) == (True, 0)

    play(story)
