"""A value that comes after the first page makes its column wider, up to the widest; what is in sight stays there."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.grid.column import WIDEST
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.tables import followed_rows
from soundcheck.stores.rows.follow import Pace
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    opened,
    screen_text,
    to_column,
    until,
)

MANY = """
CREATE TABLE many (id int PRIMARY KEY, note text, amount int, c1 text, c2 text, c3 text, c4 text, c5 text, last text);
INSERT INTO many SELECT g, CASE WHEN g < 200 THEN 'n' ELSE 'a note that came late' END, NULL,
    repeat('1', 20), repeat('2', 20), repeat('3', 20), repeat('4', 20), repeat('5', 20), 'l'
FROM generate_series(1, 300) g;
ANALYZE many;
"""

at_two_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


@pytest.fixture(autouse=True)
def _many(database: CountingDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(database.url, MANY)
    monkeypatch.setattr(followed_rows, "pace_of", lambda _: Pace(0.1, 0.1))


async def many(pilot: Pilot[Any], app: SoundcheckApp) -> Grid:
    grid = await opened(pilot, app, focus=False)
    await until(pilot, lambda: app.focused is grid, "focus")
    return grid


def header(app: SoundcheckApp) -> str:
    """The names of the columns that are in sight."""
    return next(line for line in screen_text(app).splitlines() if "│  id  " in line)


def width_of(grid: Grid, name: str) -> int:
    return next(column.width for column in grid.columns if column.name == name)


@at_two_sizes
async def test_paging_widens(services: Services, size: tuple[int, int]) -> None:
    app = app_over(services, table="many")
    async with app.run_test(size=size) as pilot:
        grid = await many(pilot, app)
        assert width_of(grid, "note") == 4
        await pilot.press("end")
        await until(pilot, lambda: grid.row and grid.row.values[0] == 300, "the last row")
        assert "a note that came late" in screen_text(app)


@at_two_sizes
async def test_following_widens_up_to_the_widest_and_keeps_what_is_in_sight(
    services: Services, database: CountingDatabase, size: tuple[int, int]
) -> None:
    app = app_over(services, table="many")
    async with app.run_test(size=size) as pilot:
        grid = await many(pilot, app)
        await to_column(pilot, grid, "last")
        await until(pilot, lambda: grid.scroll_x > 0, "the other end of the columns")
        columns = header(app)
        assert "last" in columns
        await pilot.press("F")
        execute(database.url, "UPDATE many SET note = 'a longer note', amount = 1234567 WHERE id = 2")
        await until(pilot, lambda: width_of(grid, "note") == 13, "the wider column")
        await until(pilot, lambda: header(app) == columns, "the same columns in sight")
        execute(database.url, "UPDATE many SET note = repeat('x', 500) WHERE id = 2")
        await until(pilot, lambda: width_of(grid, "note") == WIDEST, "the widest")
        await until(pilot, lambda: header(app) == columns, "the same columns in sight")
        amount = next(column for column in grid.columns if column.name == "amount")
        assert amount.width == 7
        assert amount.to_the_right, "the first value of a column says on which side it stands"


async def test_a_frozen_column_that_widens_pushes_the_others_and_the_cursor_stays_in_sight(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services, table="many")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await many(pilot, app)
        await to_column(pilot, grid, "note")
        await pilot.press("z")
        await to_column(pilot, grid, "last")
        await until(pilot, lambda: "last" in header(app), "the last column")
        await pilot.press("F")
        execute(database.url, "UPDATE many SET note = 'a longer note' WHERE id = 2")
        await until(pilot, lambda: "a longer note~" in screen_text(app), "the frozen column, wider")
        await until(pilot, lambda: "last" in header(app), "the cursor's column")


async def test_what_is_revealed_is_not_cut_to_its_mask(services: Services, database: CountingDatabase) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await many(pilot, app)
        await to_column(pilot, grid, "email")
        await pilot.press("r")
        await until(
            pilot, lambda: "user100@mail.example" in screen_text(app) or "user10@mail.example" in screen_text(app)
        )
        column = next(line for line in screen_text(app).splitlines() if "user10@" in line or "user100@" in line)
        assert "mail.ex…" not in column


async def test_a_width_by_hand_is_kept(services: Services) -> None:
    app = app_over(services, table="many")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await many(pilot, app)
        await to_column(pilot, grid, "note")
        await pilot.press("greater_than_sign")
        by_hand = width_of(grid, "note")
        await pilot.press("end")
        await until(pilot, lambda: grid_of(app).row and grid_of(app).row.values[0] == 300, "the last row")
        assert width_of(grid, "note") == by_hand
