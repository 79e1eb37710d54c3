"""The app's writes on every kind of profile: the key is in the cache until the right consent was given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from textual.pilot import Pilot
from textual.widgets import Button, Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.keys.consent_screen import ConsentScreen
from soundcheck.screens.app.keys.screen import KeysScreen
from soundcheck.screens.app.keys.ttl_screen import TtlScreen
from soundcheck.screens.app.record.copy_row import CopyRow
from soundcheck.screens.app.start import Place
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, opened, screen_text, until
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


async def answer(pilot: Pilot[Any], app: SoundcheckApp, given: str, name: str, untouched: Callable[[], bool]) -> None:
    """Answer the question that is on screen: `escape`, or a name, which is "" where none is wanted."""
    await until(pilot, lambda: isinstance(app.screen, ConsentScreen) and app.screen.focused, "a question")
    question, yes = app.screen, app.screen.query_one("#consent-yes", Button)
    assert untouched()
    assert yes.disabled is bool(name)
    if given == "escape":
        await pilot.press("escape")
    else:
        if name:
            field = question.query_one("#consent-name", Input)
            field.value = name + "-not"
            await until(pilot, lambda: field.value.endswith("-not") and yes.disabled, "another name")
            field.focus()
            await until(pilot, lambda: app.focused is field, "the field")
            await pilot.press("enter")
            assert app.screen is question
            assert untouched()
            field.value = name
            await until(pilot, lambda: not yes.disabled, "its name")
        yes.focus()
        await until(pilot, lambda: app.focused is yes, "the button")
        await pilot.press("enter")
    await until(pilot, lambda: app.screen is not question, "the record")


@pytest.mark.parametrize("kind", list(ProfileKind))
async def test_the_copies_of_the_open_record_are_warmed_and_dropped_only_with_consent(
    cached_services: Services, server: redis.Redis, kind: ProfileKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = json.dumps({"id": "cm000001", "name": "Oto"})
    server.set(KEY, old)
    project = replace(cached_services.project, profile=Profile("live", kind, named=True))
    app = app_over(replace(cached_services, project=project))
    said: list[str] = []
    monkeypatch.setattr(app, "notify", lambda message, **_: said.append(message))
    name = "" if kind is ProfileKind.DEV else "127.0.0.1"
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(CopyRow) and "STALE" in screen_text(app), "copies")
        record = app.screen
        await pilot.press("d", "w")  # the session is read-only: told, not asked
        await until(pilot, lambda: len(said) == 2, "two words")
        assert all("read-only" in word for word in said)
        assert app.screen is record
        app.writing = True

        if name:
            for given in ("escape", name):
                await pilot.press("w")
                await answer(pilot, app, given, name, lambda: server.get(KEY) == old)
        else:
            await pilot.press("w")
        await until(pilot, lambda: server.get(KEY) != old, "the row as it is")
        assert json.loads(str(server.get(KEY)))["data"]["id"] == "cm000001"

        await until(pilot, lambda: "✓ fresh" in screen_text(app), "the copy as it is")

        for given in ("escape", name):
            await pilot.press("d")
            await answer(pilot, app, given, name, lambda: bool(server.exists(KEY)))
        await until(pilot, lambda: not server.exists(KEY), "gone")
