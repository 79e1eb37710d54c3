"""Tables that somebody else changes while the app is open: every way back to them shows them as they are now."""

from __future__ import annotations

from typing import Any

import pytest

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.relation.known import known_anew
from soundcheck.screens.app.tables import followed_rows
from soundcheck.screens.app.tables.row_actions import key_of_row
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.rows.follow import Pace
from soundcheck.stores.services import Services
from tests.screens.app.changing_songs import (
    SONGS,
    Return,
    by_the_list,
    by_the_place,
    by_the_refresh_key,
    by_the_terminal,
    is_said,
    ready,
    settled,
)
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    pane_of,
    screen_text,
    until,
)

WAYS = [by_the_refresh_key, by_the_list, by_the_terminal, by_the_place]

CHANGES: dict[str, tuple[str, str]] = {
    "a new column": ("ALTER TABLE songs ADD COLUMN phone text", "phone was added"),
    "another index": ("DROP INDEX songs_plays", "its indexes changed"),
    "another type": ("ALTER TABLE songs ALTER COLUMN plays TYPE bigint", "plays is bigint now"),
    "new values of an enum": ("ALTER TYPE mood ADD VALUE 'wild'", "mood can be wild now"),
    "another key": (
        "ALTER TABLE songs DROP CONSTRAINT songs_pkey; ALTER TABLE songs ADD PRIMARY KEY (plays, id)",
        "its primary key is plays, id now",
    ),
    "a dropped column": ("ALTER TABLE songs DROP COLUMN gone", "gone was dropped"),
    "a renamed column": ("ALTER TABLE songs RENAME COLUMN title TO name", "title is called name now"),
    "another name": ("ALTER TABLE songs RENAME TO tracks", "its name is tracks now"),
    "the table made again": (
        "DROP TABLE tracks; CREATE TABLE tracks (id int PRIMARY KEY, artist text);"
        "INSERT INTO tracks VALUES (1, 'Zoë'), (120, 'Ana')",
        "the table was made again",
    ),
    "a view in its place": (
        "ALTER TABLE tracks RENAME TO kept; CREATE VIEW tracks AS SELECT id, artist FROM kept",
        "it is a view now",
    ),
}
"""One after the other."""


@pytest.fixture
def songs(services: Services, database: CountingDatabase) -> SoundcheckApp:
    execute(database.url, SONGS)
    return app_over(services, table="songs")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_changed_tables_show_on_every_way_back(
    songs: SoundcheckApp, database: CountingDatabase, way: Return
) -> None:
    async with songs.run_test(size=(150, 40)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "CREATE TABLE albums (id int PRIMARY KEY); DROP TABLE empty")
        await way(pilot, songs)
        tables = songs.screen.query_one(TableList)
        await until(pilot, lambda: "albums" in [table.name for table in tables.shown], "the new table")
        assert "empty" not in [table.name for table in tables.shown]
        assert tables.open_table is not None
        assert tables.open_table.name == "songs"
        assert not is_said(songs, "songs changed")
        for change, (statements, words) in CHANGES.items():
            await settled(pilot, songs)
            assert not is_said(songs, words), change
            execute(database.url, statements)
            await way(pilot, songs)
            await until(pilot, lambda words=words: is_said(songs, words), f"{change}: {words}")  # type: ignore[misc]
            await until(pilot, lambda: len(grid_of(songs).window), f"{change}: the rows")
            table, view = pane_of(songs).table, pane_of(songs).view
            assert table is not None, change
            assert {column.name for column in grid_of(songs).columns} == {column.name for column in table.columns}
            assert view is not None, change
            assert view.table is table, change


