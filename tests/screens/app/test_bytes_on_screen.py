"""A database with bytes that are no UTF-8 in its names and values is browsed like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from tests.ascii_database import ascii_url, latin, needs_loaders  # noqa: F401
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    grid_of,
    is_asking,
    opened,
    pane_of,
    screen_text,
    until,
)


@pytest.fixture
async def ascii_services(services: Services, ascii_url: PostgresUrl) -> AsyncIterator[Services]:  # noqa: F811
    database = CountingDatabase(ascii_url)
    await needs_loaders(database)
    credentials = replace(services.credentials, database_url=ascii_url)
    yield replace(services, database=database, credentials=credentials)
    await database.close()


async def test_rows_record_filter_and_structure_of_such_a_table(ascii_services: Services) -> None:
    app = app_over(ascii_services, table=latin("café"))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid_of(app))
        screen_text(app).encode()
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow), "the record")
        record = next(row.field for row in app.screen.query(FieldRow))
        assert record.value == latin("é10")
        screen_text(app).encode()
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid_of(app))
        await pilot.press("right", "slash", *"Ana")
        await pilot.pause()
        screen_text(app).encode()
        await pilot.press("enter")
        await until(pilot, lambda: pane_of(app).view and pane_of(app).view.filters, "the filter")  # type: ignore[union-attr]
        await until(pilot, lambda: app.focused is grid_of(app))
        await pilot.press("s", "n")
        await until(pilot, lambda: pane_of(app).view and pane_of(app).view.sort, "the sort")  # type: ignore[union-attr]
        await until(pilot, lambda: not is_asking(app))
        assert len(grid_of(app).window) == 50
        screen_text(app).encode()
        await pilot.press("x")
        await until(pilot, lambda: "SELECT" in screen_text(app), "the statement")
        screen_text(app).encode()
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid_of(app))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "CREATE TABLE" in screen_text(app))
        screen_text(app).encode()
