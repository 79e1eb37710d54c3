"""Following foreign keys both ways, the names beside them, and the way back."""

from __future__ import annotations

import pytest

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.relation.crumbs import crumbs, crumbs_text
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.relation.leads_to import LeadRow
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.related_screen import RelatedScreen
from soundcheck.screens.app.top_line import PlaceBar
from soundcheck.stores.rows.relations import Relations
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    THREE_SIZES,
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

RELATED = """
CREATE TABLE playlists (id text PRIMARY KEY, title text NOT NULL, "userId" text REFERENCES users);
INSERT INTO playlists SELECT 'pl' || lpad(i::text, 4, '0'), 'Mix ' || i,
    CASE WHEN i % 10 > 0 THEN 'cm' || lpad((1 + i % 7)::text, 6, '0') END
FROM generate_series(1, 120) i;
CREATE TABLE albums (artist text, title text, PRIMARY KEY (artist, title));
INSERT INTO albums VALUES ('Nina', 'One'), ('Nina', 'Two');
CREATE TABLE tracks (id int PRIMARY KEY, artist text, album text,
    FOREIGN KEY (artist, album) REFERENCES albums (artist, title));
INSERT INTO tracks VALUES (1, 'Nina', 'Two'), (2, 'Nina', 'Two'), (3, NULL, NULL);
ANALYZE;
"""


@pytest.fixture
def related(database: CountingDatabase) -> CountingDatabase:
    execute(database.url, RELATED)
    return database


def names_asked(database: CountingDatabase) -> list[str]:
    return [query for query in database.data_queries("users") if "= ANY(" in query]


def record_title(app: SoundcheckApp) -> str:
    return str(app.screen.query_one("#record-pane").border_title)


def test_crumbs_say_a_name_once_and_leave_out_the_oldest_first() -> None:
    way = crumbs("users", "users", "cm1", "playlists", "playlists", "pl1")
    assert way == ("users", "cm1", "playlists", "pl1")
    assert crumbs_text(way) == "users › cm1 › playlists › pl1"
    assert crumbs_text(way, 20).startswith("… › ")
    assert crumbs_text(way, 20).endswith("pl1")


async def test_f_follows_the_key_under_the_cursor_and_escape_leads_back_without_a_query(
    services: Services, related: CountingDatabase
) -> None:
    app = app_over(services, table="playlists")
    async with app.run_test(size=THREE_SIZES[0]) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: pane_of(app).state.foreign_key is None and grid.column)
        await pilot.press("down", "right", "right")
        await until(pilot, lambda: pane_of(app).state.foreign_key is not None)
        for size in THREE_SIZES:
            await pilot.resize_terminal(*size)
            await pilot.press("f")
            await until(pilot, lambda: isinstance(app.focused, FieldRow))
            await until(pilot, lambda: record_title(app) == "playlists › users › cm000003")
            before = len(related.asked)
            await pilot.press("escape")
            await until(pilot, lambda: app.focused is grid)
            assert grid.cursor_row == 1
            assert len(related.asked) == before


async def test_relations_that_are_read_after_a_record_was_opened_show_in_it(
    services: Services, related: CountingDatabase
) -> None:
    app = app_over(services, table="playlists")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.known is not None and app.known.relations != Relations())
        whole = app.known
        assert whole is not None
        app.known = bare = Known(whole.catalog)
        table = next(one for one in whole.catalog if one.name == "playlists")
        app.push_screen(RecordScreen(table, ["pl0001"], known=bare))
        await until(pilot, lambda: app.screen.query(FieldRow))
        assert not app.screen.query(LeadRow)
        app.known = whole
        await until(pilot, lambda: app.screen.query(LeadRow))


async def test_a_key_that_is_null_leads_nowhere_and_says_so(services: Services, related: CountingDatabase) -> None:
    app = app_over(services, table="playlists")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await pilot.press(*["down"] * 9, "right", "right")
        await until(pilot, lambda: pane_of(app).state.foreign_key is not None)
        assert grid.row is not None
        assert grid.row.values[2] is None
        await pilot.press("f")
        await until(pilot, lambda: any("points nowhere" in note.message for note in app._notifications))
        assert not isinstance(app.screen, RecordScreen)


