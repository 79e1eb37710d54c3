"""A table's key is whole on every page, not only on the first, whose numbers are short."""

from __future__ import annotations

import psycopg

from soundcheck.stores.services import Services
from tests.screens.app.driving import CountingDatabase, app_over, opened, screen_text, until


async def test_the_key_of_the_last_row_is_as_whole_as_that_of_the_first(
    services: Services, database: CountingDatabase
) -> None:
    with psycopg.connect(database.url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE TABLE long (id int PRIMARY KEY, note text)")
        connection.execute("INSERT INTO long SELECT g, 'note' FROM generate_series(1, 20000) g")
        connection.execute("ANALYZE long")
    app = app_over(services, table="long")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid, "focus")
        await pilot.press("end")
        await until(pilot, lambda: grid.row and grid.row.values[0] == 20_000, "the last row")
        rows = [line for line in screen_text(app).splitlines() if "note" in line]
        assert any("19999 " in line for line in rows)
        assert not any("…" in line for line in rows)
