"""What every transport of L2 does on a real server: reads, commands, order, many callers, channels."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis
from levels_under_test import AMPLE, Ear, Level, Levels, done, found, level, levels, until  # noqa: F401

from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Fault, Found, LevelFault

CONNECTED, LOST = ChannelEvent("connected"), ChannelEvent("lost")

# ruff: noqa: F811 - a fixture that is imported and then asked for is no redefinition


@pytest.fixture
def direct(rest: Any) -> Any:
    """Past every level."""
    with redis.Redis.from_url(rest.redis_url.reveal()) as client:
        yield client


async def test_values_come_in_the_order_asked_with_gaps_and_repeats(level: Level) -> None:
    await done(level, ("MSET", "a", "1", "b", "2"))
    assert await found(level, "b", "none", "a", "b") == ("2", None, "1", "2")


@pytest.mark.parametrize(
    "text", ["", "é😀\u2028", 'quote " back \\ slash', "nul \x00 newline \r\n tab \t", "[1,2]", "OK", "x" * 2_000_000]
)
async def test_any_text_comes_back_as_it_was(level: Level, text: str) -> None:
    assert await done(level, ("SET", f"k:{text[:40]}", text), ("GET", f"k:{text[:40]}")) == ["OK", text]
    assert await found(level, f"k:{text[:40]}") == (text,)


async def test_bytes_that_are_no_text_are_shown_as_such(level: Level, direct: Any) -> None:
    direct.set("bytes", b"a\xffb")
    assert await found(level, "bytes") == ("a\ufffdb",)


async def test_half_a_character_is_no_exception(level: Level) -> None:
    answer = await level.run([("SET", "half", "a\ud800b")], deadline=AMPLE)
    assert not isinstance(answer, LevelFault)
    assert await found(level, "half") == ("a\ufffdb",)


async def test_a_key_of_another_type_reads_as_nothing(level: Level) -> None:
    await done(level, ("RPUSH", "list", "x"))
    assert await found(level, "list") == (None,)


async def test_replies_keep_redis_shapes(level: Level) -> None:
    commands = [("HSET", "h", "f", 1), ("HGETALL", "h"), ("GET", "none"), ("TTL", "h"), ("MGET", "none", "none")]
    assert await done(level, *commands) == [1, ["f", "1"], None, -1, [None, None]]


async def test_commands_of_one_call_run_in_order_however_many(level: Level) -> None:
    assert await done(level, *[("INCR", "n")] * 250) == list(range(1, 251))


async def test_one_refused_command_makes_the_whole_answer_a_fault_and_the_rest_still_ran(level: Level) -> None:
    await done(level, ("SET", "s", "text"))
    answer = await level.run([("SET", "a", "1"), ("INCR", "s"), ("SET", "b", "2")], deadline=AMPLE)
    assert isinstance(answer, LevelFault)
    assert answer.fault is Fault.REFUSED
    assert await found(level, "a", "b") == ("1", "2")


async def test_a_refusal_never_quotes_what_was_sent(level: Level) -> None:
    for command in (("NOSUCH", "a secret value"), ("EVAL", "return redis.error_reply(ARGV[1])", 0, "a secret value")):
        answer = await level.run([command], deadline=AMPLE)
        assert isinstance(answer, LevelFault)
        assert answer.fault is Fault.REFUSED
        assert "secret" not in answer.message


async def test_nothing_asked_costs_nothing(level: Level) -> None:
    assert await level.read([], deadline=AMPLE) == Found(())
    assert await level.run([], deadline=AMPLE) == ()
    assert level.commands_used == 0


async def test_many_callers_get_their_own_values_for_few_commands(level: Level) -> None:
    await done(level, *[("SET", f"k{n}", f"v{n}") for n in range(500)])
    before = level.commands_used
    answers = await asyncio.gather(*(found(level, f"k{n}", f"k{(n + 7) % 500}") for n in range(500)))
    assert answers == [(f"v{n}", f"v{(n + 7) % 500}") for n in range(500)]
    assert level.commands_used - before <= 5


async def test_many_writers_and_readers_at_once_each_get_their_own_replies(level: Level) -> None:
    async def both(n: int) -> None:
        assert await done(level, ("SET", f"w{n}", n), ("GET", f"w{n}"), ("STRLEN", f"w{n}")) == [
            "OK", str(n), len(str(n)),
        ]  # fmt: skip
        assert await found(level, f"w{n}") == (str(n),)

    await asyncio.gather(*(both(n) for n in range(300)))
    assert level.commands_used < 300 * 4


async def test_a_read_handed_over_after_a_write_sees_it(level: Level) -> None:
    for n in range(20):
        write = asyncio.create_task(done(level, ("SET", "seen", n)))
        read = asyncio.create_task(found(level, "seen"))
        await write
        assert await read == (str(n),)


async def test_a_cancelled_caller_takes_nothing_from_the_others(level: Level) -> None:
    await done(level, ("SET", "k", "v"))
    calls = [asyncio.create_task(found(level, "k")) for _ in range(50)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    assert await asyncio.gather(*calls[1::2]) == [("v",)] * 25
    assert await found(level, "k") == ("v",)


async def test_a_closed_level_answers_with_a_fault(level: Level) -> None:
    await done(level, ("SET", "k", "v"))
    waiting = [asyncio.create_task(level.read(["k"], deadline=AMPLE)) for _ in range(3)]
    await asyncio.sleep(0)
    await level.close()
    await level.close()
    answers = [*await asyncio.gather(*waiting), await level.read(["k"], deadline=AMPLE)]
    assert {answer.fault for answer in answers if isinstance(answer, LevelFault)} == {Fault.UNREACHABLE}
    assert await level.run([("PING",)], deadline=AMPLE) == answers[-1]
    assert [event async for event in level.listen("c")] == []


# Channels


async def test_a_channel_brings_every_message_in_order(level: Level) -> None:
    ear = Ear(level, "news, of é")
    assert await ear.next() == CONNECTED
    texts = [*(str(n) for n in range(200)), "é😀", "", '{"a": "b,c"}', "x" * 300_000]
    assert await done(level, *[("PUBLISH", "news, of é", text) for text in texts]) == [1] * len(texts)
    assert [await ear.next() for _ in texts] == [ChannelEvent("message", text) for text in texts]
    await ear.close()


async def test_channels_do_not_mix_and_do_not_take_the_calls_places(level: Level) -> None:
    ears = [Ear(level, f"c{n}") for n in range(8)]
    assert {await ear.next() for ear in ears} == {CONNECTED}
    for n in range(8):
        await done(level, ("PUBLISH", f"c{n}", n))
    assert [await ear.next() for ear in ears] == [ChannelEvent("message", str(n)) for n in range(8)]
    for ear in ears:
        await ear.close()


async def test_a_broken_line_is_told_and_opened_again(level: Level, direct: Any) -> None:
    ear = Ear(level, "news")
    assert await ear.next() == CONNECTED
    for n in range(3):
        direct.client_kill_filter(_type="pubsub")
        assert [await ear.next(), await ear.next()] == [LOST, CONNECTED]
        await done(level, ("PUBLISH", "news", n))
        assert await ear.next() == ChannelEvent("message", str(n))
    await ear.close()


async def test_a_reader_that_goes_ends_its_subscription(level: Level, direct: Any) -> None:
    ear = Ear(level, "left")
    assert await ear.next() == CONNECTED
    assert direct.pubsub_numsub("left") == [(b"left", 1)]
    await ear.close()
    await until(lambda: direct.pubsub_numsub("left") == [(b"left", 0)])


async def test_closing_the_level_ends_its_channels(level: Level, direct: Any) -> None:
    ear = Ear(level, "ended")
    assert await ear.next() == CONNECTED
    await level.close()
    assert await ear.next() is None
    await until(lambda: direct.pubsub_numsub("ended") == [(b"ended", 0)])


async def test_a_slow_reader_loses_no_message(level: Level) -> None:
    events = level.listen("flood")
    assert await anext(events) == CONNECTED
    texts = [str(n) for n in range(3000)]
    await done(level, *[("PUBLISH", "flood", text) for text in texts])
    assert [(await anext(events)).text for _ in texts] == texts
    await events.aclose()  # type: ignore[attr-defined]
