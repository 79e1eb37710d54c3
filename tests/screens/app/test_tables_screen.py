"""Tables on real PostgreSQL: rows first, few queries, nothing lost, nothing coloured, nothing shown unasked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from tests.conftest import run_aside
from tests.screens.app.driving import (
    USERS,
    CountingDatabase,
    app_over,
    at_three_sizes,
    execute,
    grid_of,
    opened,
    screen_text,
    until,
)


@at_three_sizes
async def test_the_tables_and_the_rows_of_users_are_there_at_once(services: Services, size: tuple[int, int]) -> None:
    app = app_over(services)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, focus=False)
        text = screen_text(app)
        assert "users" in text
        assert "330" in text
        assert "cm000001" in text
        assert "李小龍" in text
        assert app.screen.query_one(GridPane).table.name == "users"  # type: ignore[union-attr]


async def test_under_sixty_columns_rows_become_cards_and_one_pane_shows_at_a_time(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(50, 24)) as pilot:
        await until(pilot, lambda: app.screen.query(TableList) and app.screen.query_one(TableList).chosen)
        assert "cm000001" not in screen_text(app)
        await opened(pilot, app)
        card = [line.strip(" │┃") for line in screen_text(app).splitlines()[3:7]]
        assert card[0].split() == ["id", "cm000001"]
        assert [line.split()[0] for line in card] == ["id", "name", "email", "password"]
        await pilot.press("down", "down")
        assert grid_of(app).row.values[0] == "cm000003"  # type: ignore[union-attr]
        await pilot.press("escape")
        await until(pilot, lambda: "cm000001" not in screen_text(app))


async def test_opening_a_table_costs_one_data_query_without_a_count(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "right", "left", "up")
        await pilot.pause()
        before = len(database.data_queries("users"))
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.screen.query_one(TableList))
        await pilot.press("enter")
        await until(pilot, lambda: len(database.data_queries("users")) > before)
        await until(pilot, lambda: len(grid_of(app).window))
        fresh = database.data_queries("users")[before:]
        assert len(fresh) == 1
        assert "count(" not in fresh[0].lower()
        assert "51" in fresh[0]


async def test_paging_down_shows_every_row_once_and_in_order(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        seen = []
        while True:
            assert grid.row is not None
            seen.append(grid.row.values[0])
            if grid.cursor_row == USERS - 1:
                break
            target = grid.cursor_row + 1
            grid.action_move(1)
            if grid.cursor_row != target:
                await until(pilot, lambda target=target: grid.cursor_row == target)
        assert seen == [f"cm{n:06}" for n in range(1, USERS + 1)]


async def test_keys_that_come_faster_than_the_rows_are_not_lost(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        await pilot.press(*["pagedown"] * 9)
        wanted = 9 * grid._rows_on_screen
        await until(pilot, lambda: grid.cursor_row == wanted, f"row {wanted}")
        assert grid.row.values[0] == f"cm{wanted + 1:06}"  # type: ignore[union-attr]


async def test_the_last_row_is_one_query_away_and_the_way_back_up_is_whole(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        before = len(database.data_queries("users"))
        await pilot.press("end")
        await until(pilot, lambda: grid.row and grid.row.values[0] == f"cm{USERS:06}")
        await until(pilot, lambda: "cm000330" in screen_text(app))
        assert len(database.data_queries("users")) - before <= 2
        first = USERS
        while first > 1:
            await pilot.press("pageup")
            await until(pilot, lambda: grid._aim is None and grid.row)
            assert grid.row is not None
            first = int(grid.row.values[0][2:])
        assert grid.cursor_row == 0
        assert grid.window.base_is_exact


@pytest.mark.drawn
async def test_moving_the_cursor_draws_only_the_lines_that_changed(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        drawn: list[int] = []
        render = grid.render_line
        grid.render_line = lambda y: drawn.append(y) or render(y)  # type: ignore[method-assign, func-returns-value]
        await pilot.press("down")
        await until(pilot, lambda: grid.cursor_row == 1 and drawn)
        assert sorted(set(drawn)) == [1, 2]


async def test_null_the_empty_text_and_the_text_null_never_look_alike(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        shown = {
            grid.window.row(i).values[1]: grid.painter._cell(
                grid.window.row(i).values, grid.columns[1], 12, grid.painter._inks[False]
            )  # type: ignore[union-attr]
            for i in range(6)
        }
        texts = [shown[value][0] for value in (None, "", "NULL")]
        styles = [shown[value][1] for value in (None, "NULL")]
        assert len(set(texts)) == 3
        assert styles[0] != styles[1]


async def test_text_from_the_database_is_neither_markup_nor_an_escape_sequence(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        text = screen_text(app)
        for whole in ("[/foo]", "[b +", "[red]x[/]", "[b]name[/b]", "👩‍🎤 李小龍"):
            assert whole in text, whole
        for y in range(grid.size.height):
            for segment in grid.render_line(y):
                assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u202a\u2066" for c in segment.text)
        for row in range(4):
            grid._put_cursor(row, 0)
            for column in range(4):
                grid._put_cursor(row, column)
                await pilot.pause()
                assert all(ord(c) >= 32 for line in screen_text(app).splitlines() for c in line)


async def test_personal_columns_stay_masked_until_revealed_and_copying_copies_what_is_seen(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app)
        assert "user1@mail.example" not in screen_text(app)
        assert "$2b$12$" not in screen_text(app)
        await pilot.press("right", "right", "c", "c")
        await until(pilot, lambda: app.clipboard)
        assert "user1@mail.example" not in app.clipboard
        await pilot.press("r")
        await until(pilot, lambda: "user1@mail.example" in screen_text(app))
        assert "$2b$12$" not in screen_text(app), "revealing one column reveals no other"
        await pilot.press("c", "c")
        await until(pilot, lambda: app.clipboard == "user1@mail.example")
        await pilot.press("r")
        await until(pilot, lambda: "user1@mail.example" not in screen_text(app))
        assert grid.revealed == frozenset()


async def test_a_failure_is_told_in_the_pane_and_its_key_tries_again(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        execute(database.url, "CREATE TABLE kept AS TABLE users; DROP TABLE users CASCADE")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.screen.query_one("#rows PaneTrouble", PaneTrouble).is_shown)
        await until(pilot, lambda: "r  Try again" in screen_text(app))
        execute(database.url, "ALTER TABLE kept RENAME TO users; ALTER TABLE users ADD PRIMARY KEY (id)")
        await pilot.press("r")
        await until(pilot, lambda: not app.screen.query_one("#rows PaneTrouble", PaneTrouble).is_shown)
        await until(pilot, lambda: "cm000001" in screen_text(app))
        assert app.current_mode == "tables"


async def test_escape_stops_a_read_and_the_server_stops_too(services: Services, database: CountingDatabase) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        with (
            psycopg.connect(database.url.reveal()) as blocker,
            psycopg.connect(database.url.reveal(), autocommit=True) as watcher,
        ):

            def waiting() -> int:
                """Reads of the page that wait for the lock; what else looks at the table may wait as well."""
                found = watcher.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active'"
                    """ AND datname = current_database() AND query LIKE '%FROM "public"."users"%'"""
                ).fetchone()
                assert found is not None
                return int(found[0])

            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            await pilot.press("ctrl+r")
            await until(pilot, lambda: waiting() == 1, "the blocked query")
            await until(pilot, lambda: "reading…  esc Cancel" in screen_text(app))
            await pilot.press("escape")
            await until(pilot, lambda: waiting() == 0, "the end of the query")
            await until(pilot, lambda: "these are the rows from before" in screen_text(app))
            assert "cm000001" in screen_text(app)
            await pilot.press("escape", "enter")
            await until(pilot, lambda: waiting() == 1, "the blocked query of a table that is opened")
            await until(pilot, lambda: "reading…  esc Cancel" in screen_text(app))
            await pilot.press("escape")
            await until(pilot, lambda: "Reading was cancelled" in screen_text(app))
            blocker.rollback()
        await pilot.press("r")
        await until(pilot, lambda: "cm000001" in screen_text(app))


async def test_escape_stops_a_read_from_the_list_too(
    services: Services, database: CountingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who pressed it before it was offered is in the list by then; what stands on the screen holds there as well."""
    monkeypatch.setattr(
        "soundcheck.screens.app.parts.store_question.PATIENCE", 3.0
    )  # so that a slow machine, too, presses it before
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        with psycopg.connect(database.url.reveal()) as blocker:
            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            await pilot.press("ctrl+r", "escape")
            tables = app.screen.query_one(TableList)
            await until(pilot, lambda: "reading…  esc Cancel" in screen_text(app))
            tables.focus()
            await until(pilot, lambda: app.focused is tables, "the list")
            await pilot.press("escape")
            await until(pilot, lambda: "these are the rows from before" in screen_text(app))
            await until(pilot, lambda: app.focused is tables)
            blocker.rollback()


