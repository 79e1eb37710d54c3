"""What is said of a table's rows goes with them: the next table, page or view begins without a word of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.screens.app.tables import followed_rows
from soundcheck.screens.app.tables.cost_line import CostLine
from soundcheck.stores.postgres import lock_holders
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.follow import Pace
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    opened,
    pane_of,
    screen_text,
    to_column,
    until,
)
from tests.screens.app.test_offline import line_to

MORE = """
CREATE TABLE cust (id int PRIMARY KEY, name text); INSERT INTO cust VALUES (1, 'Ana');
REVOKE ALL ON cust FROM CURRENT_USER;
CREATE TABLE wide (id int PRIMARY KEY, secret_token text, big bytea, name text);
INSERT INTO wide VALUES (1, 'x', 'x', 'Ana');
CREATE VIEW keyless AS SELECT name FROM user_settings, users WHERE users.id = "userId";
CREATE TABLE next_one (id int PRIMARY KEY, label text); INSERT INTO next_one VALUES (7, 'of the next table');
ANALYZE;
"""

Drive = Callable[[Pilot[Any], SoundcheckApp], Awaitable[None]]


@pytest.fixture(autouse=True)
def _more(database: CountingDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(database.url, MORE)
    monkeypatch.setattr(followed_rows, "pace_of", lambda _: Pace(0.1, 0.1))


def words_of(app: SoundcheckApp) -> str:
    """What stands in the frame of the rows and on it, lines that were broken put together again."""
    region = pane_of(app).region
    lines = app.screen._compositor.render_strips()[region.y : region.bottom]
    return " ".join(" ".join(line.crop(region.x, region.right).text.strip("│ ") for line in lines).split())


async def open_table(pilot: Pilot[Any], app: SoundcheckApp, name: str) -> None:
    """By the keys that a person presses; its rows may not have come yet."""
    app.screen.query_one("#list").focus()  # esc would stop a read that takes long
    await until(pilot, lambda: app.focused is not None and app.focused.id == "list", "the list")
    await pilot.press("slash", *name, "enter")
    await until(pilot, lambda: pane_of(app).table is not None and pane_of(app).table.name == name, f"opening {name}")


async def rows_of(pilot: Pilot[Any], app: SoundcheckApp, name: str) -> None:
    await open_table(pilot, app, name)
    await until(pilot, lambda: len(grid_of(app).window), f"rows of {name}")


@contextmanager
def locked(database: CountingDatabase, table: str) -> Iterator[psycopg.Connection]:
    """Nobody else can read the table."""
    with psycopg.connect(database.url.reveal(), application_name="a migration") as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield holder
        holder.rollback()


async def an_empty_table(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await open_table(pilot, app, "empty")


async def no_row_that_fits(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await rows_of(pilot, app, "users")
    pane_of(app).opened.choice.want(filtered(app, "name", "nobody at all"))


def filtered(app: SoundcheckApp, column: str, value: str) -> Any:
    view = pane_of(app).view
    assert view is not None
    return replace(view, filters=(RowFilter(column, Operator.EQUAL, value),))


async def a_refused_table(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await open_table(pilot, app, "cust")


async def a_refusal_above_rows(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await rows_of(pilot, app, "hostile")
    database = app.services.database
    assert database is not None
    execute(database.url, "REVOKE ALL ON hostile FROM CURRENT_USER")
    await pilot.press("n")


async def a_hidden_column(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await rows_of(pilot, app, "users")
    await to_column(pilot, grid_of(app), "plays")
    await pilot.press("minus")


async def a_search(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await rows_of(pilot, app, "wide")
    view = pane_of(app).view
    assert view is not None
    pane_of(app).opened.choice.want(replace(view, search="Ana"))


async def a_view_without_a_key(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await open_table(pilot, app, "keyless")


async def rows_that_are_followed(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    await rows_of(pilot, app, "user_settings")
    await pilot.press("F")
    database = app.services.database
    assert database is not None
    execute(database.url, "UPDATE user_settings SET \"userId\" = 'cm000002'")


CASES: dict[str, Drive] = {
    "This table has no rows.": an_empty_table,
    "is hidden": a_hidden_column,
    "No row fits.": no_row_that_fits,
    "permission denied for table cust": a_refused_table,
    "permission denied for table hostile": a_refusal_above_rows,
    "A searches all.": a_search,
    "by the whole row": a_view_without_a_key,
    "F stops": rows_that_are_followed,
}
"""One after the other."""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_word_of_a_table_stands_above_the_next_one(
    services: Services, database: CountingDatabase, size: tuple[int, int]
) -> None:
    app = app_over(services)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        for words, before in CASES.items():
            await before(pilot, app)
            await until(pilot, lambda words=words: words in words_of(app), words)  # type: ignore[misc]
            with locked(database, "next_one"):
                await open_table(pilot, app, "next_one")
                await until(pilot, lambda: "reading…  esc Cancel" in screen_text(app), f"the wait, after {words}")
                assert words not in words_of(app), "while its rows are on their way"
            await until(pilot, lambda: "of the next table" in screen_text(app), f"its rows, after {words}")
            assert words not in words_of(app)


async def test_a_row_that_comes_ends_the_word_that_there_are_none(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await open_table(pilot, app, "empty")
        await until(pilot, lambda: "This table has no rows." in screen_text(app))
        await pilot.press("F")
        execute(database.url, "INSERT INTO empty VALUES (1, 'the first one')")
        await until(pilot, lambda: "the first one" in screen_text(app), "the row")
        await until(pilot, lambda: "This table has no rows." not in screen_text(app), "the end of the word")


async def test_the_word_of_a_view_that_was_cancelled_goes_and_that_of_its_rows_stays(
    services: Services, database: CountingDatabase
) -> None:
    """What stands above rows is true of them: a wish that came to nothing takes no word of theirs along."""
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await a_search(pilot, app)
        await until(pilot, lambda: "A searches all." in screen_text(app))
        with locked(database, "wide"):
            await pilot.press("ctrl+r")
            await until(pilot, lambda: "reading…  esc Cancel" in screen_text(app))
            assert "A searches all." in screen_text(app)
            await pilot.press("escape")
            await until(pilot, lambda: "these are the rows from before" in screen_text(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "A searches all." in screen_text(app))
        assert "from before" not in screen_text(app)


async def test_a_price_that_comes_late_is_not_named_above_the_next_table(
    services: Services, database: CountingDatabase
) -> None:
    """Rows without a key are priced before they are read, and the planner waits for the lock as well."""
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        pricing = pane_of(app).opened.choice.price
        with locked(database, "users"):
            await open_table(pilot, app, "keyless")
            await until(pilot, lambda: pricing.waits_for is not None, "the question")
            await rows_of(pilot, app, "next_one")
            assert pricing.waits_for is None, "nobody needs the answer any more"
        await pilot.pause()
        assert "of the next table" in screen_text(app)
        assert not app.screen.query_one(CostLine).is_open


async def test_after_a_database_that_was_away_another_try_reads_the_table_that_is_open(services: Services) -> None:
    async with line_to(services) as line:
        app = app_over(line.services)
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot, app)
            line.lose()
            await pilot.press("ctrl+r")
            await until(pilot, lambda: "✗ offline" in screen_text(app))
            await open_table(pilot, app, "next_one")
            await until(pilot, lambda: pane_of(app).state.failure is not None, "the failure of the next table")
            assert "These rows are from before" not in screen_text(app)
            line.heal()
            await pilot.press("r")
            await until(pilot, lambda: "of the next table" in screen_text(app))
            assert not grid_of(app).has_class("-offline")


async def test_a_lock_held_elsewhere_says_who_holds_it(
    services: Services, database: CountingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_holders, "MOST_PATIENCE", 3.0)
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        with locked(database, "next_one") as holder:
            await open_table(pilot, app, "next_one")
            await until(pilot, lambda: pane_of(app).state.failure is not None, "the failure")
            pid = f"pid {holder.info.backend_pid}"
            for size in ((120, 40), (80, 24)):
                await pilot.resize_terminal(*size)
                await until(pilot, lambda: "idle in transaction since" in words_of(app), f"the reason at {size}")
                assert pid in words_of(app)
                assert "a migration" in words_of(app)
                assert "Narrow" not in words_of(app)
        await pilot.press("r")
        await until(pilot, lambda: "of the next table" in screen_text(app))
        assert pid not in words_of(app)


async def test_a_structure_that_cannot_be_read_again_says_that_the_one_below_is_from_before(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await rows_of(pilot, app, "next_one")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "label" in screen_text(app))
        await pilot.press("slash", *"label", "enter")
        await until(pilot, lambda: "1 of" in screen_text(app))
        execute(database.url, "DROP TABLE next_one")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "is not there any more" in screen_text(app))
        assert "This is the structure from before." in screen_text(app)
        execute(database.url, "CREATE TABLE next_one (id int PRIMARY KEY, label text)")
        await pilot.press("r")
        await until(pilot, lambda: "from before" not in screen_text(app))
        assert "1 of" not in screen_text(app), "the place of a word on the page from before"
