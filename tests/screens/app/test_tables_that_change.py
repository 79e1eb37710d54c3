"""Tables that somebody else changes while the app is open: every way back to them shows them as they are now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.diagram.screen import DiagramScreen
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.relation.known import known_anew
from soundcheck.screens.app.relation.leads_to import LeadRow
from soundcheck.screens.app.tables import followed_rows
from soundcheck.screens.app.tables.related_screen import RelatedScreen
from soundcheck.screens.app.tables.row_actions import key_of_row
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.rows.follow import Pace
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    is_asking,
    opened,
    pane_of,
    screen_text,
    until,
)

SONGS = """
CREATE TYPE mood AS ENUM ('calm', 'loud');
CREATE TABLE songs (id int PRIMARY KEY, title text, plays int NOT NULL, mood mood, gone text);
INSERT INTO songs SELECT g, 'song ' || g, g % 7, 'calm', 'x' FROM generate_series(1, 120) g;
CREATE INDEX songs_plays ON songs (plays);
ANALYZE songs;
"""

Return = Callable[[Pilot[None], SoundcheckApp], Awaitable[None]]


async def by_the_refresh_key(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await pilot.press("ctrl+r")


async def by_the_list(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(app.focused, TableList))
    await pilot.press("ctrl+r")


async def by_the_terminal(pilot: Pilot[None], app: SoundcheckApp) -> None:
    app.app_focus = False
    await pilot.pause()
    app.app_focus = True


async def by_the_place(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await app.switch_mode("checks")
    await pilot.pause()
    await app.switch_mode("tables")


WAYS = [by_the_refresh_key, by_the_list, by_the_terminal, by_the_place]

CHANGES: dict[str, tuple[str, str]] = {
    "a new column": ("ALTER TABLE songs ADD COLUMN phone text", "phone was added"),
    "a renamed column": ("ALTER TABLE songs RENAME COLUMN title TO name", "title is called name now"),
    "a dropped column": ("ALTER TABLE songs DROP COLUMN gone", "gone was dropped"),
    "another type": ("ALTER TABLE songs ALTER COLUMN plays TYPE bigint", "plays is bigint now"),
    "the table made again": (
        "DROP TABLE songs; CREATE TABLE songs (id int PRIMARY KEY, artist text);"
        "INSERT INTO songs VALUES (1, 'Zoë'), (120, 'Ana')",
        "the table was made again",
    ),
    "new values of an enum": ("ALTER TYPE mood ADD VALUE 'wild'", "mood can be wild now"),
    "another key": (
        "ALTER TABLE songs DROP CONSTRAINT songs_pkey; ALTER TABLE songs ADD PRIMARY KEY (plays, id)",
        "its primary key is plays, id now",
    ),
    "another index": ("DROP INDEX songs_plays", "its indexes changed"),
    "another name": ("ALTER TABLE songs RENAME TO tracks", "its name is tracks now"),
    "a view in its place": (
        "ALTER TABLE songs RENAME TO kept; CREATE VIEW songs AS SELECT id, title FROM kept",
        "it is a view now",
    ),
}


@pytest.fixture
def songs(services: Services, database: CountingDatabase) -> SoundcheckApp:
    execute(database.url, SONGS)
    return app_over(services, table="songs")


async def ready(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await opened(pilot, app, focus=False)
    await until(pilot, lambda: app.focused is grid_of(app), "focus")
    await settled(pilot, app)


async def settled(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await until(pilot, lambda: not is_asking(app), "all answers")


def is_said(app: SoundcheckApp, words: str) -> bool:
    return words in " ".join(screen_text(app).replace("│", " ").split())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_table_shows_on_every_way_back(
    songs: SoundcheckApp, database: CountingDatabase, way: Return, change: str
) -> None:
    statements, words = CHANGES[change]
    async with songs.run_test(size=(150, 40)) as pilot:
        await ready(pilot, songs)
        execute(database.url, statements)
        await way(pilot, songs)
        await until(pilot, lambda: is_said(songs, words), words)
        await until(pilot, lambda: len(grid_of(songs).window), "the rows")
        table = pane_of(songs).table
        assert table is not None
        assert {column.name for column in grid_of(songs).columns} == {column.name for column in table.columns}
        assert pane_of(songs).view is not None
        assert pane_of(songs).view.table is table  # type: ignore[union-attr]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_new_table_is_in_the_list_and_a_dropped_one_is_not(
    songs: SoundcheckApp, database: CountingDatabase, way: Return
) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "CREATE TABLE albums (id int PRIMARY KEY); DROP TABLE empty")
        await way(pilot, songs)
        tables = songs.screen.query_one(TableList)
        await until(pilot, lambda: "albums" in [table.name for table in tables.shown])
        assert "empty" not in [table.name for table in tables.shown]
        assert tables.open_table is not None
        assert tables.open_table.name == "songs"
        assert not is_said(songs, "songs changed")


ERRORS = {
    "undefined_column": "ALTER TABLE songs DROP COLUMN gone",
    "undefined_column, renamed": "ALTER TABLE songs RENAME COLUMN gone TO there",
    "undefined_table": "ALTER TABLE songs RENAME TO tracks",
    "undefined_table, in another schema": "CREATE SCHEMA music; ALTER TABLE songs SET SCHEMA music",
    "undefined_object": "ALTER TYPE mood RENAME TO feeling; ALTER TABLE songs DROP COLUMN gone",
    "made again": "DROP TABLE songs; CREATE TABLE songs AS SELECT g AS id, 'new ' || g AS title"
    " FROM generate_series(1, 120) g",
}


@pytest.mark.parametrize("error", ERRORS)
async def test_an_error_that_says_so_reads_the_tables_again_by_itself(
    songs: SoundcheckApp, database: CountingDatabase, error: str
) -> None:
    async with songs.run_test(size=(150, 40)) as pilot:
        await ready(pilot, songs)
        execute(database.url, ERRORS[error])
        await pilot.press("end")
        await until(pilot, lambda: is_said(songs, "songs changed: "), "what changed")
        await until(pilot, lambda: len(grid_of(songs).window), "the rows")
        await settled(pilot, songs)
        assert not songs.screen.query_one("#rows PaneTrouble", PaneTrouble).is_shown
        assert "Load the tables" not in screen_text(songs)
        await pilot.press("end")
        await until(pilot, lambda: grid_of(songs).row and grid_of(songs).row.values[0] == 120, "the last row")  # type: ignore[union-attr]


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


async def test_related_rows_show_their_table_as_it_is_now(songs: SoundcheckApp, database: CountingDatabase) -> None:
    execute(database.url, "CREATE TABLE plays (n int PRIMARY KEY, song int REFERENCES songs, at text)")
    execute(database.url, "INSERT INTO plays SELECT g, 1, 'x' FROM generate_series(1, 3) g")
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await open_record(pilot, songs)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(songs.screen, RelatedScreen), "the related rows")
        await until(pilot, lambda: len(grid_of(songs).window) == 3)
        await settled(pilot, songs)
        execute(database.url, "ALTER TABLE plays RENAME COLUMN song TO track")
        await pilot.press("s")
        await until(pilot, lambda: is_said(songs, "song is called track now"), "what changed")
        await until(pilot, lambda: len(grid_of(songs).window) == 3)
        assert [str(one) for one in pane_of(songs).view.filters] == ["track = 1"]  # type: ignore[union-attr]
        assert not pane_of(songs).state.can_unfilter
        await pilot.press("escape")
        await until(pilot, lambda: songs.screen.query(FieldRow), "the record")
        assert not songs.screen.query_one("#record-pane PaneTrouble", PaneTrouble).is_shown


async def open_record(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.focused, FieldRow), "the record")
    await settled(pilot, app)


@pytest.mark.parametrize("way", [by_the_refresh_key, by_the_terminal, by_the_place], ids=lambda way: way.__name__)
async def test_a_record_shows_its_table_as_it_is_now_and_so_do_the_rows_below_it(
    songs: SoundcheckApp, database: CountingDatabase, way: Return
) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await open_record(pilot, songs)
        execute(
            database.url,
            "ALTER TABLE songs ADD COLUMN phone text DEFAULT '555'; ALTER TABLE songs RENAME COLUMN title TO name;"
            "ALTER TABLE songs RENAME TO tracks",
        )
        await way(pilot, songs)
        await until(pilot, lambda: is_said(songs, "phone was added"), "what changed")
        await until(pilot, lambda: "phone" in [row.field.column.name for row in songs.screen.query(FieldRow)])
        assert not songs.screen.query_one("#record-pane PaneTrouble", PaneTrouble).is_shown
        await settled(pilot, songs)
        before = [query for query in database.asked if "hashtextextended" in query]
        await pilot.press("escape")
        await until(pilot, lambda: "phone" in [column.name for column in grid_of(songs).columns], "the rows")
        assert [query for query in database.asked if "hashtextextended" in query] == before


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ("DROP TABLE songs", "songs is not there any more: it was dropped."),
        (CHANGES["another key"][0] + "; ALTER TABLE songs DROP COLUMN gone", "its primary key is plays, id now"),
    ],
)
async def test_a_record_that_cannot_be_read_any_more_says_why(
    songs: SoundcheckApp, database: CountingDatabase, statements: str, words: str
) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await open_record(pilot, songs)
        execute(database.url, statements)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: is_said(songs, words), words)
        await settled(pilot, songs)
        assert songs.screen.query_one("#record-pane PaneTrouble", PaneTrouble).is_shown


async def test_a_relation_whose_table_was_dropped_goes_when_it_is_counted(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    execute(database.url, "CREATE TABLE plays (n int PRIMARY KEY, song int REFERENCES songs)")
    execute(database.url, "CREATE TABLE likes (n int PRIMARY KEY, song int REFERENCES songs)")
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await open_record(pilot, songs)
        assert [line.lead.key.table[1] for line in songs.screen.query(LeadRow)] == ["likes", "plays"]
        execute(database.url, "DROP TABLE likes")
        await pilot.press("n")
        await until(pilot, lambda: len(songs.screen.query(LeadRow)) == 1, "the relation that is left")
        await pilot.press("n")
        await until(pilot, lambda: songs.screen.query_one(LeadRow).rows is not None, "its count")


async def test_the_structure_shows_the_columns_of_now(songs: SoundcheckApp, database: CountingDatabase) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        execute(database.url, "ALTER TABLE songs ADD COLUMN phone text")
        await pilot.press("t")
        await until(pilot, lambda: is_said(songs, "Columns, 6"), "the structure")
        execute(database.url, "ALTER TABLE songs RENAME TO tracks")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "tracks" in screen_text(songs), "its new name")


async def test_the_diagram_shows_the_tables_of_now_when_it_is_read_again(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(songs.screen, DiagramScreen) and is_said(songs, "0 foreign keys"))
        execute(database.url, "CREATE TABLE plays (n int PRIMARY KEY, song int REFERENCES songs)")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: is_said(songs, "1 foreign key in all"), "the new relation")
        assert is_said(songs, "plays")


async def test_a_screen_that_is_covered_does_not_look(songs: SoundcheckApp, database: CountingDatabase) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await pilot.press("question_mark")
        await until(pilot, lambda: songs.screen.is_modal, "the help")
        before = len(database.asked)
        await by_the_terminal(pilot, songs)
        await pilot.pause()
        assert len(database.asked) == before
