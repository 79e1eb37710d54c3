"""The list of tables: finding one, choosing it, and what a table without rows offers instead of them."""

from __future__ import annotations

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    app_over,
    grid_of,
    opened,
    screen_text,
    until,
)


async def test_find_narrows_the_list_and_enter_opens_the_hit(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await pilot.press("slash", *"sett")
        tables = app.screen.query_one(TableList)
        await until(pilot, lambda: [table.name for table in tables.shown] == ["user_settings"])
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(GridPane).table.name == "user_settings")  # type: ignore[union-attr]
        assert len(tables.shown) == 5
        assert tables.chosen.name == "user_settings"  # type: ignore[union-attr]


async def test_a_click_on_a_columns_name_sorts_by_it_and_a_second_one_on_a_table_opens_it(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        title = app.screen.query_one(GridPane)
        for order in ("by name ▲", "by name ▼"):
            await pilot.click(Grid, offset=(grid.painter.start_of(1) + 1, 0))
            await until(pilot, lambda order=order: order in str(title.border_title), order)  # type: ignore[misc]
        assert grid.column is not None
        assert grid.column.name == "name"
        tables = app.screen.query_one(TableList)
        there = (3, [table.name for table in tables.shown].index("user_settings"))
        await pilot.click(TableList, offset=there)
        await until(pilot, lambda: tables.chosen is not None and tables.chosen.name == "user_settings", "the choice")
        assert title.table is not None
        assert title.table.name == "users", "one click selects"
        await pilot.click(TableList, offset=there)
        await until(pilot, lambda: title.table is not None and title.table.name == "user_settings")
        await until(pilot, lambda: app.focused is grid)


async def test_t_shows_how_the_chosen_table_of_the_list_is_made(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: "t Structure" in screen_text(app), "the offer")
        await pilot.press("home", "t")
        await until(pilot, lambda: "empty · structure" in screen_text(app))


async def test_an_empty_table_offers_no_record(services: Services) -> None:
    app = app_over(services, table="empty")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "no rows" in screen_text(app))
        await until(pilot, lambda: app.focused is grid_of(app) and "/ Filter" in screen_text(app), "the keys")
        await until(pilot, lambda: "enter Record" not in screen_text(app), "no record")


async def test_an_empty_table_and_a_view_without_a_key_can_be_looked_at(services: Services) -> None:
    app = app_over(services, table="empty")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "no rows" in screen_text(app))
        assert "note" in screen_text(app)
        app.screen.query_one(TableList).focus()
        await pilot.press("slash", *"names", "enter")
        await until(pilot, lambda: app.screen.query_one(GridPane).table.name == "names")  # type: ignore[union-attr]
        await until(pilot, lambda: len(grid_of(app).window) == 50)
        await pilot.press("end", "enter")
        await until(
            pilot, lambda: grid_of(app).window.at_end and grid_of(app).cursor_row == grid_of(app).window.end - 1
        )
        assert not isinstance(app.screen, RecordScreen)
