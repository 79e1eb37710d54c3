"""Columns hidden and resized, and the last place: kept for the next time, without a value of the database."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.remembered import FILE_NAME, Remembered, load_remembered
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services
from tests.screens.app.driving import THREE_SIZES, CountingDatabase, app_over, opened, screen_text, to_column, until


def names(grid: Grid) -> list[str]:
    return [column.name for column in grid.columns]


async def test_a_column_is_hidden_and_shown_again_without_a_query(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=THREE_SIZES[0]) as pilot:
        grid = await opened(pilot, app)
        whole = names(grid)
        for size in THREE_SIZES:
            await pilot.resize_terminal(*size)
            await to_column(pilot, grid, "email")
            await pilot.pause()
            before = len(database.asked)
            await pilot.press("minus")
            await until(pilot, lambda: "email" not in names(grid))
            assert grid.column is not None
            await pilot.press("plus")
            await until(pilot, lambda: names(grid) == whole)
            await pilot.press("home", *["left"] * 9, "minus")
            await until(pilot, lambda: "A key column stays" in screen_text(app))
            assert names(grid) == whole
            assert len(database.asked) == before


async def test_columns_and_the_last_place_are_there_the_next_time(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        await to_column(pilot, grid, "avatar")
        await pilot.press("minus")
        await to_column(pilot, grid, "email")
        was = grid.column.width  # type: ignore[union-attr]
        await pilot.press("greater_than_sign", "s")
        await until(pilot, lambda: "email ▲" in screen_text(app))
        await pilot.press("escape", "slash", *"sett", "enter")
        await until(pilot, lambda: app.screen.query_one(GridPane).table.name == "user_settings")  # type: ignore[union-attr]
        await pilot.press("escape", "slash", *"users", "enter")
        await until(pilot, lambda: app.screen.query_one(GridPane).table.name == "users" and len(grid.window))  # type: ignore[union-attr]
        assert "avatar" not in names(grid)
        await to_column(pilot, grid, "email")
        await pilot.press("s")
        await until(pilot, lambda: "email ▲" in screen_text(app))
        await until(pilot, lambda: load_remembered(services.project).places["default"].sort)
    file = services.project.state / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "mail.example" not in file.read_text()
    again = app_over(services)
    async with again.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, again, focus=False)
        assert "avatar" not in names(grid)
        assert next(column.width for column in grid.columns if column.name == "email") == was + 2
        assert "by email ▲" in str(again.screen.query_one(GridPane).border_title)


async def test_each_profile_has_its_own_last_place(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: load_remembered(services.project).places)
    other = replace(services, project=replace(services.project, profile=Profile("staging", ProfileKind.DEV)))
    for there, table in ((other, "users"), (services, "hostile")):
        app = app_over(there)
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot, app, focus=False)
            assert app.screen.query_one(GridPane).table.name == table  # type: ignore[union-attr]


async def test_just_looking_writes_nothing(services: Services) -> None:
    app = app_over(services, just_looking=True)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        await to_column(pilot, grid, "name")
        await pilot.press("minus")
        await until(pilot, lambda: "name" not in names(grid))
    assert not (services.project.state / FILE_NAME).exists()


@pytest.mark.parametrize("text", ["", "[]", '{"tables": 3}', '{"tables": [{"table": ["a"]}], "places": {}}', "\xff"])
def test_a_file_that_is_not_ours_is_passed_over(services: Services, text: str) -> None:
    services.project.prepare_state()
    (services.project.state / FILE_NAME).write_text(text, "latin-1")
    assert load_remembered(services.project) == Remembered()


def test_a_width_from_the_file_is_kept_within_reason(services: Services) -> None:
    services.project.prepare_state()
    entry = {"table": ["public", "users"], "hidden": [], "widths": {"id": -5, "name": 10**9}}
    (services.project.state / FILE_NAME).write_text(json.dumps({"tables": [entry], "places": {}}))
    assert dict(load_remembered(services.project).arrangements["public", "users"].widths) == {"id": 3, "name": 200}
