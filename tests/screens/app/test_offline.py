"""A database that goes away and comes back, or moves: the rows stay, grey, and another try brings the same place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.tables import followed_rows
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.related_screen import RelatedScreen
from soundcheck.screens.app.tables.status_line import OfflineLine
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.rows.follow import Pace
from soundcheck.stores.services import Services
from tests.fault_proxy import FaultProxy, Forward, Reset
from tests.screens.app.driving import CountingDatabase, app_over, grid_of, opened, screen_text, until


class Line:
    """The way to a real PostgreSQL, which can be cut, refused and healed."""

    def __init__(self, proxy: FaultProxy, direct: PostgresUrl, services: Services) -> None:
        self.proxy = proxy
        self.direct = direct
        self.services = services

    def cut(self) -> None:
        """End every connection of the app; new ones are still let through."""
        with psycopg.connect(self.direct.reveal(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def lose(self) -> None:
        """End every connection, and refuse new ones."""
        self.proxy.fault = Reset()
        self.cut()

    def heal(self) -> None:
        """Let new ones through again."""
        assert self.direct.port is not None
        self.proxy.fault = Forward(self.direct.port)


@asynccontextmanager
async def line_to(services: Services) -> AsyncIterator[Line]:
    """The services with a proxy before their database."""
    assert services.database is not None
    direct = services.database.url
    assert direct.port is not None
    async with FaultProxy(Forward(direct.port)) as proxy:
        database = CountingDatabase(replace(direct, port=proxy.port))
        credentials = replace(services.credentials, database_url=database.url)
        yield Line(proxy, direct, replace(services, database=database, credentials=credentials))
        await database.close()


@asynccontextmanager
async def looking_at(line: Line) -> AsyncIterator[tuple[SoundcheckApp, Pilot[None]]]:
    """The app, its grid focused; clients that it opened are closed with it."""
    app = app_over(line.services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        yield app, pilot


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_rows, "pace_of", lambda _: Pace(0.1, 0.1))


def is_grey(app: SoundcheckApp) -> bool:
    return grid_of(app).has_class("-offline") and app.screen.query_one(OfflineLine).display


def here(app: SoundcheckApp) -> Any:
    row = grid_of(app).row
    return row.values[0] if row else None


async def test_a_read_over_a_connection_that_was_cut_reconnects_once_and_nobody_notices(services: Services) -> None:
    async with line_to(services) as line, looking_at(line) as (app, pilot):
        before = line.proxy.connections
        line.cut()
        await pilot.press("end")
        await until(pilot, lambda: here(app) == "cm000330")
        assert line.proxy.connections > before
        assert not is_grey(app)


async def test_a_lost_database_greys_the_page_and_another_try_brings_the_same_place(services: Services) -> None:
    async with line_to(services) as line, looking_at(line) as (app, pilot):
        pane = app.screen.query_one(GridPane)
        await pilot.press("right", "slash", *"ana", "enter")
        await until(pilot, lambda: pane.view and pane.view.filters and app.focused is grid_of(app), "the filter")
        await pilot.press(*["right"] * 4, "s", "s", "down", "down", "down")
        await until(pilot, lambda: pane.view and pane.view.sort and pane.view.sort[0].descending, "the sort")
        await pilot.press("down", "down", "down")
        view, shown, cursor = pane.view, screen_text(app), (here(app), grid_of(app).column)
        line.lose()
        await pilot.press("n")
        await until(pilot, lambda: is_grey(app), "the grey page")
        text = screen_text(app)
        assert "✗ offline" in text
        assert "r Try again" in text
        row = next(line for line in shown.splitlines() if "cm0" in line)
        assert row[40:80] in text, "the rows stay"
        assert app.focused is grid_of(app)
        await pilot.press("r")
        await until(pilot, lambda: not pane.is_asking, "the second failure")
        assert is_grey(app)
        line.heal()
        await pilot.press("r")
        await until(pilot, lambda: not is_grey(app), "the page in colour")
        assert pane.view == view
        assert (here(app), grid_of(app).column) == cursor
        assert "offline" not in screen_text(app)


async def test_scrolling_on_while_it_is_away_loses_nothing(services: Services) -> None:
    async with line_to(services) as line, looking_at(line) as (app, pilot):
        line.lose()
        await pilot.press("end")
        await until(pilot, lambda: is_grey(app))
        assert here(app) == "cm000001"
        await pilot.press("down", "down")
        assert here(app) == "cm000003", "what is at hand can still be looked at"
        line.heal()
        await pilot.press("r")
        await until(pilot, lambda: here(app) == "cm000330")
        assert not is_grey(app)


async def test_followed_rows_grey_and_heal_by_themselves(services: Services) -> None:
    async with line_to(services) as line, looking_at(line) as (app, pilot):
        await pilot.press("down", "F")
        line.lose()
        await until(pilot, lambda: is_grey(app))
        line.heal()
        await until(pilot, lambda: not is_grey(app))
        assert here(app) == "cm000002"


async def test_a_record_keeps_what_it_shows_and_the_line_with_the_focus(services: Services) -> None:
    async with line_to(services) as line, looking_at(line) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and app.screen.query(FieldRow))
        await pilot.press("down", "down", "r")
        await until(pilot, lambda: "user1@mail.example" in screen_text(app))
        line.lose()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "r  Try again" in screen_text(app))
        assert "user1@mail.example" in screen_text(app)
        line.heal()
        await pilot.press("r")
        await until(pilot, lambda: "r  Try again" not in screen_text(app))
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        assert isinstance(app.focused, FieldRow)
        assert app.focused.field.column.name == "email"
        await until(pilot, lambda: "user1@mail.example" in screen_text(app), "what was revealed stays revealed")


async def test_another_try_finds_a_database_that_moved_and_keeps_the_place(services: Services) -> None:
    async with line_to(services) as old, line_to(services) as new, looking_at(old) as (app, pilot):
        await pilot.press("right", "down", "down", "down")
        new_url = new.services.credentials.database_url
        assert new_url is not None
        services.project.env_file.write_text(f'DATABASE_URL="{new_url.reveal()}"\n')
        old.lose()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: is_grey(app))
        await pilot.press("r")
        await until(pilot, lambda: not is_grey(app), "the page at the new address")
        database = app.services.database
        assert database is not None
        assert database.url.port == new.proxy.port
        assert app.screen.query_one(GridPane).database is database
        assert here(app) == "cm000004"
        assert grid_of(app).column.name == "name"  # type: ignore[union-attr]
        await pilot.press("end")
        await until(pilot, lambda: here(app) == "cm000330")


async def test_every_open_screen_follows_new_clients(services: Services) -> None:
    async with line_to(services) as old, line_to(services) as new, looking_at(old) as (app, pilot):
        await pilot.press("/", "tab")
        await pilot.press("escape")
        pane = app.screen.query_one(GridPane)
        assert pane.state.known is not None
        assert pane.view is not None
        related = RelatedScreen(pane.view, pane.state.known, ("users",))
        app.push_screen(related)
        await until(pilot, lambda: related.is_mounted and len(related.pane.grid.window))
        await pilot.press("down", "down")
        new_url = new.services.credentials.database_url
        assert new_url is not None
        services.project.env_file.write_text(f'DATABASE_URL="{new_url.reveal()}"\n')
        assert await app.renew_clients()
        assert not await app.renew_clients(), "it did not move again"
        database = app.services.database
        await until(pilot, lambda: related.pane.database is database and related.pane.opened.reader.waits_for is None)
        assert here(app) == "cm000003"
        await until(pilot, lambda: pane.database is database and pane.opened.reader.waits_for is None)
        assert pane.grid.row is not None


async def test_what_a_fix_moved_is_followed_and_the_clients_that_were_opened_before_are_closed(
    services: Services,
) -> None:
    async with line_to(services) as old, line_to(services) as new:
        asleep = replace(old.services, database=None)
        app = app_over(asleep)
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot, app)
            before = app.services.database
            assert before is not None
            await pilot.press("down", "down")
            new_url = new.services.credentials.database_url
            assert new_url is not None
            services.project.env_file.write_text(f'DATABASE_URL="{new_url.reveal()}"\n')
            app.follow_moved_stores()
            pane = app.screen.query_one(GridPane)
            await until(pilot, lambda: pane.database is not before and pane.opened.reader.waits_for is None, "the move")
            assert here(app) == "cm000003"
            await until(pilot, lambda: old.proxy.open == 0, "the end of the old connections")
            with pytest.raises(DatabaseProblem):
                await before.fetch("SELECT 1")


async def test_a_read_that_waits_for_a_waking_database_says_so(services: Services, database: CountingDatabase) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        with psycopg.connect(database.url.reveal()) as blocker:
            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            await pilot.press("ctrl+r")
            await until(pilot, lambda: "reading…  esc Cancel" in screen_text(app))
            database._connections.say("Neon is waking the database, which takes up to 7 s.")
            await until(pilot, lambda: "Neon is waking the database" in screen_text(app))
            blocker.rollback()
        await until(pilot, lambda: "waking" not in screen_text(app))
        assert "cm000001" in screen_text(app)
