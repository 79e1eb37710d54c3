"""`soundcheck cache`: what applications publish beside what Redis says, in lines and JSON, with its price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from soundcheck.cache import CacheSettings, TwoLevelCache
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.measured.monitored import Monitored
from soundcheck.stores.cache.measured.publishing import Publisher
from soundcheck.stores.errors import CouldNotRun, StepFailed
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services


async def row(_: str = "") -> dict[str, int]:
    return {"n": 1}


@pytest.fixture
async def published(rest: Any) -> None:
    """One instance that loaded three keys and asked ten times for one of them."""
    level = RestLevel(rest.url, rest.token)
    async with TwoLevelCache(level, settings=CacheSettings(channel="")) as cache:
        for _ in range(10):
            await cache.get_or_load("user:7", row)
        for key in ("search:love songs", "search:love songs", "user:7:recent"):
            await cache.get_or_load(key, row)
            await cache.drop(key)
        publisher = Publisher(cache, level, "music-api", instance="web-1", local=True, note="REST is the faster one.")
        assert await publisher.publish()


async def test_without_applications_it_says_how_one_reports(run: Callable[..., Any]) -> None:
    said = await run("cache")
    assert "No application reports yet" in said
    assert "docs/cache.md" in said
    assert "examples/publishing_app.py" in said
    assert "keys" in said
    assert "2 commands sent" in said


async def test_what_an_application_published_is_shown_by_level_and_prefix(
    published: None, run: Callable[..., Any], read_json: Callable[..., Any]
) -> None:
    said = await run("cache")
    assert "music-api: 13 requests since their start" in said
    assert "L1 69 %" in said
    assert "loads 31 %" in said
    assert "REST is the faster one." in said
    assert "Missed most: search:#" in said
    assert "love songs" not in said
    document = await read_json("cache")
    told = document["applications"]
    assert (told["since"], told["requests"], told["requests_per_second"]) == ("start", 13, None)
    assert sum(told[f"{name}_share"] for name in ("l1", "l2", "loads", "coalesced", "stale", "failed")) == 1
    prefixes = {one["prefix"]: one for one in document["prefixes"]}
    assert prefixes["user:{id}"]["hit_rate"] == 0.9
    assert prefixes["user:{id}"]["plan_ttl_s"] == 300
    assert prefixes["user:{id}"]["predicted_hit_rate"] > 0.5
    assert prefixes["session:{code}"]["hit_rate"] is None, "no traffic is no rate"
    assert document["commands_used"] == 6, "INFO, ZRANGE and MGET, twice"


async def test_a_sample_says_its_price_and_finds_what_outlives_the_plan(
    services: Services, run: Callable[..., Any], read_json: Callable[..., Any]
) -> None:
    assert services.cache is not None
    for number in range(5):
        await services.cache.command("SET", f"user:{number}", "x" * 50, "EX", 200)
    await services.cache.command("SET", "user:7:recent", "{}", "EX", 9000)
    await services.cache.command("SET", "jobs:1", "{}")
    before = services.cache.commands_used
    ran = await run("cache", "--sample")
    promised = int(ran.stderr.split("at most ")[1].split(" commands")[0])
    assert services.cache.commands_used - before <= promised + 2
    assert "All keys sampled" in ran
    lines = {line.split()[0]: line for line in ran.splitlines() if line}
    assert lines["user:{id}:recent"].endswith("(warning)")
    assert lines["jobs:*"].endswith("never ends (warning)")
    document = await read_json("cache", "--sample")
    prefixes = {one["prefix"]: one for one in document["prefixes"]}
    assert prefixes["user:{id}"]["entries"] == 5
    assert prefixes["user:{id}"]["bytes"] > 250
    assert 100 < prefixes["user:{id}"]["ttl_left_s"]["most"] <= 200
    assert prefixes["user:{id}"]["outlives_plan"] is False
    assert prefixes["user:{id}:recent"]["outlives_plan"] is True
    assert prefixes["jobs:*"]["never_expire"] == 1
    assert document["sample"]["whole"] is True


async def test_a_read_only_token_cannot_sample_and_is_told_why(
    services: Services, rest: Any, read_json: Callable[..., Any]
) -> None:
    reader = services.using(replace(services.credentials, rest_token=rest.readonly_token))
    document = await read_json("cache", "--sample", using=reader)
    assert "may only read" in document["sample"]["problem"]
    await reader.close()


async def test_which_way_is_faster_is_measured_and_told(run: Callable[..., Any]) -> None:
    ran = await run("cache", "--faster-way")
    assert "REST answers in " in ran
    assert "Measured with 6 commands." in ran
    assert "at most 12 commands" in ran.stderr


async def test_the_hottest_keys_come_from_listening(
    run: Callable[..., Any], read_json: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def heard(*_: object) -> Monitored:
        return Monitored(5.0, 120, (("GET", 120),), (("user:{id}", 120),), (("user:7", 60),))

    monkeypatch.setattr("soundcheck.screens.commands.cache.monitor", heard)
    ran = await run("cache", "--monitor")
    assert "120 commands in 5.0 s: GET 120. Prefixes: user:{id} 120. Hottest keys: user:7 60 times" in ran
    assert "slows Redis down" in ran.stderr
    assert (await read_json("cache", "--monitor"))["monitor"]["keys"] == [{"name": "user:7", "times": 60}]


async def test_the_size_of_the_database_is_told_without_a_key(read_json: Callable[..., Any]) -> None:
    upstash, database = (await read_json("cache", "--usage"))["usage"]
    assert "UPSTASH_API_KEY" in upstash["problem"]
    assert database["figures"][0]["used"] > 1_000_000
    assert database["source"] == "asked the database"


async def test_without_a_cache_or_with_a_wrong_token_it_says_what_to_do(
    services: Services, run: Callable[..., Any]
) -> None:
    with pytest.raises(CouldNotRun, match="no credentials"):
        await run("cache", using=replace(services, cache=None))
    wrong = services.using(replace(services.credentials, rest_token=Secret("wrong")))
    with pytest.raises(StepFailed):
        await run("cache", using=wrong)
    await wrong.close()
