"""The whole wizard by keys alone: from an empty folder to Done, without one secret on the screen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest
from textual.message import Message
from textual.notifications import Notify
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.parts.key_line import MOST, KeyLine
from soundcheck.screens.app.routes import SetupFinished
from soundcheck.screens.app.setup.rail import StepRail
from soundcheck.screens.app.start import Place
from soundcheck.screens.parting import keeps_running
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.project.project import Project
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.setup.session import load_session
from soundcheck.wizard.step import StepId
from tests.conftest import run_aside
from tests.screens.app.setup.conftest import (
    MakeServices,
    app_at_setup,
    at_step,
    everything_shown,
    next_focused,
    pane,
    screen_text,
    until,
)

pytestmark = pytest.mark.usefixtures("engine_folder")


@pytest.fixture
def own_stack(project: Project) -> Iterator[LocalStack]:
    stack = LocalStack(project.local)
    yield stack
    run_aside(stack.down())


def told(heard: list[Message]) -> list[str]:
    """The notifications, as they came."""
    return [one.notification.message for one in heard if isinstance(one, Notify)]


async def the_stack_comes_and_goes(
    pilot: Pilot[None], app: SoundcheckApp, stack: LocalStack, heard: list[Message]
) -> None:
    """`local down` stays down in every place until the key; what ends by itself comes back by itself."""
    await until(pilot, lambda: "ops/s" in screen_text(app), "the cache's figures")
    run_aside(stack.down())
    await until(pilot, lambda: "! local stack down" in screen_text(app), "the header")
    assert "The local stack was stopped" in screen_text(app)
    with pytest.raises(CouldNotRun, match="was stopped"):
        await app.renew_clients()
    for key, words in (("2", "ctrl+r"), ("3", ""), ("2", "")):
        await pilot.press(key)
        await until(pilot, lambda: "L starts it again" in screen_text(app), f"the key that starts it, after {key}")
        if words:
            await pilot.press(words)
            await until(pilot, lambda: "✗ offline  The local stack was stopped" in screen_text(app), "the rows' line")
    assert run_aside(stack.status()).postgres.pid is None
    await pilot.press("L")
    await until(pilot, lambda: "The local stack runs again." in told(heard), "the start by the key")
    await until(pilot, lambda: "✗ offline" not in screen_text(app) and "L starts" not in screen_text(app), "the rows")
    state = stack.state()
    assert state is not None
    assert state.valkey.process is not None
    assert state.valkey.process.send(signal.SIGKILL)
    await until(pilot, lambda: any("It runs again." in text for text in told(heard)), "that Valkey was started again")
    assert "Valkey of the local stack has ended. It runs again." in told(heard)
    await until(pilot, lambda: "! local stack down" not in screen_text(app), "the header")
    assert keeps_running(app.services)


async def test_from_an_empty_folder_to_done_by_keys(
    make_services: MakeServices, project: Project, own_stack: LocalStack
) -> None:
    app = app_at_setup(make_services())
    seen: dict[StepId, str] = {}
    shown: list[str] = []
    heard: list[Message] = []

    def look() -> None:
        shown.append(everything_shown(app))
        seen[pane(app).STEP] = screen_text(app)
        assert len(app.screen.query_one(KeyLine).keys()) <= MOST

    async with app.run_test(size=(80, 24), message_hook=heard.append) as pilot:
        await at_step(pilot, StepId.WELCOME)
        look()
        await pilot.press("enter")
        for step in (StepId.CREDENTIALS, StepId.ENV, StepId.DATABASE):
            await at_step(pilot, step)
            await next_focused(pilot)
            look()
            await pilot.press("enter")
        await until(pilot, lambda: pane(app).next_label == "Next" and pane(app).ready, "the push")
        look()
        await pilot.press("enter")
        for step in (StepId.CONNECTION, StepId.CACHE, StepId.DONE):
            await at_step(pilot, step)
            await next_focused(pilot)
            look()
            assert app.screen.query_one(StepRail).here is step
            await until(pilot, lambda: app.services.credentials.has_cache, "that the other places know the cache")
            await pilot.press("enter")
            assert not app.screen.query("#next.-active"), "Next takes the Enter of a step that is answered at once"
        await until(pilot, lambda: any(isinstance(one, SetupFinished) for one in heard), "the end")
        with WizardLock(project):
            pass
        await until(pilot, lambda: app.current_mode == Place.TABLES and "chat_messages" in screen_text(app), "tables")
        await the_stack_comes_and_goes(pilot, app, own_stack, heard)
    finished = next(one for one in heard if isinstance(one, SetupFinished))
    assert finished.services.credentials.is_complete
    await finished.services.close()
    assert "Found 11 tables" in seen[StepId.CONNECTION]
    assert "All tests passed!" in seen[StepId.CONNECTION]
    assert "Redis caching is ready!" in seen[StepId.CACHE]
    assert "not needed: local" in seen[StepId.DONE]
    assert load_session(project).finished
    credentials = own_stack.credentials()
    assert credentials is not None
    secrets = [secret.reveal() for secret in credentials.secrets()]
    assert len(secrets) >= 2
    for text in (*shown, project.session_file.read_text()):
        assert not [secret for secret in secrets if secret in text]


async def test_starting_stopped_by_escape_can_be_tried_again(
    make_services: MakeServices, own_stack: LocalStack
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("enter")
        await at_step(pilot, StepId.CREDENTIALS)
        await until(pilot, lambda: bool(pane(app).busy), "the start")
        await pilot.press("escape")
        await until(pilot, lambda: not pane(app).busy, "the stop")
        assert pane(app).next_label == "Try again"
        await asyncio.sleep(0)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: pane(app).state.verified, "the second start")
        assert own_stack.credentials() is not None
