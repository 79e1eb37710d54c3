"""Started in its own source, Soundcheck asks which project is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button, Input, OptionList, Static

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.preferences import Preferences, load_preferences
from soundcheck.screens.app.project_question import ProjectQuestion
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.start import Place, Start
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from tests.screens.app.driving import until


@pytest.fixture
def app(project: Project, home: Path) -> SoundcheckApp:
    environ = {"SOUNDCHECK_HOME": str(home)}
    services = Services(project, SystemClock(), SystemResolver(), environ=environ)
    return SoundcheckApp(services, Start(Place.SETUP, ask_project=True))


async def settled(app: SoundcheckApp, pilot, screen: type) -> None:
    for _ in range(500):
        if isinstance(app.screen, screen) and (screen is not ProjectQuestion or app.focused is not None):
            await pilot.pause()
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


async def test_it_can_be_tried_right_here(app: SoundcheckApp, project: Project, home: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        await pilot.click("#here")
        await settled(app, pilot, SetupScreen)
        assert app.services.project.root == project.root
    assert load_preferences(home).projects == ()


async def test_esc_leaves_and_sets_nothing_up(app: SoundcheckApp, project: Project, home: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        await pilot.press("escape")
        await until(pilot, lambda: not app.is_running, "the end")
    assert list(project.root.iterdir()) == []
    assert not home.exists() or not (home / "projects").exists()


async def test_the_last_projects_come_first_and_one_enter_opens_the_last(
    app: SoundcheckApp, tmp_path: Path, home: Path
) -> None:
    older, last, gone = tmp_path / "older", tmp_path / "last", tmp_path / "gone"
    for folder in (older, last):
        folder.mkdir()
    app.preferences = Preferences(theme="x").with_project(older).with_project(gone).with_project(last)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        shown = app.screen.query_one(OptionList)
        assert [str(option.prompt) for option in shown.options] == [str(last), str(older)]
        await pilot.press("down", "enter")
        await settled(app, pilot, SetupScreen)
        assert app.services.project.root == older
    assert load_preferences(home).projects[:2] == (str(older), str(last))


async def test_typing_is_never_lost_and_tab_completes(app: SoundcheckApp, tmp_path: Path) -> None:
    code = tmp_path / "code"
    for name in ("music app", "musical", ".music", "other"):
        (code / name).mkdir(parents=True)
    app.preferences = Preferences().with_project(code / "other")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        field = app.screen.query_one(Input)
        assert not field.has_focus
        assert not field.placeholder
        await pilot.press(*str(code), "slash", "m", "u")
        assert field.value == f"{code}/mu"
        assert [str(one.prompt) for one in app.screen.query_one(OptionList).options] == [
            f"{code}/music app/", f"{code}/musical/"
        ]  # fmt: skip
        await pilot.press("tab")
        assert field.value == f"{code}/music"
        await pilot.press("a", "tab", "enter")
        await settled(app, pilot, SetupScreen)
        assert app.services.project.root == code / "musical"


async def test_a_folder_that_is_not_there_is_made_by_a_second_enter(app: SoundcheckApp, tmp_path: Path) -> None:
    wanted = tmp_path / "new" / "app"
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        app.screen.query_one(Input).value = str(wanted)
        await pilot.press("enter")
        await until(pilot, lambda: str(app.screen.query_one("#use", Button).label) == "Make this folder", "the offer")
        assert not wanted.exists()
        await pilot.press("enter")
        await settled(app, pilot, SetupScreen)
        assert wanted.is_dir()
        assert app.services.project.root == wanted


@pytest.mark.parametrize(("typed", "told"), [("", "Type a folder"), ("/no/such/[/folder]", "There is no folder")])
async def test_what_is_no_folder_is_told_and_asked_again(app: SoundcheckApp, typed: str, told: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, ProjectQuestion)
        app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ProjectQuestion)
        assert told in str(app.screen.query_one("#wrong", Static).content)
