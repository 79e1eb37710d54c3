"""A view has no key: small ones are put in order unasked, a dear one shows its first rows and names its price."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Static

from soundcheck.screens.app.tables.cost_line import CostLine
from soundcheck.stores.services import Services
from tests.screens.app.driving import CountingDatabase, app_over, execute, opened, pane_of, screen_text, until

VIEWS = """
CREATE VIEW few AS SELECT g AS n, g % 3 AS third FROM generate_series(1, 120) g;
CREATE VIEW many AS SELECT g AS n FROM generate_series(1, 200000) g;
"""


@pytest.fixture
def views(database: CountingDatabase) -> CountingDatabase:
    execute(database.url, VIEWS)
    return database


async def test_a_small_view_is_walked_to_its_last_row_and_back(services: Services, views: CountingDatabase) -> None:
    app = app_over(services, table="few")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: "by the whole row" in str(pane_of(app).border_title))
        await pilot.press("end")
        await until(pilot, lambda: grid.window.at_end and grid.row is not None and grid.row.values[0] == 99)
        while not grid.window.at_start:
            await pilot.press("pageup")
            await pilot.pause()
        assert sorted(row.values[0] for row in map(grid.window.row, range(grid.window.end)) if row) == [*range(1, 121)]


async def test_a_dear_view_shows_its_first_rows_and_asks_before_it_puts_them_in_order(
    services: Services, views: CountingDatabase
) -> None:
    app = app_over(services, table="many")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        line = app.screen.query_one(CostLine)
        await until(pilot, lambda: line.is_open and len(grid.window) == 50)
        words = str(app.screen.query_one("#cost-words", Static).content)
        assert "the server reads about 200 k rows and puts them in order for each page" in words
        assert all("ORDER BY" not in one or one.startswith("EXPLAIN") for one in views.data_queries("many"))
        assert "first rows only, in no order" in screen_text(app)
        assert "of 50" not in screen_text(app)
        await until(pilot, lambda: isinstance(app.focused, Button))
        await pilot.press("escape")
        await until(pilot, lambda: not line.is_open)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: line.is_open and isinstance(app.focused, Button))
        await pilot.press("enter")
        await until(pilot, lambda: "by the whole row" in str(pane_of(app).border_title))
        await until(pilot, lambda: not grid.window.at_end and grid.window.last is not None)
