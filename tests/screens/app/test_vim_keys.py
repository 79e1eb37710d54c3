"""Vim's keys: off at first, turned on in the palette, remembered, and never in the way of a key of our own."""

from __future__ import annotations

import stat
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.help import HelpScreen
from soundcheck.screens.app.parts.next_keys import NextKeys
from soundcheck.screens.app.parts.vim_keys import Press, VimKeys
from soundcheck.screens.app.preferences import Preferences, load_preferences, save_preferences
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.screens.app.tables.filter_line import FilterLine
from soundcheck.screens.app.theme import LIGHT
from soundcheck.stores.project.project import PREFERENCES
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, grid_of, opened, screen_text, until

WORKS = {"up", "down", "left", "right", "home", "end", "g"}


def test_each_key_stands_for_one_that_works_and_for_nothing_where_it_does_not() -> None:
    keys = VimKeys()
    assert keys.press("j", WORKS, 9) == Press("down")
    assert keys.press("ctrl+d", WORKS, 9) == Press("down", 9)
    assert keys.press("ctrl+u", WORKS, 0) == Press("up", 1)
    assert keys.press("G", WORKS, 9) == Press("end")
    assert keys.press("h", WORKS - {"left"}, 9) is None
    assert keys.press("n", WORKS, 9) is None
    assert keys.press("colon", WORKS, 9) == Press("g")
    assert keys.press("colon", WORKS - {"g"}, 9) is None


def test_g_waits_for_a_second_one_and_any_other_key_ends_the_wait() -> None:
    keys = VimKeys()
    assert keys.press("g", WORKS, 9) == Press()
    assert keys.press("g", WORKS, 9) == Press("home")
    assert keys.press("g", WORKS, 9) == Press()
    assert keys.press("j", WORKS, 9) == Press("down")
    assert keys.press("g", WORKS, 9) == Press(), "the wait was over"
    assert keys.press("g", {"g"}, 9) is None, "where there is no first line g is what it was"


async def turned_on(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    app.action_toggle_vim_keys()
    await until(pilot, lambda: load_preferences(app.services.project.home).vim_keys)


async def test_in_the_grid(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        await turned_on(pilot, app)
        await pilot.press("j", "j", "l")
        assert (grid.cursor_row, grid.cursor_column) == (2, 1)
        await pilot.press("ctrl+d")
        moved = grid.cursor_row - 2
        assert 4 <= moved <= 12
        await pilot.press("ctrl+u", "k", "h")
        assert (grid.cursor_row, grid.cursor_column) == (1, 0)
        await pilot.press("G")
        await until(pilot, lambda: grid.row is not None and grid.row.values[0] == "cm000330")
        await pilot.press("g")
        await until(pilot, lambda: "To the first row" in screen_text(app), "the keys that may follow")
        assert app.focused is grid
        await pilot.press("g")
        await until(pilot, lambda: grid.row is not None and grid.row.values[0] == "cm000001")
        await until(pilot, lambda: "To the first row" not in screen_text(app), "they are gone")
        await pilot.press("g")
        await until(pilot, lambda: "To the first row" in screen_text(app), "the keys that may follow")
        await pilot.press("j")
        await until(pilot, lambda: grid.cursor_row == 1 and not app.screen.query(NextKeys), "any key ends it")
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.focused, Input), "Go to")
        await pilot.press("j", "g", "g")
        assert isinstance(app.focused, Input)
        assert app.focused.value == "jgg", "letters stay letters where one types"
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid)
        await pilot.press("slash")
        await until(pilot, lambda: app.screen.query_one(FilterLine).display)


async def test_in_the_list_the_record_and_the_structure(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await turned_on(pilot, app)
        names = [table.name for table in app.screen.query_one("#list").shown]  # type: ignore[attr-defined]
        await pilot.press("g", "g")
        assert app.screen.query_one("#list").cursor == 0  # type: ignore[attr-defined]
        await pilot.press("j", "ctrl+d", "G")
        assert app.screen.query_one("#list").cursor == len(names) - 1  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is grid_of(app) and len(grid_of(app).window))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        await pilot.press("j", "j")
        await until(pilot, lambda: app.focused is app.screen.query(FieldRow)[2])
        await pilot.press("k")
        await until(pilot, lambda: app.focused is app.screen.query(FieldRow)[1])
        await pilot.press("escape", "t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "Columns" in screen_text(app))
        page = app.screen.query_one("#structure")
        await pilot.press("G")
        await until(pilot, lambda: page.scroll_y == page.max_scroll_y > 0)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: page.scroll_y < page.max_scroll_y)
        await pilot.press("g", "g")
        await until(pilot, lambda: page.scroll_y == 0)


async def test_off_g_goes_to_and_on_the_help_tells_the_difference(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.focused, Input), "Go to")
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert not app.screen.query("#help-vim")
        await pilot.press("escape")
        await turned_on(pilot, app)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.query("#help-vim"))
        words = "\n".join(str(part.content) for part in app.screen.query(Static))
        assert "what g does without vim keys" in words


async def test_vim_keys_and_theme_are_remembered_for_every_project(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        home = services.project.home
        assert not (home / PREFERENCES).exists(), "nothing is written before something is chosen"
        await turned_on(pilot, app)
        app.theme = LIGHT.name
        await until(pilot, lambda: load_preferences(home) == Preferences(vim_keys=True, theme=LIGHT.name))
        assert stat.S_IMODE((home / PREFERENCES).stat().st_mode) == 0o600
        assert any(command.title == "Vim keys off" for command in app.get_system_commands(app.screen))
    again = app_over(services)
    assert again.preferences.vim_keys
    assert again.theme == LIGHT.name


@pytest.mark.parametrize("text", ["", "[]", "3", '{"theme": 7}', "\xff"])
def test_a_file_that_is_not_ours_is_passed_over(services: Services, text: str) -> None:
    home = services.project.home
    (home / PREFERENCES).write_text(text, "latin-1")
    assert not load_preferences(home).vim_keys
    app_over(services)
    save_preferences(home, Preferences(vim_keys=True))
    assert load_preferences(home).vim_keys
