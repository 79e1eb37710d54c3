"""Rows are followed on real PostgreSQL: what changed is marked, the old value kept, nobody looking costs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.follow.follower import Follower
from soundcheck.screens.app.follow.status import FollowState
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts.activity import IDLE_AFTER
from soundcheck.screens.app.record import screen as record_screen
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.tables import followed_rows
from soundcheck.stores.rows.follow import Pace, RowState
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    FixedClock,
    app_over,
    grid_of,
    opened,
    pane_of,
    screen_text,
    until,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (followed_rows, record_screen):
        monkeypatch.setattr(module, "pace_of", lambda _: Pace(0.1, 0.1))


@asynccontextmanager
async def following(
    services: Services, *keys: str, size: tuple[int, int] = (120, 40), **start: Any
) -> AsyncIterator[tuple[SoundcheckApp, Pilot[None], psycopg.Connection[Any]]]:
    """The app with its rows followed, and a second connection that writes."""
    app = app_over(services, **start)
    assert services.database is not None
    async with app.run_test(size=size) as pilot:
        grid = await opened(pilot, app, focus=not start)
        await until(pilot, lambda: app.focused is grid)
        await pilot.press(*keys, "F")
        await until(pilot, lambda: follower(app).status.state is FollowState.LIVE)
        with psycopg.connect(services.database.url.reveal(), autocommit=True) as connection:
            yield app, pilot, connection


def follower(app: SoundcheckApp) -> Follower[Any, Any]:
    screen = app.screen
    return screen._follower if isinstance(screen, RecordScreen) else pane_of(app).opened.following.follower


def marks(grid: Grid) -> dict[str, RowState]:
    return {row.values[0]: row.mark.state for row in grid.window.rows_from(grid.window.base) if row.mark}


def line_of(app: SoundcheckApp, text: str) -> str:
    return next((line for line in screen_text(app).splitlines() if text in line), "")


async def test_what_changed_is_marked_in_the_cell_and_the_old_value_can_be_read(services: Services) -> None:
    async with following(services) as (app, pilot, connection):
        connection.execute("UPDATE users SET plays = 999 WHERE id = 'cm000003'")
        await until(pilot, lambda: "999~" in line_of(app, "cm000003"), "the mark")
        await pilot.press("down", "down", *["right"] * 5)
        await until(pilot, lambda: "~ plays was 21" in screen_text(app), "the old value")
        assert "~ 1 changed" in screen_text(app)
        assert grid_of(app).row.values[0] == "cm000003"  # type: ignore[union-attr]


async def test_new_and_deleted_rows_are_told_apart_without_colour_and_the_cursor_stays_on_its_row(
    services: Services,
) -> None:
    async with following(services, "down", "down", "down", size=(80, 24)) as (app, pilot, connection):
        connection.execute("INSERT INTO users SELECT 'cm00000a', name, 'new', '', avatar, 1, now() FROM users LIMIT 1")
        connection.execute("DELETE FROM users WHERE id = 'cm000003'")
        wanted = {"cm00000a": RowState.NEW, "cm000003": RowState.GONE}
        await until(pilot, lambda: marks(grid_of(app)) == wanted, "the marks")
        await until(pilot, lambda: "cm00000a+" in screen_text(app))
        await until(pilot, lambda: "cm000003-" in screen_text(app))
        assert grid_of(app).row.values[0] == "cm000004"  # type: ignore[union-attr]
        await pilot.press("up")
        await until(pilot, lambda: "- this row is gone" in screen_text(app))
        order = [row.values[0] for row in grid_of(app).window.rows_from(0)]
        assert order[:3] == ["cm000001", "cm000002", "cm000003"], "what is gone stays where it stood"
        assert "cm00000a" in order[9:50]


async def test_each_look_is_one_query_of_the_page_on_screen_without_a_count(
    services: Services, database: CountingDatabase
) -> None:
    async with following(services, "end") as (app, pilot, connection):
        await until(pilot, lambda: grid_of(app).row and grid_of(app).row.values[0] == "cm000330")  # type: ignore[union-attr]
        before = len(database.asked)
        connection.execute("UPDATE users SET name = 'Last' WHERE id = 'cm000330'")
        await until(pilot, lambda: "Last" in line_of(app, "cm000330"))
        looks = database.asked[before:]
        assert all('"users"' in query and "count(" not in query.lower() for query in looks)
        assert all("LIMIT 51" in query for query in looks)
        assert marks(grid_of(app)) == {"cm000330": RowState.CHANGED}


async def test_masked_columns_stay_masked_in_the_old_value_until_they_are_revealed(services: Services) -> None:
    async with following(services, "right", "right") as (app, pilot, connection):
        connection.execute("UPDATE users SET email = 'fresh@mail.example' WHERE id = 'cm000001'")
        await until(pilot, lambda: "~ email was u•••@mail…" in screen_text(app))
        assert "user1@mail" not in screen_text(app)
        assert "fresh@" not in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: "~ email was user1@mail.example" in screen_text(app))


async def test_an_old_value_that_looks_like_markup_is_only_text(services: Services) -> None:
    async with following(services, "right", table="hostile") as (app, pilot, connection):
        connection.execute("UPDATE hostile SET \"[b]name[/b]\" = 'calm' WHERE id = 1")
        await until(pilot, lambda: "~ [b]name[/b] was [/foo]" in screen_text(app))


@pytest.mark.parametrize("reason", ["another screen", "background", "idle"])
async def test_nobody_looking_means_not_one_query(services: Services, database: CountingDatabase, reason: str) -> None:
    async with following(services) as (app, pilot, connection):
        clock = services.clock
        assert isinstance(clock, FixedClock)
        watcher = follower(app)
        if reason == "another screen":
            await pilot.press("4")
        elif reason == "background":
            app.app_focus = False
        else:
            clock.seconds += IDLE_AFTER
        await until(pilot, lambda: watcher.status.state is FollowState.PAUSED, "the pause")
        asked = len(database.data_queries("users"))
        connection.execute("UPDATE users SET plays = 999 WHERE id = 'cm000001'")
        for _ in range(20):
            await pilot.pause(0.01)
        assert len(database.data_queries("users")) == asked
        if reason == "another screen":
            await pilot.press("2")
        elif reason == "background":
            assert "paused: terminal in the background" in screen_text(app)
            app.app_focus = True
        else:
            assert "paused: no key for a minute" in screen_text(app)
            await pilot.press("down")
        await until(pilot, lambda: "999~" in line_of(app, "cm000001"), "the change")


async def test_a_record_on_top_pauses_it_and_help_does_not(services: Services) -> None:
    async with following(services) as (app, pilot, _):
        watcher = follower(app)
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen.is_modal)
        for _step in range(5):
            await pilot.pause(0.02)
        assert watcher.status.state is FollowState.LIVE
        await pilot.press("escape", "enter")
        await until(pilot, lambda: watcher.status.state is FollowState.PAUSED)
        await pilot.press("escape")
        await until(pilot, lambda: watcher.status.state is FollowState.LIVE)


async def test_it_goes_along_with_a_sort_and_ends_with_another_table(services: Services) -> None:
    async with following(services, *["right"] * 5) as (app, pilot, connection):
        await pilot.press("s", "s")
        await until(pilot, lambda: grid_of(app).row and grid_of(app).row.values[0] == "cm000330")  # type: ignore[union-attr]
        connection.execute("UPDATE users SET plays = 5000 WHERE id = 'cm000329'")
        await until(pilot, lambda: "5000~" in line_of(app, "cm000329"))
        first = grid_of(app).window.row(0)
        assert first is not None
        assert first.values[0] == "cm000329", "it moved up"
        await pilot.press("escape", "home", "enter")
        await until(pilot, lambda: not follower(app).is_on)


async def test_the_key_stops_it_and_the_marks_stay_until_it_begins_again(
    services: Services, database: CountingDatabase
) -> None:
    async with following(services) as (app, pilot, connection):
        connection.execute("DELETE FROM users WHERE id = 'cm000002'")
        await until(pilot, lambda: "cm000002-" in screen_text(app))
        await pilot.press("F")
        await until(pilot, lambda: "not followed any more" in screen_text(app))
        assert "cm000002-" in screen_text(app)
        await pilot.press("F")
        await until(pilot, lambda: "cm000002" not in screen_text(app))
        assert len(grid_of(app).window)


async def test_rows_without_a_primary_key_cannot_be_told_apart_and_that_is_said(services: Services) -> None:
    app = app_over(services, table="names")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("F")
        await until(pilot, lambda: "cannot be followed" in screen_text(app))
        assert not follower(app).is_on


async def test_a_record_shows_old_and_new_and_keeps_the_line_with_the_focus(services: Services) -> None:
    async with following(services) as (app, pilot, connection):
        connection.execute("UPDATE users SET plays = 8 WHERE id = 'cm000001'")
        await until(pilot, lambda: "8~" in line_of(app, "cm000001"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and app.screen.query(FieldRow))
        await until(pilot, lambda: "~ 7 → 8" in screen_text(app), "what the grid saw goes along")
        await pilot.press("down", "F")
        await until(pilot, lambda: "● following" in screen_text(app))
        connection.execute("UPDATE users SET name = NULL, email = 'fresh@mail.example' WHERE id = 'cm000001'")
        await until(pilot, lambda: "~ 李小龍 → ∅ NULL" in screen_text(app), "old and new")
        assert "~ u•••@mail… → f•••@mail…" in screen_text(app)
        assert isinstance(app.focused, FieldRow)
        assert app.focused.field.column.name == "name"
        connection.execute("DELETE FROM users WHERE id = 'cm000001'")
        await until(pilot, lambda: "These are its last values" in screen_text(app))
        assert "cm000001" in screen_text(app)
        await pilot.press("F")
        await until(pilot, lambda: not follower(app).is_on)
