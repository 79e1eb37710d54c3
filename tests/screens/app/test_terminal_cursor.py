"""A screen reader finds the terminal's own cursor on what has the focus, and large figures as text."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input, OptionList

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.cache.panel import BigFigure
from soundcheck.screens.app.parts.copy_screen import CopyScreen
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.tree_screen import JsonTree
from soundcheck.screens.app.start import Place
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, to_column, until


def under_cursor(app: SoundcheckApp) -> str:
    """What stands on the screen from the terminal's cursor on."""
    x, y = app.cursor_position
    return screen_text(app).splitlines()[y][x:]


async def test_the_cursor_follows_the_focus_from_list_to_cell_field_choice_and_tree(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid and under_cursor(app).startswith(" 1 "), "the first cell")
        await pilot.press("down", "right")
        assert under_cursor(app).startswith("[b +")
        await to_column(pilot, grid, "meta")
        await pilot.press("up")
        await until(pilot, lambda: under_cursor(app).startswith('{"mood"'), under_cursor(app))
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.focused is not grid, "the list")
        await pilot.press("home")
        await until(pilot, lambda: under_cursor(app).startswith("empty"), under_cursor(app))
        await pilot.press("slash", "h")
        await until(pilot, lambda: isinstance(app.focused, Input) and app.focused.value == "h", "the field")
        field = app.focused
        assert field is not None
        assert app.cursor_position.y == field.content_region.y
        assert app.cursor_position.x >= field.content_region.x + 1
        await pilot.press("escape", "tab", "c")
        await until(pilot, lambda: isinstance(app.screen, CopyScreen) and isinstance(app.focused, OptionList))
        await pilot.press("down")
        await until(pilot, lambda: "Row as" in under_cursor(app)[:12], under_cursor(app))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow), "the record")
        while "meta" not in under_cursor(app):
            await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, JsonTree), "the tree")
        await pilot.press("down")
        await until(pilot, lambda: "mood" in under_cursor(app)[:10], under_cursor(app))


async def test_a_button_and_nothing_at_all(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, app, focus=False)
        button = Button("Press")
        await app.screen.mount(button)
        app.screen.set_focus(button)
        await pilot.pause()
        assert button.region.contains_point(app.cursor_position)
        app.screen.set_focus(None)
        assert app.cursor_position == (0, 0)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_large_figure_is_in_its_title_too(services: Services, size: tuple[int, int]) -> None:
    app = app_over(services, Place.CACHE)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen.query(BigFigure), "the cache")
        figure = app.screen.query(BigFigure).first()
        figure.show("97.4", "%", figure._curve)
        assert str(figure.border_title) == "Hit rate · 97.4 %"
