"""Sorting, filtering, searching, going to a place and counting: one data query each, and the price said before."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from textual.widgets import Button, Input, Static

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts.choice import Choice
from soundcheck.screens.app.tables.cost_line import CostLine
from soundcheck.screens.app.tables.seek_line import SeekLine
from soundcheck.screens.app.tables.view_bar import ViewBar
from soundcheck.screens.app.tables.view_words import next_sort
from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    THREE_SIZES,
    CountingDatabase,
    app_over,
    execute,
    opened,
    pane_of,
    screen_text,
    to_column,
    until,
)

BIG = """
CREATE TABLE songs (id int PRIMARY KEY, title text NOT NULL, plays int NOT NULL, made timestamp NOT NULL);
INSERT INTO songs SELECT g, 'song ' || md5(g::text), g % 1000, timestamp '2024-01-01' + g * interval '1 minute'
FROM generate_series(1, 120000) g;
CREATE INDEX songs_made ON songs (made);
ANALYZE songs;
"""


@pytest.fixture
def big(database: CountingDatabase) -> CountingDatabase:
    execute(database.url, BIG)
    return database


def rows_read(database: CountingDatabase, table: str, since: int) -> list[str]:
    """Statements that read rows of a table: no EXPLAIN, which reads none."""
    return [query for query in database.data_queries(table)[since:] if not query.startswith("EXPLAIN")]


def title(app: SoundcheckApp) -> str:
    return str(pane_of(app).border_title)


def first(grid: Grid, column: int) -> Any:
    row = grid.window.row(grid.window.base)
    return row.values[column] if row else None


def test_the_sort_key_turns_a_column_on_round_and_off() -> None:
    up = next_sort((), "plays")
    down = next_sort(up, "plays")
    assert up == (SortColumn("plays"),)
    assert down == (SortColumn("plays", descending=True),)
    assert next_sort(down, "plays") == ()
    both = next_sort(down, "name", add=True)
    assert both == (SortColumn("plays", descending=True), SortColumn("name"))
    assert next_sort(both, "plays", add=True) == (SortColumn("name"),)
    assert next_sort(both, "id") == (SortColumn("id"),)


async def test_s_sorts_by_the_column_under_the_cursor_with_one_query(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=THREE_SIZES[0]) as pilot:
        grid = await opened(pilot, app)
        await to_column(pilot, grid, "plays")
        for size in THREE_SIZES:
            await pilot.resize_terminal(*size)
            before = len(database.data_queries("users"))
            await pilot.press("s")
            await until(pilot, lambda: "plays ▲" in screen_text(app))
            assert first(grid, 5) == 7
            await pilot.press("s")
            await until(pilot, lambda: first(grid, 5) == 330 * 7)
            assert len(rows_read(database, "users", before)) == 2
            await until(pilot, lambda: "plays ▼" in title(app))
            await pilot.press("s")
            await until(pilot, lambda: "by id" in title(app))
            assert first(grid, 0) == "cm000001"
            assert grid.column is not None
            assert grid.column.name == "plays"


async def test_shift_adds_a_second_column_and_the_header_says_which_counts_first(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        await to_column(pilot, grid, "name")
        await pilot.press("s")
        await until(pilot, lambda: "name ▲" in screen_text(app))
        await to_column(pilot, grid, "plays")
        await pilot.press("S")
        await until(pilot, lambda: "plays ▲2" in screen_text(app))
        await pilot.press("S")
        await until(pilot, lambda: "plays ▼2" in screen_text(app))
        assert "name ▲1" in screen_text(app)
        rows = [grid.window.row(index) for index in range(20)]
        plays = [row.values[5] for row in rows if row is not None and row.values[1] == ""]
        assert plays == sorted(plays, reverse=True)
        assert "by name ▲, plays ▼" in title(app)


async def test_an_unindexed_sort_of_many_rows_says_its_price_and_offers_the_indexed_neighbour(
    services: Services, big: CountingDatabase
) -> None:
    app = app_over(services, table="songs")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await to_column(pilot, grid, "title")
        before = len(big.data_queries("songs"))
        await pilot.press("s")
        line = app.screen.query_one(CostLine)
        await until(pilot, lambda: line.is_open)
        words = str(app.screen.query_one("#cost-words", Static).content)
        assert "No index serves this: the server reads about 120 k rows." in words
        assert rows_read(big, "songs", before) == []
        await pilot.press("escape")
        await until(pilot, lambda: not line.is_open and app.focused is grid)
        await until(pilot, lambda: "by id" in title(app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.focused, Button))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "by id ▲" in title(app), "the neighbour")
        assert rows_read(big, "songs", before)
        await pilot.press("s")
        await until(pilot, lambda: line.is_open and isinstance(app.focused, Button))
        await pilot.press("enter")
        await until(pilot, lambda: "by title ▲" in title(app))
        titles = [grid.window.row(index).values[1] for index in range(20)]  # type: ignore[union-attr]
        assert titles == sorted(titles)


async def test_a_sort_that_an_index_gives_asks_nothing(services: Services, big: CountingDatabase) -> None:
    app = app_over(services, table="songs")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await to_column(pilot, grid, "made")
        before = len(big.data_queries("songs"))
        await pilot.press("s", "s")
        await until(pilot, lambda: "by made ▼" in title(app))
        assert first(grid, 0) == 120000
        assert not any(query.startswith("EXPLAIN") for query in big.data_queries("songs")[before:])


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (50, 24)])
async def test_a_filter_is_typed_on_one_line_and_taken_away_again(
    services: Services, database: CountingDatabase, size: tuple[int, int]
) -> None:
    app = app_over(services)
    async with app.run_test(size=size) as pilot:
        grid = await opened(pilot, app)
        grid.cursor_column = 1
        before = len(database.data_queries("users"))
        await pilot.press("slash", *"ana")
        await until(pilot, lambda: "ana" in screen_text(app), "what is typed is seen")
        assert "‹ contains ›" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(ViewBar).conditions == ("name contains ana",))
        await until(pilot, lambda: "name contains ana" in screen_text(app))
        assert len(rows_read(database, "users", before)) == 1
        assert {row.values[1] for row in map(grid.window.row, range(20)) if row} == {"Ana Ruiz"}
        await until(pilot, lambda: app.focused is grid)
        await pilot.press("backspace")
        await until(pilot, lambda: app.screen.query_one(ViewBar).conditions == ())
        assert first(grid, 0) == "cm000001"


async def test_several_filters_hold_together_and_a_click_on_one_removes_it(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        await to_column(pilot, grid, "name")
        await pilot.press("slash", *"ana", "enter")
        await until(pilot, lambda: app.focused is grid and "name contains ana" in screen_text(app))
        await to_column(pilot, grid, "plays")
        await pilot.press("slash")
        while app.screen.query_one("#filter-operator", Choice).chosen != "between":
            await pilot.press("down")
        await pilot.press(*"7 and 100", "enter")
        bar = app.screen.query_one(ViewBar)
        await until(pilot, lambda: bar.conditions == ("name contains ana", "plays between 7 and 100"))
        assert all(row.values[5] <= 100 for row in map(grid.window.row, range(len(grid.window))) if row)
        await until(pilot, lambda: "counted" in title(app))
        await pilot.click(ViewBar, offset=(3, 0))
        await until(pilot, lambda: bar.conditions == ("plays between 7 and 100",))


async def test_a_value_of_the_wrong_type_is_refused_in_place_with_what_is_expected(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        await to_column(pilot, grid, "plays")
        before = database.data_queries("users")
        await pilot.press("slash", *"many", "enter")
        await until(pilot, lambda: "plays takes a whole number" in screen_text(app))
        assert app.screen.query_one("#filter-value", Input).value == "many"
        assert database.data_queries("users") == before, "nothing is sent that would be refused"
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid)
        await until(pilot, lambda: "cm000001" in screen_text(app))


async def test_a_search_reads_the_term_by_its_type_and_leaves_masked_secrets_out(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        await pilot.press("ctrl+f", *"770", "enter")
        await until(pilot, lambda: "any column holds 770" in screen_text(app))
        assert [row.values[5] for row in map(grid.window.row, range(len(grid.window))) if row] == [770]
        await pilot.press("backspace")
        await until(pilot, lambda: not app.screen.query_one(ViewBar).conditions)
        await pilot.press("ctrl+f", *"hash-of-user-7", "enter")
        await until(pilot, lambda: "0 rows, counted" in title(app))
        assert len(grid.window) == 0


async def test_go_to_takes_a_percentage_a_date_and_a_value(services: Services, big: CountingDatabase) -> None:
    app = app_over(services, table="songs")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await pilot.press("g", *"50 %")
        await until(pilot, lambda: "Go to  50 %" in screen_text(app), "what is typed is seen")
        await pilot.press("enter")
        await until(pilot, lambda: grid.row and 50_000 < grid.row.values[0] < 70_000)
        await until(pilot, lambda: "Approximate" in screen_text(app))
        await to_column(pilot, grid, "made")
        await pilot.press("s")
        await until(pilot, lambda: "by made ▲" in title(app))
        before = len(big.data_queries("songs"))
        await pilot.press("g", *"2024-02-01", "enter")
        await until(pilot, lambda: grid.row and str(grid.row.values[3]) == "2024-02-01 00:00:00")
        assert len(rows_read(big, "songs", before)) <= 2, "the page, and the one before it for the scroll bar"
        await until(pilot, lambda: app.focused is grid)
        here = grid.row.values[0]  # type: ignore[union-attr]
        await pilot.press("up")
        await until(pilot, lambda: grid.row and grid.row.values[0] == here - 1)
        await pilot.press("g", *"soon", "enter")
        await until(pilot, lambda: "made takes a date" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query_one(SeekLine).is_open)


async def test_counts_are_an_estimate_then_capped_then_exact_and_say_so(
    services: Services, big: CountingDatabase
) -> None:
    app = app_over(services, table="songs")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: "~120 k rows" in title(app))
        await pilot.press("n")
        await until(pilot, lambda: "over 10,000 rows, counted so far" in title(app))
        await pilot.press("n")
        await until(pilot, lambda: "120,000 rows, counted" in title(app))


async def test_the_newest_view_wins_and_the_server_stops_the_one_before(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        with (
            psycopg.connect(database.url.reveal()) as blocker,
            psycopg.connect(database.url.reveal(), autocommit=True) as watcher,
        ):

            def waiting() -> list[str]:
                found = watcher.execute(
                    "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                return [row[0] for row in found]

            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            await to_column(pilot, grid, "plays")
            await pilot.press("s")
            await until(pilot, lambda: len(waiting()) == 1)
            await pilot.press("s")
            await until(
                pilot, lambda: [query for query in waiting() if '"plays" DESC' in query] and len(waiting()) == 1
            )
            assert "cm000001" in screen_text(app), "the rows from before stay"
            await until(pilot, lambda: "esc Cancel" in screen_text(app))
            await pilot.press("escape")
            await until(pilot, lambda: waiting() == [])
            await until(pilot, lambda: "rows from before" in screen_text(app))
            blocker.rollback()
        assert "by id" in title(app)
