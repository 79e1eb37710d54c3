"""What is on the screen as SQL, Prisma and Redis, masked as it is there; and how a table is made."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psycopg
from textual.widgets import Input

from soundcheck.screens.app.parts.save_screen import SaveScreen
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.sql.spelled_screen import SpelledScreen, SpellingBox
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    THREE_SIZES,
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    opened,
    screen_text,
    until,
)


async def test_x_spells_the_view_and_the_row_and_asks_the_server_nothing(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=THREE_SIZES[0]) as pilot:
        grid = await opened(pilot, app)
        grid.cursor_column = 1
        await pilot.press("slash", *"ana", "enter")
        await until(pilot, lambda: "contains ana" in screen_text(app) and app.focused is grid)
        await pilot.pause()
        for size in THREE_SIZES:
            await pilot.resize_terminal(*size)
            before = len(database.asked)
            await pilot.press("x")
            await until(pilot, lambda: isinstance(app.focused, SpellingBox))
            text = screen_text(app)
            assert "SELECT *" in text
            assert "ILIKE '%ana%'" in text
            everything = "\n".join(str(box.content) for box in app.screen.query(SpellingBox))
            assert 'await db.user.find_unique(where={"id": "cm000006"})' in everything
            assert '"contains": "ana", "mode": "insensitive"' in everything
            assert "await db.user.count(where=" in everything
            assert "GET" in everything
            assert "user:cm000006" in everything
            assert len(database.asked) == before
            await pilot.press("c")
            await until(pilot, lambda: app.clipboard.startswith("SELECT *"))
            await pilot.press("escape")
            await until(pilot, lambda: app.focused is grid)


async def test_the_copied_sql_is_sql_that_finds_the_same_rows(services: Services, database: CountingDatabase) -> None:
    app = app_over(services)
    async with app.run_test(size=(100, 30)) as pilot:
        grid = await opened(pilot, app)
        while grid.column is None or grid.column.name != "plays":
            await pilot.press("right")
        await pilot.press("s")
        await until(pilot, lambda: "plays ▲" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: "plays ▼" in screen_text(app))
        await pilot.press("x", "c")
        await until(pilot, lambda: isinstance(app.screen, SpelledScreen) and isinstance(app.focused, SpellingBox))
        await pilot.press("c")
        await until(pilot, lambda: app.clipboard)
        with psycopg.connect(database.url.reveal()) as connection:
            rows = connection.execute(app.clipboard.encode()).fetchall()
        assert [row[0] for row in rows[:3]] == ["cm000330", "cm000329", "cm000328"]


async def test_the_record_as_json_insert_and_prisma_keeps_masked_cells_masked(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        texts = {str(box.border_title): str(box.content) for box in app.screen.query(SpellingBox)}
        assert '"id": "cm000001"' in texts["JSON"]
        assert texts["INSERT"].startswith("-- masked: email, password\nINSERT INTO")
        assert "user1@mail" not in "".join(texts.values())
        assert "$2b$12$" not in "".join(texts.values())
        await pilot.press("escape", "down", "down", "r", "x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        shown = "".join(str(box.content) for box in app.screen.query(SpellingBox))
        assert "user1@mail.example" in shown
        assert "$2b$12$" not in shown, "revealing one cell reveals no other"


async def test_a_spelling_is_saved_for_its_owner_alone(services: Services, tmp_path: Path) -> None:
    app = app_over(services)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = str(tmp_path / "view.sql")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SpelledScreen))
        assert (tmp_path / "view.sql").read_text().startswith("SELECT *")
        assert stat.S_IMODE(os.stat(tmp_path / "view.sql").st_mode) == 0o600


async def test_t_shows_how_the_table_is_made_in_one_query(services: Services, database: CountingDatabase) -> None:
    app = app_over(services)
    async with app.run_test(size=THREE_SIZES[0]) as pilot:
        grid = await opened(pilot, app)
        for size in THREE_SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            before = len(database.asked)
            await pilot.press("t")
            await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "Columns, 7" in screen_text(app))
            assert len(database.asked) == before + 1
            whole = "\n".join(str(part.content) for part in app.screen.query("#structure Static"))  # type: ignore[attr-defined]
            for said in (
                "character varying(255)",
                "users_pkey",
                "primary key",
                "users_email_key",
                "CREATE TABLE",
                "PRIMARY KEY",
            ):
                assert said in whole, said
            await pilot.press("c")
            await until(pilot, lambda: "CREATE TABLE" in app.clipboard)
            await pilot.press("escape")
            await until(pilot, lambda: app.focused is grid_of(app))
            await until(pilot, lambda: app.focused is grid)


async def test_a_table_that_is_gone_says_so_in_its_structure(services: Services, database: CountingDatabase) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        execute(database.url, "DROP TABLE users CASCADE")
        await pilot.press("t")
        await until(pilot, lambda: "users is not there any more" in screen_text(app))