ERRORS: dict[str, tuple[str, str]] = {
    "undefined_column, renamed": ("ALTER TABLE songs RENAME COLUMN gone TO there", "gone is called there now"),
    "undefined_column": ("ALTER TABLE songs DROP COLUMN there", "there was dropped"),
    "undefined_object": (
        "ALTER TYPE mood RENAME TO feeling; ALTER TABLE songs DROP COLUMN plays",
        "plays was dropped",
    ),
    "undefined_table, in another schema": (
        "CREATE SCHEMA music; ALTER TABLE songs SET SCHEMA music",
        "it is music.songs now",
    ),
    "undefined_table": ("ALTER TABLE music.songs RENAME TO tracks", "its name is tracks now"),
    "made again": (
        "DROP TABLE music.tracks; CREATE TABLE music.tracks AS SELECT g AS id, 'new ' || g AS title"
        " FROM generate_series(1, 120) g",
        "the table was made again",
    ),
}
"""One after the other."""


async def test_an_error_that_says_so_reads_the_tables_again_by_itself(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(150, 40)) as pilot:
        await ready(pilot, songs)
        for error, (statements, words) in ERRORS.items():
            assert not is_said(songs, words), error
            execute(database.url, statements)
            await pilot.press("end")
            await until(pilot, lambda words=words: is_said(songs, words), f"{error}: {words}")  # type: ignore[misc]
            await until(pilot, lambda: len(grid_of(songs).window), f"{error}: the rows")
            await settled(pilot, songs)
            assert not songs.screen.query_one("#rows PaneTrouble", PaneTrouble).is_shown, error
            assert "Load the tables" not in screen_text(songs), error
            await pilot.press("end")
            await until(pilot, lambda: here(songs) == 120, f"{error}: the last row")
            await pilot.press("home")
            await until(pilot, lambda: here(songs) == 1, f"{error}: the first row")
            await settled(pilot, songs)


async def test_the_filter_and_the_order_stay_where_their_columns_do(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(150, 40)) as pilot:
        await ready(pilot, songs)
        pane = pane_of(songs)
        await pilot.press("right", "right", "slash", *"3", "enter")
        await until(pilot, lambda: pane.view and pane.view.filters and songs.focused is grid_of(songs), "the filter")
        await pilot.press("left", "s")
        await until(pilot, lambda: pane.view and pane.view.sort, "the sort")
        await settled(pilot, songs)
        execute(
            database.url,
            "ALTER TABLE songs RENAME COLUMN plays TO heard; ALTER TABLE songs RENAME COLUMN title TO name",
        )
        await pilot.press("down", "n")
        await until(pilot, lambda: is_said(songs, "plays is called heard now"), "what changed")
        await settled(pilot, songs)
        assert pane.view is not None
        assert [str(one) for one in pane.view.filters] == ["heard = 3"]
        assert [one.name for one in pane.view.sort] == ["name"]
        assert len(grid_of(songs).window) == 17
        execute(database.url, "ALTER TABLE songs DROP COLUMN heard")
        await pilot.press("ctrl+r")
        await until(
            pilot,
            lambda: is_said(songs, "heard was dropped, its indexes changed. Left out: the filter on heard."),
            "what is left out",
        )
        await until(pilot, lambda: grid_of(songs).row is not None, "the rows")
        assert pane.view.filters == ()
        assert [one.name for one in pane.view.sort] == ["name"]


async def test_the_place_among_the_rows_stays(services: Services, database: CountingDatabase) -> None:
    execute(database.url, "CREATE TABLE laid (first text, second text, id int PRIMARY KEY)")
    execute(database.url, "INSERT INTO laid SELECT 'a', 'b', g FROM generate_series(1, 120) g")
    app = app_over(services, table="laid")
    async with app.run_test(size=(120, 30)) as pilot:
        await ready(pilot, app)
        await pilot.press("end")
        await until(pilot, lambda: key_here(app) == 120, "the last row")
        await pilot.press("up", "up")
        await until(pilot, lambda: key_here(app) == 118, "two rows up")
        execute(database.url, "ALTER TABLE laid DROP COLUMN first; ALTER TABLE laid ADD COLUMN phone text")
        await by_the_terminal(pilot, app)
        await until(pilot, lambda: is_said(app, "phone was added"), "what changed")
        assert key_here(app) == 118