async def test_a_database_that_is_away_leaves_the_person_in_tables_with_a_banner(services: Services) -> None:
    from soundcheck.stores.resolver import SystemResolver

    assert services.database is not None
    away = CountingDatabase(replace(services.database.url, port=1))
    app = app_over(replace(services, database=away, resolver=SystemResolver()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.banner)
        assert app.current_mode == "tables"
        assert screen_text(app).splitlines()[2].startswith(" !")
        app.services = services
        await until(pilot, lambda: "cm000001" in screen_text(app))
        assert app.banner == ""
    await away.close()


async def test_clients_that_are_missing_are_opened_after_the_first_frame(services: Services) -> None:
    app = app_over(replace(services, database=None))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.services.database is not None)
        await until(pilot, lambda: "cm000001" in screen_text(app))


async def test_another_database_brings_its_own_tables_and_rows(services: Services, superuser_url: PostgresUrl) -> None:
    app = app_over(services)
    other = CountingDatabase(replace(superuser_url, database="postgres"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        app.services = replace(services, database=other)
        await until(pilot, lambda: "The database has no" in screen_text(app))
        assert "cm000001" not in screen_text(app)
        app.services = services
        await until(pilot, lambda: "cm000001" in screen_text(app))
    await other.close()


async def test_memory_stays_bounded_while_paging_a_long_way(services: Services, database: CountingDatabase) -> None:
    from soundcheck.screens.app.grid.window import MOST_ROWS

    def grow() -> None:
        with psycopg.connect(database.url.reveal(), autocommit=True) as connection:
            connection.execute("CREATE TABLE long AS SELECT g AS id FROM generate_series(1, 5000) g")
            connection.execute("ALTER TABLE long ADD PRIMARY KEY (id)")

    run_aside(_async(grow))
    app = app_over(services, table="long")
    async with app.run_test(size=(80, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        grid.focus()
        while grid.cursor_row < 3000:
            target = grid._heading + 2 * grid._rows_on_screen
            grid.action_page(1)
            grid.action_page(1)
            await until(pilot, lambda target=target: grid.cursor_row >= target)
            assert len(grid.window) <= MOST_ROWS
        assert grid.window.base > 0
        assert grid.row.values[0] == grid.cursor_row + 1  # type: ignore[union-attr]


async def _async(work: Any) -> None:
    work()
