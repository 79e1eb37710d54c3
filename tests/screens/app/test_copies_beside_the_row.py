"""The copies beside the open row: differences masked as the fields are, warmed, dropped and timed from there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.keys.consent_screen import ConsentScreen
from soundcheck.screens.app.record.cached_copies import CachedCopies
from soundcheck.screens.app.record.copy_row import CopyRow
from soundcheck.screens.app.record.saving_screen import SavingScreen
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, opened, screen_text, until

KEY = "user:cm000001"


@pytest.fixture
async def server(rest: Rest) -> AsyncIterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        yield client


def told(app: SoundcheckApp) -> str:
    """What was said at the edge of the screen."""
    return "\n".join(one.message for one in app._notifications)


async def record(pilot: Pilot[Any], app: SoundcheckApp, *, writing: bool = True) -> None:
    """The first user is open and its copies have been read."""
    app.writing = writing
    await opened(pilot, app)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen.query(CopyRow), "copies")


async def test_a_stale_copy_shows_both_values_masked_until_the_field_is_revealed(
    cached_services: Services, server: redis.Redis
) -> None:
    server.set(KEY, json.dumps({"id": "cm000001", "name": "[/foo]", "email": "oto@mail.example"}), ex=3000)
    app = app_over(cached_services)
    async with app.run_test(size=(120, 40)) as pilot:
        await record(pilot, app)
        await until(pilot, lambda: "✗ STALE (2 fields)" in screen_text(app))
        text = screen_text(app)
        assert "expires in 4" in text or "expires in 50:00" in text
        assert "[/foo]" in text
        assert "oto@mail.example" not in text
        assert "user1@mail.example" not in text
        await pilot.press("down", "down", "r")
        await until(pilot, lambda: "oto@mail.example" in screen_text(app))
        await until(pilot, lambda: screen_text(app).count("user1@mail.example") == 2)
        await pilot.press("right")
        await until(pilot, lambda: isinstance(app.focused, CopyRow))
        await until(pilot, lambda: "10 commands" in screen_text(app))


async def test_warm_stores_the_row_without_its_secrets_and_drop_asks_first(
    cached_services: Services, server: redis.Redis
) -> None:
    app = app_over(cached_services)
    async with app.run_test(size=(80, 24)) as pilot:
        await record(pilot, app)
        await until(pilot, lambda: "— not cached" in screen_text(app))
        await pilot.press("w")
        await until(pilot, lambda: "✓ fresh" in screen_text(app))
        stored = json.loads(str(server.get(KEY)))
        assert (stored["v"], stored["ttl"], "password" in stored["data"]) == (1, 300, False)
        assert stored["data"]["createdAt"] == "2026-11-22T10:00:00.000Z"
        assert 290 < int(str(server.ttl(KEY))) <= 300
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ConsentScreen))
        await until(pilot, lambda: "Drop this cached copy?" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ConsentScreen))
        assert server.exists(KEY)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ConsentScreen))
        await pilot.press("left", "enter")
        await until(pilot, lambda: not server.exists(KEY))
        await until(pilot, lambda: "✓ fresh" not in screen_text(app))
        asked_three_times, warmed, dropped = 3 * 10, 3, 3
        assert app.screen.query_one(CachedCopies).spent == asked_three_times + warmed + dropped


async def test_a_session_begins_read_only_for_both_stores_and_says_how_that_ends(
    cached_services: Services, server: redis.Redis
) -> None:
    server.set(KEY, "{}")
    app = app_over(cached_services)
    async with app.run_test(size=(80, 24)) as pilot:
        await record(pilot, app, writing=False)
        await pilot.press("d", "w")
        await until(pilot, lambda: "read-only, for the database and the cache alike. W allows" in told(app))
        assert server.get(KEY) == "{}"
        await pilot.press("W")
        await until(pilot, lambda: "! writing" in screen_text(app))
        await pilot.press("w")
        await until(pilot, lambda: "✓ fresh" in screen_text(app))
        await pilot.press("f7")
        await until(pilot, lambda: "read-only" in screen_text(app))


async def test_who_just_looks_cannot_allow_writing(cached_services: Services, server: redis.Redis) -> None:
    app = app_over(cached_services, just_looking=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await record(pilot, app, writing=False)
        await pilot.press("W", "w")
        await until(pilot, lambda: "Open the project itself" in told(app))
        assert not app.writing
        assert not server.exists(KEY)


async def test_a_read_only_token_shows_the_copy_and_is_told_that_it_cannot_write(
    cached_services: Services, rest: Rest, server: redis.Redis
) -> None:
    server.set(KEY, json.dumps({"id": "cm000001", "name": "Oto"}))
    credentials = replace(cached_services.credentials, rest_token=rest.readonly_token)
    reader = cached_services.using(credentials)
    app = app_over(reader)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await record(pilot, app)
            await until(pilot, lambda: "STALE (1 field)" in screen_text(app))
            await pilot.press("w")
            await until(pilot, lambda: "may only read" in told(app))
    finally:
        await reader.close()


async def test_what_the_cache_saves_says_its_price_first(cached_services: Services, server: redis.Redis) -> None:
    server.set(KEY, json.dumps({"id": "cm000001"}), ex=300)
    app = app_over(cached_services)
    async with app.run_test(size=(80, 24)) as pilot:
        await record(pilot, app)
        assert cached_services.cache is not None
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, SavingScreen))
        await until(pilot, lambda: "Costs 21 Redis commands and 21 queries." in screen_text(app))
        reads = int(server.info("commandstats").get("cmdstat_get", {}).get("calls", 0))
        await pilot.press("enter")
        await until(pilot, lambda: "p95" in screen_text(app))
        assert int(server.info("commandstats")["cmdstat_get"]["calls"]) - reads == 21
        await until(pilot, lambda: "database" in screen_text(app))
