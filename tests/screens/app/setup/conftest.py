"""What the tests of Set-up share: services over real stores, the app at its first place, and ways to look at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from cloud_fixture import cloud_environ, neon, upstash  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401
from textual import events
from textual.app import App
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.setup import credentials_pane
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.start import Place, Start
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import REST_TOKEN, REST_URL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.step import StepId
from tests.conftest import Rest
from tests.screens.app.driving import screen_text as screen_text  # for the tests of this folder
from tests.screens.app.driving import until as until

SIZES = ((80, 24), (120, 40), (60, 20))

MakeServices = Callable[..., Services]


@pytest.fixture(autouse=True)
def _paste_is_tried_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a person who has stopped typing."""
    monkeypatch.setattr(credentials_pane, "SETTLE", 0.02)


@pytest.fixture
def make_services(project: Project) -> MakeServices:
    """Services over an empty project, with the environment that a test wants."""

    def make(environ: Mapping[str, str] | None = None, project: Project = project) -> Services:
        return Services(
            project=project,
            clock=SystemClock(),
            resolver=SystemResolver(),
            environ=dict(environ or {}),
        )

    return make


@pytest.fixture
def env_block(database_url: PostgresUrl, rest: Rest) -> str:
    """What a person would copy: a database and a cache that answer."""
    return f'DATABASE_URL="{database_url.reveal()}"\n{REST_URL}="{rest.url}"\n{REST_TOKEN}="{rest.token.reveal()}"\n'


def app_at_setup(services: Services) -> SoundcheckApp:
    app = SoundcheckApp(services, Start(Place.SETUP))
    app.animation_level = "none"
    return app


def setup_screen(app: App[Any]) -> SetupScreen:
    assert isinstance(app.screen, SetupScreen)
    return app.screen


def pane(app: App[Any]) -> StepPane:
    found = setup_screen(app).pane
    assert found is not None
    return found


async def at_step(pilot: Pilot[Any], step: StepId) -> None:
    """Wait until a step is open."""

    def holds() -> bool:
        screen = pilot.app.screen
        return isinstance(screen, SetupScreen) and screen.pane is not None and screen.pane.STEP is step

    await until(pilot, holds, f"the step {step}")


async def answered(pilot: Pilot[Any]) -> None:
    """Wait until nothing runs and Next is offered."""
    await until(pilot, lambda: not pane(pilot.app).busy and pane(pilot.app).ready, "the answer")


async def next_focused(pilot: Pilot[Any]) -> None:
    """Wait until Enter would go on."""

    def holds() -> bool:
        focused, open_step = pilot.app.focused, pane(pilot.app)
        enabled = focused is not None and focused.id == "next" and not focused.disabled
        return enabled and open_step.ready and not open_step.busy

    await until(pilot, holds, "the focus on Next, enabled")


async def paste(pilot: Pilot[Any], text: str) -> None:
    """A bracketed paste, as the terminal's driver delivers it."""
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(events.Paste(text))
    await pilot.pause()


def everything_shown(app: App[Any]) -> str:
    """The export of the screen and what every widget says of itself: where a secret would be seen."""
    nodes = list(app.screen.walk_children())
    told = [repr(node) for node in nodes] + [str(getattr(node, "content", "")) for node in nodes]
    return "\n".join([app.export_screenshot(), *told])


def with_project(services: Services, **changes: Any) -> Services:
    """The same services over a project with other settings."""
    return replace(services, project=replace(services.project, **changes))
