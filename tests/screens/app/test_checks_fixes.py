"""A fix from the screen: shown, said yes to, applied, its check asked again, taken back; and the step of Setup."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from soundcheck.checks.files.env_file import file_checks
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.checks.detail import CheckDetail
from soundcheck.screens.app.checks.fix_screen import FixScreen
from soundcheck.screens.app.checks.screen import ChecksScreen
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.step import StepId
from tests.screens.app.driving import FixedClock, app_over, screen_text, until

ENV = 'DATABASE_URL="postgresql://singer:pl4nted-s3cret@127.0.0.1:9/songs"\n'


@pytest.fixture
def here(project: Project) -> Services:
    """A project whose env file everyone may read, and the checks of files."""
    project.env_file.write_text(ENV)
    project.env_file.chmod(0o644)
    return Services(project, FixedClock(), SystemResolver(), environ={"PATH": os.environ["PATH"]})


def mode_of(project: Project) -> int:
    return stat.S_IMODE(project.env_file.stat().st_mode)


def status_of(app: SoundcheckApp, check_id: str) -> str:
    rows = [row for row in app.screen.query(CheckRow) if row.check.id == check_id]
    return rows[0].outcome.finding.status.value if rows and rows[0].outcome else ""


async def settled(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    """The checks have ended, and the screen shows them."""
    await until(
        pilot,
        lambda: isinstance(app.screen, ChecksScreen) and app.screen.last_run_id and not app.screen.is_asking,
        "the run",
    )


async def open_detail(pilot: Pilot[Any], app: SoundcheckApp, check_id: str) -> None:
    await settled(pilot, app)
    next(row for row in app.screen.query(CheckRow) if row.check.id == check_id).focus()
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, CheckDetail))


async def open_fix(pilot: Pilot[Any], app: SoundcheckApp, check_id: str) -> FixScreen:
    await open_detail(pilot, app, check_id)
    await pilot.press("f")
    await until(pilot, lambda: isinstance(app.screen, FixScreen) and "esc Close" in screen_text(app))
    assert isinstance(app.screen, FixScreen)
    return app.screen


def apply_button(app: SoundcheckApp) -> Button:
    return app.screen.query_one("#fix-apply", Button)


async def test_a_fix_is_shown_applied_asked_again_and_taken_back(here: Services) -> None:
    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 30)) as pilot:
        await open_fix(pilot, app, "files.env")
        assert "chmod 600 .env   (now 644)" in screen_text(app)
        assert "chmod 644 .env" in screen_text(app), "the way back is told before"
        assert mode_of(here.project) == 0o644, "nothing is done before the yes"
        await pilot.press("enter")
        await until(pilot, lambda: "files.env afterwards" in screen_text(app))
        assert mode_of(here.project) == 0o600
        assert "✓ ok" in screen_text(app).split("files.env afterwards")[1]
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.focused is app.screen.query_one("#fix-undo"))
        await pilot.press("enter")
        await until(pilot, lambda: "has mode 644 again" in screen_text(app))
        assert mode_of(here.project) == 0o644
        await pilot.press("escape")
        await settled(pilot, app)
        assert status_of(app, "files.env") == "warn", "its check was asked again"


async def test_looking_at_a_fix_changes_nothing(here: Services) -> None:
    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_fix(pilot, app, "files.env")
        await pilot.press("escape")
        await settled(pilot, app)
        assert mode_of(here.project) == 0o644


async def test_what_takes_something_away_is_applied_only_after_its_name_was_typed(here: Services) -> None:
    root = here.project.root
    for command in (["init", "-q"], ["add", "-f", ".env"]):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)

    def tracked() -> bool:
        listed = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True)
        return ".env" in listed.stdout.split()

    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 40)) as pilot:
        await open_detail(pilot, app, "files.ignored")
        name = next(b for b in app.screen.query(Button) if "asks for its name" in str(b.label))
        name.focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, FixScreen) and isinstance(app.focused, Input))
        await until(pilot, lambda: "To apply it, type: git.untrack" in screen_text(app))
        assert apply_button(app).disabled
        await pilot.press(*"git.untrac", "enter")
        assert apply_button(app).disabled
        assert tracked()
        await pilot.press("k", "enter")
        await until(pilot, lambda: "files.ignored afterwards" in screen_text(app))
        assert not tracked()


async def test_a_fix_that_cannot_be_applied_says_why_in_its_place(here: Services) -> None:
    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 30)) as pilot:
        await open_fix(pilot, app, "files.env")
        with WizardLock(here.project):
            await pilot.press("enter")
            await until(pilot, lambda: "✗ Set-up is already running" in screen_text(app))
        assert "Finish it there" in screen_text(app)
        assert mode_of(here.project) == 0o644


async def test_an_idle_setup_in_the_other_place_does_not_stand_in_the_way(here: Services) -> None:
    app = app_over(here, Place.SETUP, checks=file_checks())
    async with app.run_test(size=(80, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SetupScreen) and app.screen.pane is not None)
        await until(pilot, lambda: isinstance(app.screen, SetupScreen) and not app.screen.pane.busy)  # type: ignore[union-attr]
        await pilot.press("f5")
        await open_fix(pilot, app, "files.env")
        await pilot.press("enter")
        await until(pilot, lambda: "files.env afterwards" in screen_text(app))
        assert mode_of(here.project) == 0o600


async def test_a_failed_check_opens_setup_at_its_step(here: Services) -> None:
    here.project.env_file.unlink()
    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 40)) as pilot:
        await open_detail(pilot, app, "files.env")
        assert "Open Setup at .env" in screen_text(app)
        await pilot.press("o")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, SetupScreen)
                and app.screen.pane is not None
                and app.screen.pane.STEP is StepId.ENV
            ),
        )


async def test_who_only_looks_is_offered_no_fix_and_no_setup(here: Services) -> None:
    app = app_over(here, Place.CHECKS, checks=file_checks(), just_looking=True)
    async with app.run_test(size=(80, 40)) as pilot:
        await open_detail(pilot, app, "files.env")
        assert [str(button.label) for button in app.screen.query(Button)] == ["r  Ask again"]
        assert "nothing is written" in screen_text(app)


async def test_a_fix_that_is_no_longer_needed_says_so(here: Services) -> None:
    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot, app)
        here.project.env_file.chmod(0o600)
        await open_fix(pilot, app, "files.env")
        assert "Nothing to do" in screen_text(app)
        assert apply_button(app).disabled


async def test_esc_stops_a_fix_that_is_at_work_and_its_check_is_asked_again(
    here: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = asyncio.Event()

    async def endless(*_: Any, **__: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    monkeypatch.setattr("soundcheck.wizard.fixes.apply.apply_fix", endless)
    app = app_over(here, Place.CHECKS, checks=file_checks())
    async with app.run_test(size=(80, 30)) as pilot:
        await open_fix(pilot, app, "files.env")
        before = next(s for s in app.screen_stack if isinstance(s, ChecksScreen)).last_run_id
        await pilot.press("enter")
        await until(pilot, lambda: "esc stops: applying it" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, stopped.is_set)
        await until(pilot, lambda: "Stopped: applying it." in screen_text(app))
        await pilot.press("escape")
        await settled(pilot, app)
        assert isinstance(app.screen, ChecksScreen)
        assert app.screen.last_run_id != before
