"""The two-level cache on real Valkey, over REST and RESP: what Redis is asked for, and what other processes see."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
import redis
from fault_proxy import FaultProxy, Forward, Reset

from soundcheck.cache import CacheSettings, SharedLevel, TwoLevelCache
from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.versioned_writes import marker_key

PATIENT = CacheSettings(l2_hard=10.0, load_hard=15.0, l2_soft=10.0, load_soft=10.0, refresh_at=1.0)
USER = {"id": "7", "name": "Ada"}

Open: TypeAlias = Callable[[], SharedLevel]


@pytest.fixture(params=["REST", "RESP"])
def open_level(request: pytest.FixtureRequest, rest: Any) -> Open:
    """Makes one more connection to the same Redis, as another process has it."""
    if request.param == "REST":
        return lambda: RestLevel(rest.url, rest.token)
    return lambda: RespLevel(address_of(rest))


@pytest.fixture
def valkey(rest: Any) -> Iterator[Any]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        yield client


def address_of(rest: Any) -> RespAddress:
    address = RespAddress.parse(rest.redis_url.reveal())
    assert address is not None
    return address


@asynccontextmanager
async def processes(open_level: Open, number: int = 2) -> AsyncIterator[list[TwoLevelCache]]:
    """So many caches that hear one another."""
    async with AsyncExitStack() as stack:
        caches = [await stack.enter_async_context(TwoLevelCache(open_level(), settings=PATIENT)) for _ in range(number)]
        for cache in caches:
            await until(lambda cache=cache: cache.counters().line_up)
        yield caches


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)


class Loader:
    """Returns `value`, once `gate` is open, and counts."""

    def __init__(self, value: Any = USER) -> None:
        self.value = value
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def __call__(self) -> Any:
        self.calls += 1
        value = self.value
        self.began.set()
        await self.gate.wait()
        return value


async def test_a_thousand_callers_are_one_read_and_one_load(open_level: Open, valkey: Any) -> None:
    level, load = open_level(), Loader()
    async with TwoLevelCache(level, settings=replace(PATIENT, channel="")) as cache:
        values = await asyncio.gather(*(cache.get_or_load("user:7", load) for _ in range(1000)))
        await until(lambda: valkey.exists("user:7"))
        assert values == [USER] * 1000
        assert load.calls == 1
        await until(lambda: level.commands_used >= 2)
        assert level.commands_used == 2  # the MGET, and the fill
        total = cache.counters().total
        assert (total.requests, total.loads, total.coalesced) == (1000, 1, 999)


async def test_another_process_reads_it_from_redis_with_one_command(open_level: Open, valkey: Any) -> None:
    async with TwoLevelCache(open_level(), settings=PATIENT) as first:
        await first.get_or_load("user:7", Loader())
        await until(lambda: valkey.exists("user:7"))
    level, load = open_level(), Loader("not asked")
    async with TwoLevelCache(level, settings=replace(PATIENT, channel="")) as second:
        assert await second.get_or_load("user:7", load) == USER
        assert await second.get_or_load("user:7", load) == USER
        assert load.calls == 0
        assert level.commands_used == 1
        (counts,) = second.counters().prefixes
        assert (counts.prefix, counts.l1_hits, counts.l2_hits) == ("user:{id}", 1, 1)


async def test_what_stands_in_redis_is_the_documented_envelope(open_level: Open, valkey: Any) -> None:
    async with TwoLevelCache(open_level(), settings=PATIENT) as cache:
        await cache.get_or_load("user:7:settings", Loader())
        await until(lambda: valkey.exists("user:7:settings"))
        envelope = json.loads(valkey.get("user:7:settings"))
        assert list(envelope) == ["v", "at", "ttl", "data"]
        assert (envelope["v"], envelope["data"]) == (1, USER)
        assert 540 <= envelope["ttl"] <= 600
        assert 500_000 <= valkey.pttl("user:7:settings") <= 600_000


async def test_the_bare_json_of_another_writer_is_read(open_level: Open, valkey: Any) -> None:
    valkey.set("user:7", '{"id":"7","name":"Ada","password":"hunter2"}', ex=300)
    async with TwoLevelCache(open_level(), settings=PATIENT) as cache:
        load = Loader("not asked")
        assert await cache.get_or_load("user:7", load) == USER
        assert load.calls == 0


@pytest.mark.parametrize("text", ["", "{", "<html>portal</html>", '{"v":2,"data":{}}', '{"v":1,"data":NaN}'])
async def test_what_is_no_json_is_loaded_again_and_written_over(text: str, open_level: Open, valkey: Any) -> None:
    valkey.set("user:7", text, ex=300)
    async with TwoLevelCache(open_level(), settings=PATIENT) as cache:
        assert await cache.get_or_load("user:7", Loader()) == USER
        assert cache.counters().total.unreadable == 1
        await until(lambda: valkey.get("user:7") != text)
        assert json.loads(valkey.get("user:7"))["data"] == USER


async def test_no_password_reaches_either_level(open_level: Open, valkey: Any) -> None:
    row = {**USER, "password": "hunter2", "refreshToken": "hunter2", "otp": "hunter2", "otp_expiry": "hunter2"}
    hidden = {"rows": [{"owner": row, "raw": json.dumps(row)}]}

    async def load_many(keys: Sequence[str]) -> dict[str, Any]:
        return dict.fromkeys(keys, hidden)

    async with TwoLevelCache(open_level(), settings=PATIENT) as cache:
        answers = [
            await cache.get_or_load("user:1", Loader(row)),
            await cache.get_or_load("user:1", Loader(row)),
            await cache.get_many(["user:2", "search:x"], load_many),
            await cache.set("user:3", hidden),
            await cache.get_or_load("user:3", Loader(row)),
        ]
        await until(lambda: all(valkey.exists(key) for key in ("user:1", "user:2", "search:x", "user:3")))
        in_redis = [valkey.get(key) for key in valkey.keys("*")]
        in_memory = [entry.value for entry in cache._entries.values()]
        assert "Ada" in str(in_redis)
        assert "Ada" in str(in_memory)
        assert "hunter2" not in f"{in_redis}{in_memory}{answers}"


async def test_a_drop_empties_the_memory_of_other_processes(open_level: Open) -> None:
    async with processes(open_level) as (first, second):
        before, after = Loader({"version": 1}), Loader({"version": 2})
        assert await second.get_or_load("user:7", before) == {"version": 1}
        assert await first.drop("user:7") is True
        await until(lambda: second.counters().messages)
        assert await second.get_or_load("user:7", after) == {"version": 2}
        assert first.counters().messages == 0  # its own is no news


async def test_a_slow_load_does_not_overwrite_a_newer_drop_of_another_process(open_level: Open, valkey: Any) -> None:
    async with processes(open_level) as (first, second):
        slow = Loader({"version": 1})
        slow.gate.clear()
        reading = asyncio.create_task(second.get_or_load("user:7", slow))
        await slow.began.wait()
        assert await first.drop("user:7") is True
        await first.get_or_load("user:7", Loader({"version": 2}))
        await until(lambda: valkey.exists("user:7"))
        await until(lambda: second.counters().messages)
        slow.gate.set()
        assert await reading == {"version": 1}  # it asked before the drop
        assert await second.get_or_load("user:7", Loader({"version": 3})) == {"version": 2}


async def test_a_process_that_hears_nothing_is_refused_its_older_fill(open_level: Open, valkey: Any) -> None:
    deaf = replace(PATIENT, channel="")
    async with (
        TwoLevelCache(open_level(), settings=deaf) as first,
        TwoLevelCache(open_level(), settings=deaf) as second,
    ):
        slow = Loader({"version": 1})
        slow.gate.clear()
        reading = asyncio.create_task(second.get_or_load("user:7", slow))
        await slow.began.wait()
        assert await first.drop("user:7") is True
        slow.gate.set()
        assert await reading == {"version": 1}
        await until(lambda: second.counters().total.refused_fills)
        assert not valkey.exists("user:7")
        assert await second.get_or_load("user:7", Loader({"version": 2})) == {"version": 2}


async def test_many_keys_are_one_command_each_way(open_level: Open, valkey: Any) -> None:
    asked: list[Sequence[str]] = []

    async def load_many(keys: Sequence[str]) -> dict[str, Any]:
        asked.append(tuple(keys))
        return {key: {"key": key} for key in keys if key != "user:5"}

    level = open_level()
    async with TwoLevelCache(level, settings=replace(PATIENT, channel="")) as cache:
        keys = [f"user:{number}" for number in range(10)]
        values = await cache.get_many(keys, load_many)
        assert values["user:3"] == {"key": "user:3"}
        assert values["user:5"] is None
        await until(lambda: valkey.exists("user:9"))
        await until(lambda: level.commands_used >= 2)
        assert level.commands_used == 2
        assert 0 < valkey.pttl("user:5") <= 20_000
        assert await cache.get_many(keys, load_many) == values
        assert asked == [tuple(keys)]


async def test_a_drop_of_many_is_one_script_and_one_message(open_level: Open, valkey: Any) -> None:
    level = open_level()
    valkey.mset({f"user:{number}": "1" for number in range(250)})
    async with TwoLevelCache(level, settings=PATIENT) as cache:
        await until(lambda: cache.counters().line_up)
        before = level.commands_used
        assert await cache.drop_many(f"user:{number}" for number in range(250)) is True
        assert level.commands_used - before == 6  # a hundred keys each
        assert valkey.keys("user:*") == []
        assert 0 < valkey.ttl(marker_key("user:249")) <= 60


async def test_a_set_value_is_what_other_processes_read(open_level: Open) -> None:
    async with processes(open_level) as (first, second):
        await second.get_or_load("user:7", Loader({"version": 1}))
        assert await first.set("user:7", {"version": 2}) is True
        await until(lambda: second.counters().messages)
        load = Loader("not asked")
        assert await second.get_or_load("user:7", load) == {"version": 2}
        assert await first.get_or_load("user:7", load) == {"version": 2}
        assert load.calls == 0


async def test_a_drop_made_while_redis_is_away_reaches_it_later(rest: Any, valkey: Any) -> None:
    address = address_of(rest)
    valkey.set("user:7", '{"version":1}', ex=300)
    async with FaultProxy(Reset()) as proxy:
        level = RespLevel(replace(address, port=proxy.port))
        async with TwoLevelCache(level, settings=replace(PATIENT, breaker_pause=0.05)) as cache:
            assert await cache.drop("user:7") is False
            assert cache.counters().drops_pending == 1
            assert await cache.get_or_load("user:7", Loader({"version": 2})) == {"version": 2}
            proxy.fault = Forward(address.port)
            await until(lambda: not cache.counters().drops_pending)
            assert not valkey.exists("user:7")
            assert cache.counters().dropped == 1


async def test_the_law_holds_while_redis_fails_and_the_loader_too(rest: Any) -> None:
    address = address_of(rest)
    asked = 0
    async with FaultProxy(Forward(address.port)) as proxy:
        levels = [RespLevel(replace(address, port=proxy.port)) for _ in range(2)]
        settings = replace(PATIENT, l1_entries=20, l2_hard=0.2, breaker_pause=0.01)
        async with AsyncExitStack() as stack:
            caches = [await stack.enter_async_context(TwoLevelCache(one, settings=settings)) for one in levels]

            async def load(number: int) -> dict[str, int]:
                await asyncio.sleep(0)
                if number % 7 == 0:
                    raise LookupError
                return {"number": number}

            async def request(number: int) -> None:
                cache, key = caches[number % 2], f"user:{number % 50}"
                if number % 11 == 0:
                    await cache.drop(key)
                else:
                    await cache.get_or_load(key, lambda: load(number))

            for wave in range(12):
                proxy.fault = Reset() if wave % 3 == 1 else Forward(address.port)
                numbers = range(wave * 100, wave * 100 + 100)
                tasks = [asyncio.create_task(request(number)) for number in numbers]
                await asyncio.sleep(0)
                tasks[wave].cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                asked += sum(number % 11 != 0 for number in numbers)
            totals = [cache.counters().total for cache in caches]
            assert sum(total.requests for total in totals) == asked
            assert (
                min(sum(getattr(t, name) for t in totals) for name in ("l1_hits", "loads", "coalesced", "failed")) > 0
            )
