"""Columns that stay in sight while the others move: the key, and what a person froze, up to half the width."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.remembered import load_remembered
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, until


@pytest.fixture
def wide(services: Services) -> Services:
    """Forty columns, the key not the first of them."""
    assert services.database is not None
    columns = ", ".join(f"c{n:02} text DEFAULT 'v{n:02}'" for n in range(40))
    with psycopg.connect(services.database.url.reveal(), autocommit=True) as connection:
        connection.execute(
            f"CREATE TABLE wide ({columns}, id int PRIMARY KEY, long text DEFAULT repeat('x', 60));"
            "INSERT INTO wide (id) SELECT generate_series(1, 30)"
        )
    return services


async def wide_grid(pilot: Pilot[Any], app: SoundcheckApp) -> Grid:
    grid = await opened(pilot, app, focus=False)
    await until(pilot, lambda: app.focused is grid and grid.columns)
    return grid


def line(app: SoundcheckApp, word: str) -> str:
    """The line with a word, but not what is said above the rows."""
    return next(one for one in screen_text(app).splitlines() if word in one and "Frozen" not in one)


async def test_z_keeps_the_columns_up_to_the_cursor_in_sight_and_lets_them_go(wide: Services) -> None:
    app = app_over(wide, table="wide")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await wide_grid(pilot, app)
        await pilot.press("right", "right", "z")
        await until(pilot, lambda: grid.arrangement.frozen == "c01")
        assert grid.still == 3
        await until(pilot, lambda: "Frozen up to c01; z on it lets go." in screen_text(app))
        await pilot.press(*["right"] * 30)
        await until(pilot, lambda: grid.column is not None and grid.column.name == "c31")
        header = line(app, "c31")
        assert "id  c00  c01 │ " in header
        assert "c02" not in header
        assert "v01" in line(app, "v31")
        await pilot.press("left", *["left"] * 27)
        await until(pilot, lambda: grid.column is not None and grid.column.name == "c03")
        assert "c03" in line(app, "c01"), "the cell under the cursor is never behind what is frozen"
        await pilot.press("left", "left", "z")
        await until(pilot, lambda: not grid.arrangement.frozen)
        await pilot.press(*["right"] * 30)
        await until(pilot, lambda: "c31" in screen_text(app))
        assert "c01" not in line(app, "c31")
        assert "id" in line(app, "c31"), "the key stays"


async def test_at_most_half_of_the_width_is_frozen_and_the_rest_of_the_wish_waits_for_room(wide: Services) -> None:
    app = app_over(wide, table="wide")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await wide_grid(pilot, app)
        await pilot.press(*["right"] * 20, "z")
        await until(pilot, lambda: grid.arrangement.frozen == "c19")
        await until(pilot, lambda: "c19 is over half the width" in screen_text(app))
        few = grid.still
        assert 1 < few < 20
        assert grid.painter.still(grid._room.width)[1] <= grid._room.width // 2
        await pilot.press(*["right"] * 15)
        await until(pilot, lambda: "c34" in screen_text(app))
        await pilot.resize_terminal(200, 24)
        await until(pilot, lambda: grid.still > few)
        await pilot.resize_terminal(64, 24)
        await until(pilot, lambda: grid.still <= few)
        assert grid.column is not None
        assert grid.column.name in screen_text(app)


async def test_a_click_hits_the_column_that_is_seen(wide: Services) -> None:
    app = app_over(wide, table="wide")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await wide_grid(pilot, app)
        await pilot.press("right", "z", *["right"] * 30)
        await until(pilot, lambda: "c30" in screen_text(app))
        at = line(app, "c30").index("c30") - grid.region.x
        await pilot.click(grid, offset=(at, 3))
        await until(pilot, lambda: grid.column is not None and grid.column.name == "c30" and grid.cursor_row == 2)
        await pilot.click(grid, offset=(line(app, "c30").index("c00") - grid.region.x, 4))
        await until(pilot, lambda: grid.column is not None and grid.column.name == "c00")
        await until(pilot, lambda: "c30" in screen_text(app), "what stays in sight is reached without moving the rest")


async def test_what_is_frozen_is_there_the_next_time(wide: Services) -> None:
    app = app_over(wide, table="wide")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await wide_grid(pilot, app)
        await pilot.press("right", "right", "z")
        await until(pilot, lambda: load_remembered(wide.project).arrangements)
    assert load_remembered(wide.project).arrangements["public", "wide"].frozen == "c01"
    again = app_over(wide, table="wide")
    async with again.run_test(size=(80, 24)) as pilot:
        grid = await wide_grid(pilot, again)
        assert grid.still == 3
        assert again.screen.query_one(GridPane).grid.arrangement.frozen == "c01"
        await pilot.press("right", "minus")
        await until(pilot, lambda: "c00" not in [column.name for column in grid.columns])
        assert grid.still == 2, "a hidden column is not frozen, the others are"


async def test_the_key_stays_by_itself_and_cards_freeze_nothing(wide: Services) -> None:
    app = app_over(wide, table="wide")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await wide_grid(pilot, app)
        await pilot.press("z")
        await until(pilot, lambda: "The key stays by itself" in screen_text(app))
        assert grid.still == 1
        await pilot.resize_terminal(50, 24)
        await until(pilot, lambda: grid.cards)
        await pilot.press("z")
        await until(pilot, lambda: "Cards have no columns to freeze" in screen_text(app))
        assert grid.still == 0