async def test_the_readable_name_stands_beside_the_id_and_costs_one_query_a_page(
    services: Services, related: CountingDatabase
) -> None:
    app = app_over(services, table="playlists")
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: "cm000002  Zoë" in screen_text(app))
        assert 1 <= len(names_asked(related)) <= len(related.data_queries("playlists"))
        await pilot.press("right", "right", "down", "c", "c")
        await until(pilot, lambda: app.clipboard == "cm000003", "the id alone is copied")
        await pilot.press(*["pagedown"] * 3)
        await until(pilot, lambda: len(grid.window) > 100)
        await until(pilot, lambda: not is_asking(app))
        assert len(names_asked(related)) <= len(related.data_queries("playlists"))


async def test_the_record_leads_both_ways_and_counts_on_demand_in_one_query(
    services: Services, related: CountingDatabase
) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.query(LeadRow))
        await until(pilot, lambda: "← playlists  by userId  n counts" in screen_text(app))
        before = len(related.asked)
        await pilot.press("n")
        await until(pilot, lambda: "← playlists  by userId  16" in screen_text(app) or "17" in screen_text(app))
        assert len(related.asked) == before + 1
        while not isinstance(app.focused, LeadRow):
            await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RelatedScreen) and len(grid_of(app).window))
        places, top = app.screen.query_one(PlaceBar), grid_of(app).region.y
        await pilot.press("Z")
        await until(pilot, lambda: not places.display and grid_of(app).region.y < top, "more room for the rows")
        await pilot.press("Z")
        await until(pilot, lambda: places.display and grid_of(app).region.y == top, "the places again")
        await until(pilot, lambda: "counted" in str(app.screen.query_one(GridPane).border_title), "the count")
        title = str(app.screen.query_one(GridPane).border_title)
        assert title.startswith("users › cm000002 › playlists · ")
        assert "counted" in title
        grid = grid_of(app)
        assert {row.values[2] for row in map(grid.window.row, range(len(grid.window))) if row} == {"cm000002"}
        await until(pilot, lambda: app.focused is grid)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and isinstance(app.focused, FieldRow))
        assert record_title(app).startswith("users › cm000002 › playlists › pl")
        await pilot.press("backspace")
        await until(pilot, lambda: isinstance(app.screen, RelatedScreen))
        await pilot.press("backspace")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))
        await pilot.press("backspace")
        await until(pilot, lambda: app.focused is grid_of(app))


async def test_tab_goes_from_part_to_part_of_a_record_and_f_or_enter_opens_the_row_that_a_column_names(
    services: Services, related: CountingDatabase
) -> None:
    app = app_over(services, table="playlists")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        grid_of(app).focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow) and app.screen.query(LeadRow))
        await until(pilot, lambda: "Follow" not in screen_text(app), "no offer on the key")
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(app.focused, LeadRow))
        await pilot.press("shift+tab")
        await until(pilot, lambda: isinstance(app.focused, FieldRow) and app.focused.field.column.name == "id")
        for key in ("enter", "f"):
            await pilot.press("down", "down")
            await until(pilot, lambda: isinstance(app.focused, FieldRow) and app.focused.field.column.name == "userId")
            await until(pilot, lambda: "f Follow" in screen_text(app), "the offer")
            await pilot.press(key)
            await until(pilot, lambda: "pl0001 › users › cm000002" in screen_text(app), "the user")
            await until(pilot, lambda: isinstance(app.focused, FieldRow))
            await pilot.press("backspace")
            await until(pilot, lambda: "pl0001 › users" not in screen_text(app), "the playlist")
            await until(pilot, lambda: isinstance(app.focused, FieldRow) and app.focused.field.column.name == "userId")
            await pilot.press("up", "up")
            await until(pilot, lambda: isinstance(app.focused, FieldRow) and app.focused.field.column.name == "id")


async def test_a_composite_key_leads_to_its_one_row_and_back_to_all(
    services: Services, related: CountingDatabase
) -> None:
    app = app_over(services, table="tracks")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await pilot.press("right", "right")
        await until(pilot, lambda: pane_of(app).state.foreign_key is not None)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.focused, FieldRow) and app.screen.query(LeadRow))
        await until(pilot, lambda: record_title(app) == "tracks › albums › Nina, Two")
        while not isinstance(app.focused, LeadRow):
            await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RelatedScreen) and len(grid_of(app).window) == 2)
