"""At 80×24: every table by its whole name with its rows, the way out in the key line, a next step where nothing is."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from textual.widgets import Static

from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from soundcheck.wizard.seed.tables import SEED_TABLES
from tests.screens.app.driving import app_over, opened, screen_text, until


@pytest.fixture
def filled_url(database_url: PostgresUrl) -> PostgresUrl:
    """Tables with the eleven names; 1,800 rows in the one with the longest name, none in the others."""
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        for table in SEED_TABLES:
            connection.execute(f"CREATE TABLE {table.name} (id int PRIMARY KEY, note text)")
        connection.execute("INSERT INTO session_participants SELECT i, 'x' FROM generate_series(1, 1800) i")
    return database_url


async def test_all_eleven_names_are_whole_and_their_rows_stand_beside_them(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        lines = [line.split("│")[1].split() for line in screen_text(app).splitlines() if line.startswith("│")]
        said = {words[0]: " ".join(words[1:]) for words in lines if words}
        assert {table.name for table in SEED_TABLES} <= set(said)
        assert said["session_participants"] == "1.8 k"
        assert said["users"] == "0"


async def test_the_key_line_names_the_way_out_and_it_leads_out(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        line = app.screen.query_one(KeyLine)
        keys = line.keys()
        assert [word for _, _, word in keys][-2:] == ["Tables", "Help"]
        await pilot.press("escape")
        await until(pilot, lambda: "ctrl+q Quit" in screen_text(app).splitlines()[-1], "the way out")
        keys = line.keys()
        assert [word for _, _, word in keys][-2:] == ["Quit", "Help"]
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)


async def test_tables_with_our_names_and_other_columns_are_not_offered_our_sample_data(services: Services) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "This table has no rows." in screen_text(app))
        await until(pilot, lambda: app.screen.query_one(GridPane).state.known is not None, "all the tables")
        await pilot.pause()
        assert "seed" not in screen_text(app)
        assert "sample" not in screen_text(app)


@pytest.mark.parametrize("ours", [True, False])
async def test_an_empty_database_names_setup_and_the_sample_data_where_it_will_fit(
    services: Services, database_url: PostgresUrl, ours: bool
) -> None:
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        for table in SEED_TABLES:
            connection.execute(f"DROP TABLE {table.name}")
    if not ours:
        schema = services.project.root / "schema.prisma"
        schema.write_text("model artists {\n  id String @id\n}\n")
        services = replace(services, project=replace(services.project, schema=schema))
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "has no" in screen_text(app))
        said = str(app.screen.query_one("#list-state", Static).content)
        assert "Press 1 for Setup" in said
        assert ("soundcheck seed" in said) is ours
        assert not app.screen.query_one(TableList).display
