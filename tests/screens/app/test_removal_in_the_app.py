"""Removing from the app: a list to tick, and the work itself once the app has ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from driving import app_over, screen_text, until
from textual.widgets import Button, Input, SelectionList

from soundcheck.screens.app.removal_screen import RemovalScreen
from soundcheck.screens.app.start import Place
from soundcheck.screens.commands.remove import remove_chosen
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services


@pytest.fixture
def made(services: Services) -> Services:
    """Two files of ours, one of them edited since, with a name that is no markup."""
    journal = Journal(services.project)
    root = services.project.root
    journal.write_file(Kind.ENV, root / ".env", None, b'A="1"\n', mode=0o600)
    journal.write_file(Kind.TEAM, root / "[bold]soundcheck.toml", None, b"x = 1\n", mode=0o644)
    (root / "[bold]soundcheck.toml").write_text("x = 2\n")
    return services


async def test_what_is_ticked_is_undone_after_the_app_has_ended(
    made: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    root: Path = made.project.root
    app = app_over(made, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CHECKS, "the place")
        app.action_remove()
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen), "the list")
        text = screen_text(app)
        assert "[bold]soundcheck.toml" in text
        assert "edited since" in text
        assert "[x] .env " in text
        assert "[ ] [bold]soundcheck.toml" in text
        listed = app.screen.query_one(SelectionList)
        assert [app.screen._plan.items[at].name for at in listed.selected] == [".env", "state"]
        app.screen.query_one("#removal-yes", Button).press()
        await until(pilot, lambda: app.removal is not None, "the choice")
        assert (root / ".env").exists()
    assert app.removal is not None
    assert await remove_chosen(made.project, {}, app.removal) == 0
    assert not (root / ".env").exists()
    assert (root / "[bold]soundcheck.toml").exists()
    assert "2 removed, 1 left." in capsys.readouterr().out


async def test_the_palette_leads_there(made: Services) -> None:
    app = app_over(made, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CHECKS, "the place")
        await pilot.press("f6")
        await until(pilot, lambda: "Command" in type(app.screen).__name__, "the palette")
        await pilot.press(*"remove")
        await until(pilot, lambda: "undone after the app" in screen_text(app), "the entry")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen), "the list")
        await pilot.press("escape")


@pytest.mark.parametrize("kind", [ProfileKind.PRODUCTION, ProfileKind.UNKNOWN])
async def test_esc_removes_nothing_and_production_wants_its_name(made: Services, kind: ProfileKind) -> None:
    project = replace(made.project, profile=replace(made.project.profile, kind=kind))
    app = app_over(replace(made, project=project), Place.CHECKS)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CHECKS, "the place")
        app.action_remove()
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen), "the list")
        button = app.screen.query_one("#removal-yes", Button)
        assert button.disabled
        says_how = "profiles kind default dev" in screen_text(app)
        assert says_how is (kind is ProfileKind.UNKNOWN)
        assert made.credentials.database_url is not None
        app.screen.query_one(Input).value = made.credentials.database_url.database
        await until(pilot, lambda: not button.disabled, "the button")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, RemovalScreen), "closing")
    assert app.removal is None
    assert (project.root / ".env").exists()