def key_here(app: SoundcheckApp) -> Any:
    row, table = grid_of(app).row, pane_of(app).table
    return int(key_of_row(table, row)[0]) if row and table else None


def here(app: SoundcheckApp) -> Any:
    row = grid_of(app).row
    return row.values[0] if row else None


async def test_the_rows_on_screen_belong_to_their_own_columns_until_others_come(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(120, 30)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "ALTER TABLE songs ADD COLUMN first text; ALTER TABLE songs DROP COLUMN title")
        pane, row = pane_of(songs), grid_of(songs).row
        known = await known_anew(database, songs.known)
        assert known is not None
        assert row is not None
        pane.opened.doubts.follow(known)
        assert pane.table is not None
        assert key_of_row(pane.table, row) == ("1",)
        await until(pilot, lambda: is_said(songs, "first was added, title was dropped"))
        assert key_of_row(pane.table, grid_of(songs).row) == ("1",)  # type: ignore[arg-type]


async def test_a_dropped_table_says_so_once_and_comes_back_when_it_does(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(120, 30)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "DROP TABLE songs")
        await pilot.press("end")
        await until(pilot, lambda: is_said(songs, "songs is not there any more: it was dropped."), "that it is gone")
        assert "songs" not in [table.name for table in songs.screen.query_one(TableList).shown]
        execute(database.url, "CREATE TABLE songs (id int PRIMARY KEY); INSERT INTO songs VALUES (7)")
        await pilot.press("r")
        await until(pilot, lambda: here(songs) == 7, "the new table")
        assert not songs.screen.query_one("#rows PaneTrouble", PaneTrouble).is_shown


async def test_an_error_of_another_kind_is_said_as_it_is_and_asked_about_once(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(120, 30)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "CREATE VIEW broken AS SELECT 1 / (id - id) AS x FROM songs")
        await by_the_list(pilot, songs)
        tables = songs.screen.query_one(TableList)
        await until(pilot, lambda: "broken" in [table.name for table in tables.shown])
        await settled(pilot, songs)
        before = len(database.asked)
        tables.point_at(next(table for table in tables.shown if table.name == "broken"))
        await pilot.press("enter")
        await until(pilot, lambda: is_said(songs, "division by zero"), "the error")
        await settled(pilot, songs)
        looks = [query for query in database.asked[before:] if "hashtextextended" in query]
        assert len(looks) == 1


async def test_a_value_that_is_new_to_its_type_is_learnt_when_it_is_typed(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(120, 30)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "ALTER TYPE mood ADD VALUE 'wild'")
        execute(database.url, "UPDATE songs SET mood = 'wild' WHERE id = 9")
        for _ in range(2):
            await pilot.press("right", "right", "right", "slash", *"wild", "enter")
            await until(pilot, lambda: songs.focused is grid_of(songs), "the rows")
            await until(pilot, lambda: is_said(songs, "mood can be wild now") or len(grid_of(songs).window) == 1)
            await settled(pilot, songs)
        assert [str(one) for one in pane_of(songs).view.filters] == ["mood = wild"]  # type: ignore[union-attr]


async def test_rows_that_are_followed_go_on(
    songs: SoundcheckApp, database: CountingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_rows, "pace_of", lambda _: Pace(0.1, 0.1))
    async with songs.run_test(size=(120, 30)) as pilot:
        await ready(pilot, songs)
        await pilot.press("F")
        execute(database.url, "ALTER TABLE songs DROP COLUMN gone")
        await until(pilot, lambda: is_said(songs, "gone was dropped"), "what changed")
        await until(pilot, lambda: len(grid_of(songs).window), "the rows")
        execute(database.url, "UPDATE songs SET title = 'changed' WHERE id = 2")
        await until(pilot, lambda: is_said(songs, "changed~"), "the change")
        assert pane_of(songs).opened.following.follower.is_on
        assert "✗" not in screen_text(songs)
