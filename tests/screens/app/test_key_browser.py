"""The key browser: what is there, what it costs, what is dropped, and where a key came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from textual.pilot import Pilot
from textual.widgets import Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.keys.consent_screen import ConsentScreen
from soundcheck.screens.app.keys.entry_pane import EntryPane
from soundcheck.screens.app.keys.key_tree import KeyTree
from soundcheck.screens.app.keys.screen import KeysScreen
from soundcheck.screens.app.keys.ttl_screen import PriceScreen, TtlScreen, seconds_of
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, screen_text, until


@pytest.fixture
def server(rest: Rest) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        yield client


async def browser(pilot: Pilot[Any], app: SoundcheckApp) -> KeysScreen:
    """Opened from Cache by its key."""
    await until(pilot, lambda: app.services.cache is not None and app.screen.query("#facts"), "cache")
    await pilot.press("b")
    await until(pilot, lambda: isinstance(app.screen, KeysScreen), "keys")
    screen = app.screen
    assert isinstance(screen, KeysScreen)
    await until(pilot, lambda: screen.found.scan.steps or screen.found.scan.problem, "a scan")
    await until(pilot, lambda: screen.found.known is not None, "tables")
    await until(pilot, lambda: isinstance(app.focused, KeyTree) or screen.found.scan.problem, "focus")
    return screen


def told(app: SoundcheckApp) -> str:
    return "\n".join(one.message for one in app._notifications)


async def open_key(pilot: Pilot[Any], screen: KeysScreen, key: str) -> EntryPane:
    screen._open(key)
    pane = screen.query_one(EntryPane)
    await until(pilot, lambda: pane.entry is not None and pane.entry.key == key, key)
    return pane


async def test_prefixes_lead_to_a_key_whose_fields_are_masked_and_whose_row_opens(
    cached_services: Services, server: redis.Redis
) -> None:
    value = {"id": "cm000001", "name": "Oto", "email": "oto@mail.example"}
    server.set("user:cm000001", json.dumps(value), ex=300)
    server.set("user:cm000002", "{}", ex=300)
    app = app_over(cached_services, Place.CACHE)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await browser(pilot, app)
        await until(pilot, lambda: "2 commands used here · all keys looked at" in screen_text(app))
        await until(pilot, lambda: "user:  2" in screen_text(app))
        await pilot.press("enter", "down", "enter")
        await until(pilot, lambda: "STALE (2 fields)" in screen_text(app))
        assert "oto@mail.example" not in screen_text(app)
        await until(pilot, lambda: "7 commands used here" in screen_text(app))
        await pilot.press("r")
        await until(pilot, lambda: '"email": "oto@mail.example"' in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.query("#facts"))


async def test_hostile_keys_and_values_do_nothing(cached_services: Services, server: redis.Redis) -> None:
    server.set("[/foo]:\x1b[31m[red]", "[/bar]\x1b]0;x\x07" + "y" * 1_000_000)
    server.hset("[b]hash", mapping={"[i]field": "[/i]", "password": "hunter2"})
    server.set("deep", '{"email":"oto@mail.example","x":' + "[" * 200_000 + "]" * 200_000 + "}")
    app = app_over(cached_services, Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(pilot, app)
        await open_key(pilot, screen, "[/foo]:\x1b[31m[red]")
        await until(pilot, lambda: "[/bar]␛]0;x␇yyy" in screen_text(app))
        await until(pilot, lambda: "1.0 MB" in screen_text(app))
        await open_key(pilot, screen, "[b]hash")
        await until(pilot, lambda: "[i]field" in screen_text(app))
        assert "hunter2" not in screen_text(app)
        await open_key(pilot, screen, "deep")
        await until(pilot, lambda: "deep" in screen_text(app))
        await until(pilot, lambda: "It is no whole JSON" in screen_text(app))
        assert "oto@mail" not in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: "oto@mail" in screen_text(app))


async def test_a_prefix_is_counted_before_it_is_dropped_and_both_are_asked(
    cached_services: Services, server: redis.Redis
) -> None:
    server.mset({f"user:u{n}": "{}" for n in range(120)} | {"other": "1"})
    app = app_over(cached_services, Place.CACHE)
    app.writing = True
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(pilot, app)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ConsentScreen))
        await until(pilot, lambda: "Drop 120 keys?" in screen_text(app))
        await until(pilot, lambda: "6 commands." in screen_text(app))
        assert server.dbsize() == 121
        await pilot.press("left", "enter")
        await until(pilot, lambda: not server.keys("user:*"))
        await until(pilot, lambda: screen.found.scan.keys == ("other",))
        assert "Dropped 120 keys." in told(app)
        await until(pilot, lambda: "8 commands used here" in screen_text(app))  # 2 to find them, 6 to drop them


async def test_a_long_scan_says_its_price_goes_on_and_counts_a_prefix_at_a_price(
    cached_services: Services, server: redis.Redis
) -> None:
    server.mset({f"user:u{n}": "{}" for n in range(6000)})
    app = app_over(cached_services, Place.CACHE)
    app.writing = True
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(pilot, app)
        assert not screen.found.scan.done
        await until(pilot, lambda: "5 commands used here" in screen_text(app))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, PriceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConsentScreen))
        await until(pilot, lambda: "Drop 6,000 keys?" in screen_text(app))
        await pilot.press("escape", "m")
        await until(pilot, lambda: screen.found.scan.done)
        assert len(screen.found.scan.keys) == 6000
        await pilot.press("home", "enter", "end")
        await until(pilot, lambda: "… 5,500 more" in screen_text(app))


async def test_the_time_to_live_is_changed_through_the_guard(cached_services: Services, server: redis.Redis) -> None:
    server.set("user:cm000001", "{}")
    app = app_over(cached_services, Place.CACHE)
    app.writing = True
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(pilot, app)
        await open_key(pilot, screen, "user:cm000001")
        await until(pilot, lambda: "never expires" in screen_text(app))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TtlScreen))
        app.screen.query_one(Input).value = "2h"
        await pilot.press("enter")
        await until(pilot, lambda: 7100 < int(str(server.ttl("user:cm000001"))) <= 7200)
        await until(pilot, lambda: "expires in 1:59" in screen_text(app) or "expires in 2:00" in screen_text(app))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("300", 300), ("5m", 300), (" 2H ", 7200), ("1d", 86400), ("0", None), ("", None), ("m", None), ("1e9", None),
     ("-5", None), ("99999d", None)],
)  # fmt: skip
def test_a_time_is_typed_as_people_write_it(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


async def test_looking_through_finds_orphans_older_shapes_and_keys_without_an_end(
    cached_services: Services, server: redis.Redis
) -> None:
    server.set("user:nobody", json.dumps({"id": "nobody"}), ex=60)
    server.set("user:cm000001", json.dumps({"v": 1, "data": {"id": "cm000001"}}), ex=60)
    server.set("user:cm000002", json.dumps({"id": "cm000002", "password": "x"}))
    app = app_over(cached_services, Place.CACHE)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await browser(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, PriceScreen))
        await until(pilot, lambda: "About 6 Redis commands" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: screen.found.audit is not None)
        await until(pilot, lambda: "1 no TTL, 1 orphans, 1 older shape, 1 secrets inside" in screen_text(app))
        await pilot.press("v", "v")
        await until(pilot, lambda: "Keys: orphans" in screen_text(app))
        await until(pilot, lambda: "user:nobody" in screen_text(app))
        await until(pilot, lambda: "cm000002" not in screen_text(app))


async def test_a_read_only_token_opens_a_key_by_its_name(
    cached_services: Services, rest: Rest, server: redis.Redis
) -> None:
    server.set("user:cm000001", "{}", ex=60)
    reader = cached_services.using(replace(cached_services.credentials, rest_token=rest.readonly_token))
    app = app_over(reader, Place.CACHE)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            screen = await browser(pilot, app)
            await until(pilot, lambda: "This token may only read" in screen_text(app))
            await pilot.press("slash")
            screen.query_one("#prefix", Input).value = "user:cm000001"
            await pilot.press("enter")
            await until(pilot, lambda: "expires in" in screen_text(app))
    finally:
        await reader.close()
