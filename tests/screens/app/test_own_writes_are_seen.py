"""What the app itself has written is shown anew wherever it stands, also on screens that nobody looks at now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.keys.consent_screen import ConsentScreen
from soundcheck.screens.app.keys.entry_pane import EntryPane
from soundcheck.screens.app.keys.screen import KeysScreen
from soundcheck.screens.app.record.copy_row import CopyRow
from soundcheck.screens.app.start import Place
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, opened, screen_text, until

KEY = "user:cm000001"


@pytest.fixture
def server(rest: Rest) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        client.set(KEY, json.dumps({"id": "cm000001", "plays": 7}), ex=600)
        yield client


async def key_is_open(pilot: Pilot[Any], app: SoundcheckApp) -> EntryPane:
    """The key browser, with the key of the first row in it."""
    await pilot.press("3")
    await until(pilot, lambda: app.screen.query("#facts"), "the cache")
    await pilot.press("b")
    await until(pilot, lambda: isinstance(app.screen, KeysScreen), "the key browser")
    screen = app.screen
    assert isinstance(screen, KeysScreen)
    await until(pilot, lambda: screen.found.scan.steps, "a scan")
    screen._open(KEY)
    pane = screen.query_one(EntryPane)
    await until(pilot, lambda: pane.entry is not None and pane.entry.key == KEY, "the key")
    return pane


async def agreed(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await until(pilot, lambda: isinstance(app.screen, ConsentScreen), "the question")
    await pilot.press("left", "enter")


def first_line(app: SoundcheckApp) -> str:
    return next((line for line in screen_text(app).splitlines() if "cm000001" in line), "")


async def test_a_key_dropped_in_the_key_browser_is_no_copy_in_the_rows_any_more(
    cached_services: Services, server: redis.Redis
) -> None:
    app = app_over(cached_services)
    async with app.run_test(size=(120, 40)) as pilot:
        app.writing = True
        await opened(pilot, app)
        await pilot.press("C")
        await until(pilot, lambda: "✓ fresh" in first_line(app), "the badge")
        await key_is_open(pilot, app)
        await pilot.press("d")
        await agreed(pilot, app)
        await until(pilot, lambda: not server.exists(KEY), "the key is gone")
        await pilot.press("2")
        await until(pilot, lambda: app.current_mode == Place.TABLES and first_line(app), "the rows")
        await until(pilot, lambda: "✓ fresh" not in first_line(app) and " · " not in first_line(app), "the new answer")


async def test_a_copy_warmed_beside_its_row_is_read_again_in_the_key_browser(
    cached_services: Services, server: redis.Redis
) -> None:
    app = app_over(cached_services)
    async with app.run_test(size=(120, 40)) as pilot:
        app.writing = True
        await opened(pilot, app)
        pane = await key_is_open(pilot, app)
        before = pane.entry
        await pilot.press("2")
        await until(pilot, lambda: app.current_mode == Place.TABLES and first_line(app), "the rows")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(CopyRow), "the copies")
        await pilot.press("w")
        await until(pilot, lambda: "plays" not in str(server.get(KEY)) or "ttl" in str(server.get(KEY)), "warmed")
        await until(pilot, lambda: pane.entry is not None and pane.entry is not before, "the entry is another")
        assert pane.entry is not None
        assert pane.entry.key == KEY
