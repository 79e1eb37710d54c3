"""The app's writes on every kind of profile: the key is in the cache until the right consent was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
from textual.widgets import Button, Input

from checks.services import Services
from screens.app.keys.consent_screen import ConsentScreen
from screens.app.keys.screen import KeysScreen
from screens.app.keys.ttl_screen import TtlScreen
from screens.app.start import Place
from stores.project import Profile, ProfileKind
from tests.conftest import Rest
from tests.screens.app.driving import app_over, until
from tests.screens.app.test_key_browser import browser, open_key, told

KEY = "user:cm000001"


@pytest.fixture
def server(rest: Rest) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        client.set(KEY, "{}", ex=50)
        yield client


@pytest.mark.parametrize("kind", list(ProfileKind))
async def test_keys_are_dropped_and_kept_alive_only_with_consent(
    cached_services: Services, server: redis.Redis, kind: ProfileKind
) -> None:
    project = replace(cached_services.project, profile=Profile("live", kind, named=True))
    app = app_over(replace(cached_services, project=project), Place.CACHE)
    name = "" if kind is ProfileKind.DEV else "127.0.0.1"
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await browser(pilot, app)
        await open_key(pilot, screen, KEY)

        await pilot.press("d")  # the session is read-only: told, not asked
        await until(pilot, lambda: "read-only" in told(app))
        assert isinstance(app.screen, KeysScreen)
        app.writing = True

        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TtlScreen))
        app.screen.query_one(Input).value = "2h"
        await pilot.press("enter")
        if name:
            await until(pilot, lambda: isinstance(app.screen, ConsentScreen))
            assert app.screen.query_one("#consent-yes", Button).disabled
            assert int(str(server.ttl(KEY))) <= 50
            app.screen.query_one("#consent-name", Input).value = name
            await until(pilot, lambda: not app.screen.query_one("#consent-yes", Button).disabled)
            app.screen.query_one("#consent-name").focus()
            await pilot.press("enter")
        await until(pilot, lambda: int(str(server.ttl(KEY))) > 7000)

        for answer in ("escape", "wrong", "right"):
            await until(pilot, lambda: isinstance(app.screen, KeysScreen))
            await pilot.press("d")
            await until(pilot, lambda: isinstance(app.screen, ConsentScreen) and app.screen.query("#consent-yes"))
            assert server.exists(KEY)
            yes = app.screen.query_one("#consent-yes", Button)
            if answer == "escape":
                await pilot.press("escape")
                continue
            if name:
                app.screen.query_one("#consent-name", Input).value = name if answer == "right" else "some-other"
                await pilot.pause()
                assert yes.disabled is (answer == "wrong")
            if answer == "wrong":
                await pilot.press("enter" if name else "escape")
                assert server.exists(KEY)
                if name:
                    await pilot.press("escape")
                continue
            yes.focus()
            await pilot.press("enter")
        await until(pilot, lambda: not server.exists(KEY))
