"""Started in its own source, Soundcheck asks which project is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.project_question import ProjectQuestion
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.start import Place, Start
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services


@pytest.fixture
def app(project: Project, home: Path) -> SoundcheckApp:
    environ = {"SOUNDCHECK_HOME": str(home)}
    services = Services(project, SystemClock(), SystemResolver(), environ=environ)
    return SoundcheckApp(services, Start(Place.SETUP, ask_project=True))


async def settled(app: SoundcheckApp, pilot, screen: type) -> None:
    for _ in range(500):
        if isinstance(app.screen, screen):
            return
        await pilot.pause(0.01)
    raise AssertionError(f"{app.screen} instead of {screen}")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_the_folder_that_is_typed_becomes_the_project(
    app: SoundcheckApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    other = tmp_path / "other app"
    other.mkdir()
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot, ProjectQuestion)
        app.screen.query_one(Input).value = str(other)
        await pilot.press("enter")
        await settled(app, pilot, SetupScreen)
        assert app.services.project.root == other


async def test_esc_tries_it_right_here(app: SoundcheckApp, project: Project) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        await pilot.press("escape")
        await settled(app, pilot, SetupScreen)
        assert app.services.project.root == project.root


@pytest.mark.parametrize(("typed", "told"), [("", "Type a folder"), ("/no/such/[/folder]", "There is no folder")])
async def test_what_is_no_folder_is_told_and_asked_again(app: SoundcheckApp, typed: str, told: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ProjectQuestion)
        assert told in str(app.screen.query_one("#wrong", Static).content)
