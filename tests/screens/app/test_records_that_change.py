"""A record, related rows, the structure and the diagram while somebody else changes their tables."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.diagram.screen import DiagramScreen
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.row_now import RowDoubt
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.relation.leads_to import LeadRow
from soundcheck.screens.app.tables.related_screen import RelatedScreen
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.services import Services
from tests.screens.app.changing_songs import (
    SONGS,
    by_the_place,
    by_the_refresh_key,
    by_the_terminal,
    is_said,
    ready,
    settled,
)
from tests.screens.app.driving import CountingDatabase, app_over, execute, grid_of, pane_of, screen_text, until


@pytest.fixture
def songs(services: Services, database: CountingDatabase) -> SoundcheckApp:
    execute(database.url, SONGS)
    return app_over(services, table="songs")


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


async def test_a_record_shows_its_table_as_it_is_now_and_so_do_the_rows_below_it(
    songs: SoundcheckApp, database: CountingDatabase
) -> None:
    name, title = "songs", "title"
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        for way in (by_the_refresh_key, by_the_terminal, by_the_place):
            await open_record(pilot, songs)
            new = f"phone_{way.__name__}"
            execute(
                database.url,
                f"ALTER TABLE {name} ADD COLUMN {new} text DEFAULT '555';"
                f"ALTER TABLE {name} RENAME COLUMN {title} TO {title}_now; ALTER TABLE {name} RENAME TO {name}_now",
            )
            name, title = f"{name}_now", f"{title}_now"
            await way(pilot, songs)
            await until(pilot, lambda new=new: is_said(songs, f"{new} was added"), f"what changed, {new}")  # type: ignore[misc]
            await until(
                pilot,
                lambda new=new: new in [row.field.column.name for row in songs.screen.query(FieldRow)],  # type: ignore[misc]
            )
            assert not songs.screen.query_one("#record-pane PaneTrouble", PaneTrouble).is_shown
            await settled(pilot, songs)
            before = [query for query in database.asked if "hashtextextended" in query]
            await pilot.press("escape")
            await until(
                pilot,
                lambda new=new: new in [column.name for column in grid_of(songs).columns],  # type: ignore[misc]
                f"the rows with {new}",
            )
            assert [query for query in database.asked if "hashtextextended" in query] == before, new
            await settled(pilot, songs)


async def test_a_record_that_cannot_be_read_any_more_says_why(songs: SoundcheckApp, database: CountingDatabase) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await open_record(pilot, songs)
        for statements, words in (
            (
                "ALTER TABLE songs DROP CONSTRAINT songs_pkey; ALTER TABLE songs ADD PRIMARY KEY (plays, id);"
                "ALTER TABLE songs DROP COLUMN gone",
                "its primary key is plays, id now",
            ),
            ("DROP TABLE songs", "songs is not there any more: it was dropped."),
        ):
            execute(database.url, statements)
            await pilot.press("ctrl+r")
            await until(pilot, lambda words=words: is_said(songs, words), words)  # type: ignore[misc]
            await settled(pilot, songs)
            assert songs.screen.query_one("#record-pane PaneTrouble", PaneTrouble).is_shown, words


async def test_what_a_read_before_met_says_nothing_of_the_row_that_came(songs: SoundcheckApp) -> None:
    async with songs.run_test(size=(120, 40)) as pilot:
        await ready(pilot, songs)
        await open_record(pilot, songs)
        record, doubt = songs.screen, RowDoubt(DatabaseProblem(Trouble.LOST, "It was gone."), focus=False)
        assert isinstance(record, RecordScreen)
        record._went_wrong(doubt)
        trouble = record.query_one("#record-pane PaneTrouble", PaneTrouble)
        assert trouble.is_shown
        record.read()
        await settled(pilot, songs)
        record._settle(doubt)
        assert not trouble.is_shown


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
