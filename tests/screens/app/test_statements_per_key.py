"""What a key in the app costs the database, by the server's own statistics."""

from __future__ import annotations

import pytest
from counted_server import Counted, counted, counted_stack, counted_superuser  # noqa: F401
from textual.pilot import Pilot
from textual.widgets import Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.parts.activity import IDLE_AFTER
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.relation.leads_to import LeadRow
from soundcheck.screens.app.tables.filter_line import FilterLine
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.stores.catalog.tables import Certainty
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from tests.screens.app.driving import TABLES, FixedClock, app_over, execute, is_asking, opened, pane_of, until

MORE = """
CREATE TABLE plays (id int PRIMARY KEY, "userId" text NOT NULL REFERENCES users, seconds int NOT NULL);
INSERT INTO plays SELECT g, 'cm' || lpad((1 + g % 330)::text, 6, '0'), g % 300 FROM generate_series(1, 3000) g;
CREATE INDEX plays_user ON plays ("userId");
ANALYZE plays;
"""


@pytest.fixture
def filled_url(counted: Counted) -> PostgresUrl:  # noqa: F811
    """The app's database is on the server that counts."""
    execute(counted.url, TABLES + MORE)
    return counted.url


@pytest.fixture
def app(services: Services) -> SoundcheckApp:
    return app_over(services, table="plays")


async def settled(pilot: Pilot[None], app: SoundcheckApp) -> None:
    """Nobody waits for an answer."""

    def quiet() -> bool:
        return not is_asking(app)

    for _ in range(2):  # an answer may lead to the next question
        await until(pilot, quiet, "all answers")


async def ready(pilot: Pilot[None], app: SoundcheckApp) -> GridPane:
    await opened(pilot, app, focus=False)
    await until(pilot, lambda: app.focused is pane_of(app).grid, "focus")
    await settled(pilot, app)
    await until(pilot, lambda: pane_of(app).grid.arrangement.names, "names of related rows")
    return pane_of(app)


def rows_of(counted: Counted, table: str) -> list[int]:  # noqa: F811
    """Rows that each reading of a table handed out; one that ran twice stands twice. Counts and plans are left out."""
    return [
        one.rows // one.calls
        for one in counted.statements()
        for _ in range(one.calls)
        if f'"{table}"' in one.query and "count(*)" not in one.query and not one.query.startswith("EXPLAIN")
    ]


async def test_a_page_is_read_once_with_its_names_and_keys_within_it_ask_nothing(
    app: SoundcheckApp,
    counted: Counted,  # noqa: F811
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        counted.forget()
        pane = await ready(pilot, app)
        assert rows_of(counted, "plays") == [51]
        assert rows_of(counted, "users") == [50], "the users of a page by one statement"
        assert counted.calls() == 6, "the tables by three, their relations, a page, its names"
        counted.forget()
        await pilot.press("down", "down", "right", "up", "left")
        await settled(pilot, app)
        assert counted.everything() == []
        grid = pane.grid
        await pilot.press("pagedown")
        await until(pilot, lambda: grid.window.end == 100, "the second page")
        await settled(pilot, app)
        assert rows_of(counted, "plays") == [51]
        assert rows_of(counted, "users") == [50]


async def test_the_last_row_costs_its_page_and_the_one_before_it_and_so_does_the_way_back(
    app: SoundcheckApp,
    counted: Counted,  # noqa: F811
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        grid = (await ready(pilot, app)).grid
        for key, row in (("end", 3000), ("home", 1)):
            counted.forget()
            await pilot.press(key)
            await until(pilot, lambda row=row: grid.row and grid.row.values[0] == row, f"row {row}")
            await settled(pilot, app)
            assert rows_of(counted, "plays") in ([51], [51, 51])
            assert all(one.rows <= 51 * one.calls for one in counted.statements())


async def test_a_sort_and_a_filter_are_one_statement_each_and_a_count_is_one_row(
    app: SoundcheckApp,
    counted: Counted,  # noqa: F811
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await ready(pilot, app)
        await pilot.press("right", "right")
        counted.forget()
        await pilot.press("s")
        await until(pilot, lambda: pane.view and pane.view.sort and len(pane.grid.window), "the sorted rows")
        await settled(pilot, app)
        assert rows_of(counted, "plays") == [51]
        counted.forget()
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.focused, Input) and app.focused.parent is not None, "the filter line")
        assert counted.everything() == []
        await pilot.press("7", "enter")
        await until(pilot, lambda: pane.view and pane.view.filters, "the filtered rows")
        await settled(pilot, app)
        assert not app.screen.query_one(FilterLine).display
        assert rows_of(counted, "plays") == [10]
        counted.forget()
        await pilot.press("backspace")
        await until(pilot, lambda: pane.view and not pane.view.filters, "all rows")
        await settled(pilot, app)
        counted.forget()
        await pilot.press("n")
        await until(pilot, lambda: pane.state.rows and pane.state.rows.certainty is Certainty.EXACT, "the count")
        await settled(pilot, app)
        assert [(one.calls, one.rows) for one in counted.statements()] == [(1, 1)]


async def test_a_record_is_one_row_by_its_key_and_its_children_are_counted_by_one_statement(
    services: Services,
    app: SoundcheckApp,
    counted: Counted,  # noqa: F811
) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is pane_of(app).grid, "focus")
        await settled(pilot, app)
        counted.forget()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and app.screen.query(LeadRow), "the record")
        await until(pilot, lambda: isinstance(app.focused, FieldRow), "focus")
        assert [(one.calls, one.rows) for one in counted.statements()] == [(1, 1)]
        counted.forget()
        await pilot.press("n")
        await until(pilot, lambda: any(line.rows is not None for line in app.screen.query(LeadRow)), "the counts")
        assert counted.calls() == 1


async def test_a_table_that_nobody_sees_or_touches_asks_nothing(
    services: Services,
    app: SoundcheckApp,
    counted: Counted,  # noqa: F811
) -> None:
    clock = services.clock
    assert isinstance(clock, FixedClock)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        counted.forget()
        clock.seconds += IDLE_AFTER + 1
        await pilot.pause()
        assert counted.everything() == []
        await pilot.press("4")
        await until(pilot, lambda: not app.screen.query(GridPane), "another place")
        counted.forget()
        for _ in range(3):
            clock.seconds += IDLE_AFTER / 2
            await pilot.press("down", "up")
            await pilot.pause()
        assert counted.everything() == []
