"""What an instance publishes is small, expires, and comes back as the interval's numbers, whatever else is there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.cache import CacheSettings, TwoLevelCache
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.measured.applications import ApplicationMeter, Applications, Instance, observed
from soundcheck.stores.cache.measured.counters import PrefixCounts
from soundcheck.stores.cache.measured.publication import (
    INDEX,
    MOST_PREFIXES,
    Publication,
    folded,
    read_publication,
    stats_key,
    write_publication,
)
from soundcheck.stores.cache.measured.publishing import Publisher, monthly_commands
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.errors import UsageError
from soundcheck.stores.keys import KeyedColumn, KeyRule
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.statistics import CacheMeter, CacheSnapshot

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def document(at: float = 60.0, started: float = 0.0, **counts: int) -> Publication:
    """Of `music/one`, so many seconds after noon."""
    prefixes = (replace(PrefixCounts("user:{id}"), **counts),)  # type: ignore[arg-type]
    moments = START + timedelta(seconds=at), START + timedelta(seconds=started)
    return Publication("music", "one", *moments, interval=30.0, prefixes=prefixes)


def after(*documents: Publication) -> Applications:
    """What is seen once these were read in turn, at the time of the last."""
    seen: Instance | None = None
    for one in documents:
        seen = observed(one, seen, one.at)
    assert seen is not None
    return Applications((seen,), 1)


async def nothing(_: str = "") -> Any:
    return {"n": 1}


@pytest.fixture
async def client(rest: Any) -> AsyncIterator[RestClient]:
    made = RestClient(rest.url, rest.token)
    yield made
    await made.close()


@pytest.fixture
async def level(rest: Any) -> AsyncIterator[RestLevel]:
    made = RestLevel(rest.url, rest.token)
    yield made
    await made.close()


async def test_what_an_instance_counted_is_what_the_console_reads(client: RestClient, level: RestLevel) -> None:
    meter = ApplicationMeter(client, SystemClock(), listed_every=0)
    async with TwoLevelCache(level, settings=CacheSettings(channel="")) as cache:
        publisher = Publisher(cache, level, "music", instance="one", local=True, note="REST is faster.")
        assert (await meter.read()).instances == ()
        await cache.get_or_load("user:7", nothing)
        assert await publisher.publish()
        first = await meter.read()
        assert first.is_lifetime
        await cache.get_or_load("user:7", nothing)
        await cache.get_or_load("user:8", nothing)
        await cache.drop("user:8")
        await asyncio.sleep(0.002)  # a later millisecond
        assert await publisher.publish()
    seen = await meter.read()
    assert not seen.is_lifetime
    assert (seen.total.requests, seen.total.l1_hits, seen.total.loads, seen.total.drops) == (2, 1, 1, 1)
    published = seen.instances[0].published
    assert published.total.requests == 3
    assert (published.app, published.instance, published.l2_name, published.note) == (
        "music", "one", "REST", "REST is faster.",
    )  # fmt: skip
    assert seen.traffic[0].keys == 2
    assert seen.l2_latency.count > 0


async def test_a_publication_is_one_command_and_ends_by_itself(client: RestClient, level: RestLevel) -> None:
    async with TwoLevelCache(level, settings=CacheSettings(channel="")) as cache:
        publisher = Publisher(cache, level, "music", instance="one", interval=20, local=True)
        await publisher.publish()
        before = level.commands_used
        await publisher.publish()
        assert level.commands_used == before + 1
    life = (await client.command("TTL", stats_key("music", "one"))).value
    assert isinstance(life, int)
    assert 30 < life <= 60
    assert isinstance((await client.command("TTL", INDEX)).value, int)
    await client.command("DEL", stats_key("music", "one"))
    gone = await ApplicationMeter(client, SystemClock()).read()
    assert (gone.instances, gone.listed, gone.problem) == ((), 1, "")


async def test_a_look_is_one_command_and_one_more_a_minute(client: RestClient, level: RestLevel) -> None:
    async with TwoLevelCache(level) as cache:
        await Publisher(cache, level, "music", local=True).publish()
    meter = ApplicationMeter(client, SystemClock())
    await meter.read()
    assert client.commands_used == 2
    await meter.read()
    assert client.commands_used == 3


async def test_the_applications_own_key_table_says_what_is_private(client: RestClient, level: RestLevel) -> None:
    plan = (KeyRule("lookup/{email}", 60, "a user by address", (KeyedColumn("users", "email"),)),)
    async with TwoLevelCache(level, settings=CacheSettings(channel="", plan=plan)) as cache:
        for _ in range(2):
            await cache.get_or_load("lookup/ana@mail.example", nothing)
            await cache.drop("lookup/ana@mail.example")
        await Publisher(cache, level, "music", local=True).publish()
    seen = await ApplicationMeter(client, SystemClock()).read()
    assert [key.partition("#")[0] for key, _ in seen.missed] == ["lookup/"]
    assert "ana" not in repr(seen)


async def test_looking_does_not_change_the_hit_rate(client: RestClient, level: RestLevel) -> None:
    server, meter = CacheMeter(client, SystemClock()), ApplicationMeter(client, SystemClock(), listed_every=0)
    await server.read()
    await meter.read()
    async with TwoLevelCache(level, settings=CacheSettings(channel="")) as cache:
        await Publisher(cache, level, "music", local=True).publish()
    for _ in range(3):
        assert (await meter.read()).instances
    seen = await server.read()
    assert isinstance(seen, CacheSnapshot)
    assert (seen.hits, seen.misses, seen.hit_rate) == (0, 0, None)


async def test_entering_publishes_and_a_cache_that_is_gone_does_not_disturb(rest: Any, level: RestLevel) -> None:
    async with TwoLevelCache(level) as cache:
        async with Publisher(cache, level, "music", interval=1, local=True) as publisher:
            async with asyncio.timeout(30):
                while not publisher.published:
                    await asyncio.sleep(0.005)
        wrong = RestLevel(rest.url, Secret("wrong"))
        assert not await Publisher(cache, wrong, "music", local=True).publish()
        await wrong.close()


def test_the_price_of_a_month_is_known_before() -> None:
    assert monthly_commands(30) == 30 * 24 * 120 + 3 * 30 * 24
    cache, level = TwoLevelCache(None), RestLevel
    with pytest.raises(UsageError, match="not allowed"):
        Publisher(cache, level, "music", interval=5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cannot name"):
        Publisher(cache, level, "music:api")  # type: ignore[arg-type]


async def test_search_terms_and_codes_are_hashed_before_they_leave(client: RestClient, level: RestLevel) -> None:
    async with TwoLevelCache(level) as cache:
        for key in ("search:love songs", "session:JAM42", "user:7"):
            for _ in range(3):
                await cache.get_or_load(key, nothing)
                await cache.drop(key)
        await Publisher(cache, level, "music", instance="one", local=True).publish()
    text = str((await client.command("GET", stats_key("music", "one"))).value)
    assert "love" not in text
    assert "JAM42" not in text
    missed = (await ApplicationMeter(client, SystemClock()).read()).missed
    assert ("user:7", 3) in missed
    assert sorted(key.partition("#")[0] for key, _ in missed) == ["search:", "session:", "user:7"]


def test_the_interval_lies_between_two_documents() -> None:
    seen = after(document(60, l1_hits=100, loads=50), document(90, l1_hits=130, loads=60))
    assert (seen.total.l1_hits, seen.total.loads) == (30, 10)
    assert seen.traffic[0].requests_per_second == pytest.approx(40 / 30)
    again = after(document(60, loads=50), document(90, loads=60), document(90, loads=60))
    assert again.total.loads == 10, "the same document read twice says nothing new"


def test_without_traffic_there_is_no_rate() -> None:
    assert after(document(60, loads=5), document(90, loads=5)).total.hit_rate is None


def test_a_restarted_instance_counts_from_its_start() -> None:
    seen = after(document(60, l1_hits=1000), document(90, started=70, l1_hits=4, loads=1))
    assert (seen.total.requests, seen.windows[0].seconds) == (5, 20)
    backwards = after(document(60, l1_hits=1000), document(90, l1_hits=4))
    assert backwards.is_lifetime, "counters that went back without a new start say nothing of the interval"


def test_after_a_long_pause_there_is_no_present_interval() -> None:
    assert after(document(60, loads=1), document(4000, loads=900)).is_lifetime


def test_two_instances_are_added_and_a_silent_one_is_left_out() -> None:
    one = after(document(60, loads=0), document(90, loads=30)).instances[0]
    other = replace(one, published=replace(one.published, instance="two"))
    assert Applications((one, other)).requests_per_second == pytest.approx(2.0)
    assert Applications((one, replace(other, age=90))).requests_per_second == pytest.approx(1.0)


def test_many_prefixes_are_folded_and_none_is_lost() -> None:
    prefixes = [PrefixCounts(f"p{number}:*", loads=number) for number in range(100)]
    named = [one.prefix for one in prefixes[-MOST_PREFIXES:]]
    kept = folded(prefixes, named)
    assert len(kept) == MOST_PREFIXES + 1
    assert sum(one.loads for one in kept) == sum(range(100))
    most = (10**9,) * 6
    names = [PrefixCounts("x" * 70 + str(number), *most, drops=10**9) for number in range(MOST_PREFIXES + 1)]
    assert len(write_publication(replace(document(), prefixes=tuple(names)))) < 8000


def test_a_document_comes_back_as_it_was_written() -> None:
    one = replace(document(l1_hits=3, keys=9), missed=(("user:7", 4),), missed_seconds=30.0, l1_capacity=1000)
    assert read_publication(write_publication(one)) == one


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("v", "app", "instance", "at", "started", "interval", "prefixes", "l1", "l2", "missed", "note")


@given(field=st.sampled_from(FIELDS), junk=JUNK)
def test_nothing_in_a_document_breaks_the_reader(field: str, junk: Any) -> None:
    text = json.dumps(json.loads(write_publication(document(loads=1))) | {field: junk})
    found = read_publication(text)
    if found is not None:
        assert found.total.requests >= 0
        after(found, replace(found, at=found.at + timedelta(seconds=30)))


async def test_what_others_wrote_at_our_keys_is_counted_not_believed(client: RestClient) -> None:
    members = ["music:a", "music:b", "[/foo]", "a:b:c", "music:c"]
    for member in members:
        await client.command("ZADD", INDEX, 1, member)
    await client.command("SET", "soundcheck:stats:music:a", "{half")
    await client.command("SET", "soundcheck:stats:music:b", write_publication(document()))  # names another instance
    seen = await ApplicationMeter(client, SystemClock()).read()
    assert (seen.instances, seen.unreadable, seen.listed) == ((), 2, 3)
    await client.command("DEL", INDEX)
    await client.command("SET", INDEX, "text")
    assert "WRONGTYPE" in (await ApplicationMeter(client, SystemClock()).read()).problem
