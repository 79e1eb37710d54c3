"""The Cache screen: what applications publish, what is asked for with a key and its price, and pausing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soundcheck.cache import CacheSettings, TwoLevelCache
from soundcheck.screens.app.cache.traffic import table
from soundcheck.screens.app.cache_reading import CacheReading, Series, State
from soundcheck.screens.app.keys.ttl_screen import PriceScreen
from soundcheck.screens.app.start import Place
from soundcheck.screens.cache_words import PREFIX_HEAD, duration, month_words, octets, percent, prefix_rows, rate
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.measured.applications import Applications, observed
from soundcheck.stores.cache.measured.counters import PrefixCounts
from soundcheck.stores.cache.measured.prefix_table import lowest, prefix_lines
from soundcheck.stores.cache.measured.publication import Publication
from soundcheck.stores.cache.measured.publishing import Publisher
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.keys import KEY_PLAN
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, screen_text, until

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LONG = "recommendations-of-the-[/b]-weekly-mix-for-李小龍-and-all-listeners:*"


async def row() -> dict[str, int]:
    return {"n": 1}


@pytest.fixture
async def publisher(rest: Any) -> AsyncIterator[tuple[TwoLevelCache, Publisher]]:
    level = RestLevel(rest.url, rest.token)
    async with TwoLevelCache(level, settings=CacheSettings(channel="")) as cache:
        yield cache, Publisher(cache, level, "music-api", instance="web-1", local=True, note="REST is faster here.")


async def test_no_application_then_one_and_then_its_interval(
    cached_services: Services, publisher: tuple[TwoLevelCache, Publisher]
) -> None:
    cache, publishes = publisher
    app = app_over(replace(cached_services, clock=SystemClock()), Place.CACHE)
    async with app.run_test(size=(120, 50)) as pilot:
        await until(pilot, lambda: "No application reports yet" in screen_text(app))
        await cache.get_or_load("user:7", row)
        await publishes.publish()
        await until(pilot, lambda: "since their start" in screen_text(app))
        assert "music-api" in screen_text(app)
        await cache.get_or_load("user:7", row)
        await publishes.publish()
        await until(pilot, lambda: "1 request in the last" in screen_text(app))
        text = screen_text(app)
        assert "L1 100 %" in text
        assert "REST is faster here." in text
        assert "user:{id}:settings" in text


async def test_p_pauses_everything_until_it_is_pressed_again(cached_services: Services) -> None:
    app = app_over(cached_services, Place.CACHE)
    client = cached_services.cache
    assert client is not None
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        await pilot.press("p")
        await until(pilot, lambda: app.reading.state is State.PAUSED)
        used = client.commands_used
        await pilot.press("2")
        await until(pilot, lambda: app.current_mode == Place.TABLES)
        await pilot.press("3")
        await until(pilot, lambda: app.current_mode == Place.CACHE)
        assert client.commands_used == used
        await pilot.press("p")
        await until(pilot, lambda: app.reading.state is State.LIVE)
        assert client.commands_used > used


async def test_a_sample_is_asked_with_its_price_and_then_shown(cached_services: Services) -> None:
    client = cached_services.cache
    assert client is not None
    await client.command("SET", "user:1:recent", "{}", "EX", 9000)
    app = app_over(cached_services, Place.CACHE)
    async with app.run_test(size=(140, 50)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        await pilot.press("p", "s")
        await until(pilot, lambda: isinstance(app.screen, PriceScreen))
        await until(pilot, lambda: "Redis commands; nothing is written" in screen_text(app))
        used = client.commands_used
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)
        assert client.commands_used == used
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, PriceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "all keys sampled" in screen_text(app))
        assert re.search(r"2:(30:00|2\d:\d\d) !", screen_text(app))


async def test_the_faster_way_and_the_plans_are_told_on_request(cached_services: Services) -> None:
    app = app_over(cached_services, Place.CACHE)
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, PriceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "REST answers in" in screen_text(app))
        await pilot.press("u")
        await until(pilot, lambda: "UPSTASH_API_KEY" in screen_text(app) and "asked the database" in screen_text(app))


async def test_listening_to_redis_wants_a_yes_and_can_be_stopped(
    cached_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("soundcheck.screens.app.cache.screen.monitor", endless)
    app = app_over(cached_services, Place.CACHE)
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, PriceScreen))
        await until(pilot, lambda: "documented" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "listening for 5 s" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: re.search(r"monitored +stopped", screen_text(app)))


async def test_what_was_recorded_is_shown_again_without_a_command(cached_services: Services) -> None:
    app = app_over(cached_services, Place.CACHE)
    client = cached_services.cache
    assert client is not None
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        await pilot.press("y")
        await until(pilot, lambda: any("Nothing is recorded" in one.message for one in app._notifications))
        await pilot.press("p")
        await until(pilot, lambda: app.reading.state is State.PAUSED)
        used = client.commands_used
        await pilot.press("Y")
        await until(pilot, lambda: "recording, 0 looks" in screen_text(app))
        snapshot = app.reading.snapshot
        assert snapshot is not None
        for moment, share in ((0.0, 0.12), (15.0, 0.37)):
            app.reading = app.reading.with_look(replace(snapshot, hit_rate=share), moment)
        await until(pilot, lambda: "recording, 2 looks" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: "replay 2 of 2, 22 Nov 12:00:00 UTC" in screen_text(app))
        app.reading = app.reading.with_look(replace(snapshot, hit_rate=0.99), 30.0)
        await pilot.pause()
        await until(pilot, lambda: "replay 2 of 2" in screen_text(app), "the present waits")
        assert client.commands_used == used
        await pilot.press("escape")
        await until(pilot, lambda: "replay" not in screen_text(app) and app.reading.state is State.LIVE)


async def test_beside_the_tables_applications_are_not_asked_for(cached_services: Services) -> None:
    app = app_over(cached_services, Place.TABLES)
    async with app.run_test(size=(120, 40)) as pilot:
        seen: list[CacheReading] = []
        app.watch(app, "reading", lambda reading: seen.append(reading))
        await until(pilot, lambda: any(one.state is State.LIVE for one in seen))
        first = next(one for one in seen if one.state is State.LIVE)
        assert first.snapshot is not None
        assert (first.applications, first.per_look, first.snapshot.commands_used) == (None, 1.0, 1)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_hostile_and_long_names_neither_colour_nor_break_anything(
    services: Services, size: tuple[int, int]
) -> None:
    counts = (PrefixCounts(LONG, 1, 2, 30), PrefixCounts("a\x1b[31m:*", 1, 2, 3), PrefixCounts("[/foo]", loads=4))
    first = Publication("music", "one", NOON, NOON - timedelta(hours=1), 30.0, counts, note="[/foo] \x1b[31m")
    later = replace(first, at=NOON + timedelta(seconds=30), prefixes=tuple(one.plus(one) for one in counts))
    seen = observed(later, observed(first, None, NOON), NOON + timedelta(seconds=30))
    app = app_over(services, Place.CACHE)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CACHE)
        from tests.screens.app.test_snapshots import READING

        app.reading = READING.with_applications(Applications((seen,), 1), 2.25)
        await until(pilot, lambda: "Applications" in screen_text(app))
        await pilot.press("end")
        await until(pilot, lambda: "Server and plan" in screen_text(app) or "eviction" in screen_text(app))
        assert "\x1b" not in screen_text(app)


def test_columns_give_way_to_a_narrow_window_and_all_lines_are_of_one_width() -> None:
    counts = PrefixCounts(LONG, 1, 2, 30)
    document = Publication("music", "one", NOON, NOON - timedelta(minutes=1), 30.0, (counts,))
    lines = prefix_lines(KEY_PLAN, Applications((observed(document, None, NOON),), 1), None)
    rows = prefix_rows(lines)
    for width in (36, 56, 75, 113):
        drawn = table(PREFIX_HEAD, rows, width)
        assert max(len(line) for line in drawn) <= width
        assert "hits" in drawn[0]
        assert "entries" not in drawn[0], "nothing is known there without a sample"


def test_only_prefixes_with_enough_requests_are_called_low() -> None:
    counts = (PrefixCounts("few:*", loads=3), PrefixCounts("low:*", l1_hits=5, loads=50))
    document = Publication("music", "one", NOON, NOON - timedelta(minutes=1), 30.0, counts)
    lines = prefix_lines(KEY_PLAN, Applications((observed(document, None, NOON),), 1), None)
    assert [line.prefix for line in lowest(lines)] == ["low:*"]
    assert all(line.hit_rate is None for line in lines if line.prefix.startswith("user"))


def test_figures_are_short_and_a_dash_is_no_zero() -> None:
    assert [percent(share) for share in (None, 0.0, 0.001, 0.844, 1.0)] == ["–", "0 %", "<1 %", "84 %", "100 %"]
    assert [rate(number) for number in (None, 0.0, 0.44, 12.0, 1204.4)] == ["–", "0", "0.4", "12", "1,204"]
    assert [duration(seconds) for seconds in (None, 42, 252, 3723)] == ["–", "42 s", "4:12", "1:02:03"]
    assert [octets(number) for number in (None, 812, 1400, 12_000_000)] == ["–", "812 B", "1.4 kB", "12 MB"]
    assert "78% of Upstash's free 500,000" in month_words(212, 388_800, free=False)
    assert CacheReading(every=15, per_look=2.25).per_month == 388_800


def test_a_curve_knows_how_far_back_it_reaches() -> None:
    series = Series()
    for moment in (0.0, 15.0, 30.0, 600.0):
        series = series.add(1.0, moment)
    assert (series.add(None, 700.0), series.reach(10), series.reach(2)) == (series, 600.0, 570.0)
