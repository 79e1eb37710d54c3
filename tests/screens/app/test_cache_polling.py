"""The cache is asked while somebody looks, and not once otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from soundcheck.screens.app.cache.poller import CachePoller
from soundcheck.screens.app.cache_reading import CacheReading, State, pulse
from soundcheck.screens.app.parts.activity import IDLE_AFTER, Activity
from soundcheck.screens.app.start import Place
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.statistics import CacheSnapshot
from tests.conftest import Rest
from tests.screens.app.driving import FixedClock, app_over, screen_text, until


class Watcher:
    """Runs a poller over a real cache and keeps what it publishes."""

    def __init__(self, client: RestClient) -> None:
        self.clock = FixedClock()
        self.activity = Activity(self.clock)
        self.client = client
        self.shown = True
        self.readings: list[CacheReading] = []
        self.published = asyncio.Event()
        self.poller = CachePoller(self.clock, self.activity, lambda: self.shown, self._take)

    def _take(self, reading: CacheReading) -> None:
        self.readings.append(reading)
        self.published.set()

    async def state(self, wanted: State) -> CacheReading:
        """Wait until it is published."""
        async with asyncio.timeout(10):
            while not self.readings or self.readings[-1].state is not wanted:
                self.published.clear()
                await self.published.wait()
        return self.readings[-1]


@pytest.fixture
async def watcher(rest: Rest) -> AsyncIterator[Watcher]:
    client = RestClient(rest.url, rest.token)
    made = Watcher(client)
    task = asyncio.create_task(made.poller.run(client, every=3600))
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.close()


async def test_a_look_is_one_command_and_shows_what_the_server_says(watcher: Watcher) -> None:
    reading = await watcher.state(State.LIVE)
    assert watcher.client.commands_used == 1
    assert reading.snapshot is not None
    assert reading.snapshot.server == "Valkey"
    assert reading.hit_rate == "—", "the first look has no interval yet"


@pytest.mark.parametrize("reason", ["hidden", "background", "idle"])
async def test_nobody_looking_means_not_one_command(watcher: Watcher, reason: str) -> None:
    await watcher.state(State.LIVE)
    used = watcher.client.commands_used
    if reason == "hidden":
        watcher.shown = False
    elif reason == "background":
        watcher.activity.has_focus = False
    else:
        watcher.clock.seconds += IDLE_AFTER
    watcher.poller.wake()
    reading = await watcher.state(State.PAUSED)
    assert reading.why
    assert "paused" in pulse(reading).plain
    for _ in range(3):
        watcher.poller.wake()
        await watcher.state(State.PAUSED)
    assert watcher.client.commands_used == used
    watcher.shown, watcher.activity.has_focus = True, True
    watcher.activity.touch()
    watcher.poller.wake()
    await watcher.state(State.LIVE)
    assert watcher.client.commands_used == used + 1


async def test_a_cache_that_refuses_is_said_in_its_own_words(rest: Rest) -> None:
    client = RestClient(rest.url, Secret("wrong"))
    watcher = Watcher(client)
    task = asyncio.create_task(watcher.poller.run(client, every=3600))
    reading = await watcher.state(State.FAILED)
    assert reading.why
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.close()


async def test_the_app_asks_on_tables_and_cache_and_is_silent_on_checks_and_in_the_background(
    cached_services: Services,
) -> None:
    app = app_over(cached_services)
    cache = cached_services.cache
    assert cache is not None
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        await until(pilot, lambda: "keys" in screen_text(app))
        await pilot.press("4")
        await until(pilot, lambda: app.reading.state is State.PAUSED)
        used = cache.commands_used
        assert "cache paused" in screen_text(app)
        await pilot.press("3")
        await until(pilot, lambda: app.reading.state is State.LIVE)
        assert cache.commands_used > used
        app.app_focus = False
        await until(pilot, lambda: app.reading.state is State.PAUSED)
        used = cache.commands_used
        assert "terminal in the background" in screen_text(app)
        app.app_focus = True
        await until(pilot, lambda: app.reading.state is State.LIVE)
        assert cache.commands_used > used


async def test_a_key_after_a_long_pause_wakes_the_figures(cached_services: Services) -> None:
    app = app_over(cached_services, Place.CACHE)
    clock = cached_services.clock
    assert isinstance(clock, FixedClock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.reading.state is State.LIVE)
        clock.seconds += IDLE_AFTER
        await until(pilot, lambda: app.reading.state is State.PAUSED)
        await pilot.press("down")
        await until(pilot, lambda: app.reading.state is State.LIVE)


def test_figures_of_others_are_said_and_missing_ones_are_dashes() -> None:
    snapshot = CacheSnapshot(0.84, 84, 16, 212.4, 1.0, 8120, 12_400_000, None, 0, 0, 6.1, 212, "Valkey", "9", False)
    reading = CacheReading(every=1.0).with_look(snapshot)
    assert pulse(reading).plain == "cache 84 % ▇ 212 ops/s"
    empty = CacheSnapshot(None, 0, 0, None, None, None, None, None, None, None, 6.1, 1, "Redis", "", False)
    assert pulse(CacheReading().with_look(empty)).plain == "cache — ▁ — ops/s"
