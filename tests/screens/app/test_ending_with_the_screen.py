"""What runs later ends with its screen: every screen is opened, used and closed again and again, answers late."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import os
import random
import warnings
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from soundcheck.checks.catalogue import default_registry
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath, StepId
from tests.fault_proxy import FaultProxy, Swallow
from tests.late_answers import late_answers
from tests.screens.app.driving import app_over, opened, until

pytestmark = pytest.mark.drawn

LATE = 0.03
"""Seconds by which an answer may be late."""

ROUNDS = int(os.environ.get("SOUNDCHECK_ROUNDS", "1"))
"""How often all walks are taken, in another order each time: hundred screens, panes and lines in a round."""

WALKS = {
    "follow": "F r F F",
    "follow and sort": "F s enter F",
    "filter": "slash a escape",
    "sort": "s down enter s escape",
    "go to": "g c m enter escape",
    "pages": "pagedown end pageup home",
    "count": "n n",
    "hide": "minus plus greater_than_sign",
    "cache column": "C pagedown C C",
    "read again": "ctrl+r ctrl+r",
    "spellings": "x down escape",
    "structure": "t slash n escape D d escape escape escape",
    "structure read again": "t ctrl+r escape",
    "structure saved": "t s escape escape",
    "diagram": "m down space a escape",
    "diagram read again": "m ctrl+r escape",
    "record": "enter down n f escape escape",
    "record followed": "enter F ctrl+r F escape",
    "record's values": "enter down enter escape x escape escape",
    "record's copies": "enter right t escape escape",
    "help": "question_mark escape",
    "palette": "f6 a escape",
    "writing": "W W",
    "checks": "4 R escape h space escape n enter escape 2",
    "checks asked again": "4 R R down enter r 2",
    "bundle": "4 b escape s escape 2",
    "cache": "3 s p f u m p escape 2",
    "keys": "3 b down right ctrl+r a escape 2",
    "keys and their row": "3 b enter e escape d escape o escape 2",
    "set-up": "1 down up 2",
    "places": "1 2 3 4 2",
}
"""Keys, beginning and ending in the rows of a table."""


def press(app: SoundcheckApp, key: str) -> None:
    """As the terminal would hand it in, without waiting for anything."""
    driver = app._driver
    assert driver is not None
    driver.process_message(events.Key(key, key if len(key) == 1 else None))


async def some_turns(chance: random.Random) -> None:
    """The loop turns a few times: enough for a screen to come up, or not."""
    for _ in range(chance.randrange(25)):
        await asyncio.sleep(0)


class Watch:
    """What must not have happened once everything has ended."""

    def __init__(self, log: pytest.LogCaptureFixture, told: list[warnings.WarningMessage]) -> None:
        self._log, self._told = log, told
        self._tasks = asyncio.all_tasks()

    async def assert_nothing_left(self) -> None:
        gc.collect()
        assert [str(one.message) for one in self._told if issubclass(one.category, RuntimeWarning)] == []
        wrong = [r for r in self._log.records if r.levelno >= logging.ERROR]
        assert [f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}" for record in wrong] == []
        left = {one for one in asyncio.all_tasks() - self._tasks - {asyncio.current_task()} if not _is_of_a_server(one)}
        if left:
            await asyncio.wait(left, timeout=30)
        assert [task for task in left if not task.done()] == []


def _is_of_a_server(task: asyncio.Task[Any]) -> bool:
    """Whether it is a conversation of the test's own silent server, which notices late that a client hung up."""
    return getattr(task.get_coro(), "__qualname__", "").startswith("LoopbackServer.")


@pytest.fixture
async def watch(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Watch]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RuntimeWarning)
        with late_answers(LATE, seed=5):
            yield Watch(caplog, told)


async def test_every_screen_is_opened_used_and_closed_again_and_again(cached_services: Services, watch: Watch) -> None:
    chance, seen = random.Random(7), set()
    app = app_over(cached_services, checks=default_registry())
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        for _ in range(ROUNDS):
            for walk in chance.sample(list(WALKS.values()), len(WALKS)):
                await _back_to_the_rows(pilot, app)
                for key in walk.split():
                    press(app, key)
                    await some_turns(chance)
                    seen.add(type(app.screen).__name__)
        app.exit()
    await watch.assert_nothing_left()
    assert seen >= {
        "TablesScreen", "RecordScreen", "StructureScreen", "DiagramScreen", "SpelledScreen", "HelpScreen",
        "CommandPalette", "CacheScreen", "KeysScreen", "ChecksScreen", "HistoryScreen", "SetupScreen",
    }  # fmt: skip


async def _back_to_the_rows(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    """Whatever a walk came to, which is not the same each time: back to where it began."""
    deadline = asyncio.get_running_loop().time() + 30
    while app.current_mode != Place.TABLES or len(app.screen_stack) > 1:
        assert asyncio.get_running_loop().time() < deadline, app.screen_stack
        press(app, "escape" if len(app.screen_stack) > 1 else "2")
        await pilot.pause(0.001)
    grid = app.screen.query_one("Grid")
    if grid.display:
        grid.focus()


@pytest.mark.parametrize("name", WALKS)
async def test_the_app_is_left_in_the_middle(cached_services: Services, watch: Watch, name: str) -> None:
    """Before its keys lead back."""
    chance, keys = random.Random(name), WALKS[name].split()
    app = app_over(cached_services, checks=default_registry())
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        for key in keys[: chance.randint(1, max(len(keys) - 1, 1))]:
            press(app, key)
            await some_turns(chance)
        app.exit()
    assert app.return_code == 0
    await watch.assert_nothing_left()


STEPS = [step for step in StepId if step is not StepId.DATABASE]
"""All panes but the one that starts Node, which takes a second of the machine each time."""


async def test_the_steps_of_set_up_are_opened_and_left(cached_services: Services, watch: Watch) -> None:
    chance, app = random.Random(3), app_over(replace(cached_services, database=None, cache=None), Place.SETUP)
    state = SetupState(cached_services, Session(path=SetupPath.CREDENTIALS), FoundCredentials()).holding(
        cached_services.credentials
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SetupScreen) and app.screen.pane is not None, "set-up")
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        with app._context():
            for step, way in itertools.product(STEPS * (ROUNDS + 1), (SetupPath.CREDENTIALS, SetupPath.INSTANT)):
                await screen.open(step, replace(state, session=replace(state.session, path=way)))
                await some_turns(chance)
        app.exit()
    await watch.assert_nothing_left()


@pytest.fixture
async def silent_services(cached_services: Services) -> AsyncIterator[Services]:
    """Both stores take connections and never say a word."""
    async with FaultProxy(Swallow()) as hole:
        url = replace(cached_services.credentials.database_url, host="127.0.0.1", port=hole.port)
        rest = RestUrl.parse(f"http://127.0.0.1:{hole.port}")
        token = Secret("token")
        database, cache = Database(url, SystemResolver()), RestClient(rest, token)
        yield replace(
            cached_services, credentials=Credentials(database_url=url, rest_url=rest, rest_token=token),
            database=database, cache=cache,
        )  # fmt: skip
        await database.close()
        await cache.close()


@pytest.mark.parametrize("keys", ["2 r r", "3 s b", "4", "4 R", "1", "2 ctrl+r", "2 3 4 2", "F6 question_mark"])
async def test_leaving_with_silent_stores(silent_services: Services, watch: Watch, keys: str) -> None:
    app = app_over(silent_services, checks=default_registry())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.TABLES, "the tables")
        for key in keys.split():
            press(app, key)
            await pilot.pause(0.001)
        app.exit()
    assert app.return_code == 0
    await watch.assert_nothing_left()
