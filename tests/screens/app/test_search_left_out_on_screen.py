"""A search that does not look into every column says so above the rows, and A looks into the others too."""

from __future__ import annotations

from soundcheck.screens.app.tables.view_bar import ViewBar
from soundcheck.stores.services import Services
from tests.screens.app.driving import CountingDatabase, app_over, execute, opened, screen_text, until

WIDE = "CREATE TABLE wide (id int PRIMARY KEY, {}); INSERT INTO wide (id, c29) VALUES (1, 'needle'), (2, 'hay')"


async def test_what_a_search_left_out_is_named_and_asked_for_by_a_key(
    services: Services, database: CountingDatabase
) -> None:
    execute(database.url, WIDE.format(", ".join(f"c{number} text" for number in range(30))))
    app = app_over(services, table="wide")
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: len(grid.window) == 2)
        await pilot.press("ctrl+f", *"needle", "enter")
        await until(pilot, lambda: app.screen.query_one(ViewBar).conditions == ("16 of 31 columns: needle",))
        await until(pilot, lambda: "No row fits" in screen_text(app))
        await until(pilot, lambda: "without c16, c17, c18 and 11 more (over the limit of 16)" in screen_text(app))
        await until(pilot, lambda: "A Search all columns" in screen_text(app))
        await until(pilot, lambda: app.focused is grid)
        await pilot.press("A")
        await until(pilot, lambda: app.screen.query_one(ViewBar).conditions == ("any column holds needle",))
        await until(pilot, lambda: len(grid.window) == 1)
        await until(pilot, lambda: "Search all columns" not in screen_text(app))
        await pilot.press("ctrl+f", *"hay", "enter")
        await until(pilot, lambda: app.screen.query_one(ViewBar).conditions == ("16 of 31 columns: hay",), "anew")
