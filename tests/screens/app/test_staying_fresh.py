"""Nothing on screen is older than it looks: one key reads again everywhere, and coming back reads what is cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.palette import ScreenActions
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.row_numbers import agreeing
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    FixedClock,
    app_over,
    execute,
    grid_of,
    is_asking,
    opened,
    pane_of,
    screen_text,
    until,
)

EXACT, AT_LEAST, ESTIMATE, UNKNOWN = Certainty.EXACT, Certainty.AT_LEAST, Certainty.ESTIMATE, Certainty.UNKNOWN


@pytest.mark.parametrize(
    ("said", "seen", "whole", "shown"),
    [
        ((0, EXACT), 3, True, (3, EXACT)),
        ((0, EXACT), 50, False, (50, AT_LEAST)),
        ((7, EXACT), 0, True, (0, EXACT)),
        ((3, EXACT), 3, True, (3, EXACT)),
        ((40, ESTIMATE), 40, True, (40, EXACT)),
        ((40, ESTIMATE), 50, False, (50, AT_LEAST)),
        ((50, EXACT), 50, False, (50, AT_LEAST)),
        ((51, EXACT), 50, False, (51, EXACT)),
        ((1_200_000, ESTIMATE), 50, False, (1_200_000, ESTIMATE)),
        ((10_000, AT_LEAST), 50, False, (10_000, AT_LEAST)),
        ((0, UNKNOWN), 50, False, (0, UNKNOWN)),
        ((0, UNKNOWN), 4, True, (4, EXACT)),
        (None, 50, False, None),
        (None, 4, True, (4, EXACT)),
    ],
)
def test_a_number_that_contradicts_the_rows_is_dropped(
    said: tuple[int, Certainty] | None, seen: int, whole: bool, shown: tuple[int, Certainty] | None
) -> None:
    found = agreeing(RowCount(*said) if said is not None else None, seen, whole=whole)
    assert found == (RowCount(*shown) if shown is not None else None)


@pytest.mark.parametrize(
    ("host", "answered", "asleep"),
    [
        ("ep-cool-darkness-123456.us-east-2.aws.neon.tech", 400.0, True),
        ("ep-cool-darkness-123456.us-east-2.aws.neon.tech", 100.0, False),
        ("db.example.com", 4_000.0, False),
        ("127.0.0.1", 4_000.0, False),
    ],
)
def test_only_neon_falls_asleep_and_only_after_minutes_without_an_answer(
    monkeypatch: pytest.MonkeyPatch, host: str, answered: float, asleep: bool
) -> None:
    database = Database(PostgresUrl.parse(f"postgresql://app:word@{host}/neondb"), SystemResolver())
    database._answered = 1_000.0
    monkeypatch.setattr("soundcheck.stores.postgres.database.time.monotonic", lambda: 1_000.0 + answered)
    assert database.may_be_asleep is asleep


def listed(app: SoundcheckApp, name: str) -> str:
    """What the list says of a table: its number of rows."""
    tables = app.screen.query_one(TableList)
    at = next(index for index, table in enumerate(tables.shown) if table.name == name)
    return tables.render_line(at).text.split()[1]


def title(app: SoundcheckApp) -> str:
    return str(pane_of(app).border_title)


async def leave_and_return(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    """The terminal loses the focus and has it again."""
    app.app_focus = False
    await pilot.pause()
    app.app_focus = True
    await until(pilot, lambda: not is_asking(app), "all answers")


async def test_rows_of_another_process_show_in_the_list_the_title_and_the_grid(
    services: Services, database: CountingDatabase
) -> None:
    app = app_over(services, table="empty")
    clock = services.clock
    assert isinstance(clock, FixedClock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "This table has no rows" in screen_text(app), "the empty table")
        assert listed(app, "empty") == "0"
        execute(database.url, "INSERT INTO empty SELECT g, 'note' FROM generate_series(1, 3) g")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: len(grid_of(app).window) == 3 and listed(app, "empty") == "3", "three rows")
        assert title(app).startswith("empty · 3 rows")
        assert "no rows" not in screen_text(app)
        await pilot.press("down")
        execute(database.url, "INSERT INTO empty VALUES (0, 'before'); INSERT INTO user_settings VALUES ('s2', 'x')")
        await leave_and_return(pilot, app)
        await until(pilot, lambda: len(grid_of(app).window) == 4 and listed(app, "empty") == "4", "the fourth row")
        row = grid_of(app).row
        assert row is not None
        assert row.values[0] == 2, "the cursor stays on its row"
        assert listed(app, "user_settings") == "2"
        execute(database.url, "DELETE FROM empty WHERE id < 3")
        asked = len(database.asked)
        await leave_and_return(pilot, app)
        assert len(database.asked) == asked, "not twice within a minute"
        clock.seconds += 60
        await leave_and_return(pilot, app)
        await until(pilot, lambda: title(app).startswith("empty · 1 row ") and listed(app, "empty") == "1", "one row")
        await pilot.press("4")
        execute(database.url, "DELETE FROM empty")
        clock.seconds += 60
        await pilot.press("2")
        await until(pilot, lambda: "This table has no rows" in screen_text(app) and listed(app, "empty") == "0", "none")
        pane_of(app).state = replace(pane_of(app).state, elapsed_ms=5_000.0)
        clock.seconds += 60
        before = len(database.data_queries("empty"))
        await leave_and_return(pilot, app)
        pages = [query for query in database.data_queries("empty")[before:] if "note" in query]
        assert not pages, "what took long is not read unasked"


SCREENS = ("", "enter", "enter enter", "t", "m", "D", "3", "3 b", "4", "1")
"""Keys from the list of tables to every screen with a key line."""


async def test_one_key_reads_again_on_every_screen_and_is_found_by_both_words(cached_services: Services) -> None:
    for keys in SCREENS:
        app = app_over(cached_services)
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot, app, focus=False)
            place = type(app.screen)
            for key in keys.split():
                await pilot.press(key)
                await until(pilot, lambda: app.screen.query(KeyLine), keys)
            await until(pilot, lambda: not keys or keys == "enter" or type(app.screen) is not place, keys)  # noqa: B023
            await until(
                pilot,
                lambda: ("ctrl+r", "ctrl+r", "Refresh") in app.screen.query_one(KeyLine).keys(),  # noqa: B023
                f"the key in the footer after {keys!r}",
            )
            for word in ("refresh", "reload"):
                found = [str(hit.prompt) async for hit in ScreenActions(app.screen).search(word)]
                assert any("Refresh" in one for one in found), (keys, word)


async def test_what_the_profile_is_for_is_followed_when_another_program_writes_it(cached_services: Services) -> None:
    services = replace(
        cached_services, project=replace(cached_services.project, profile=Profile("default", ProfileKind.DEV))
    )
    file = services.project.root / "soundcheck.toml"
    file.write_text('[profiles.default]\nkind = "dev"\n')
    app = app_over(services, Place.CACHE)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.screen.query("#facts") and app.reading.snapshot, "the figures")
        assert "PRODUCTION" not in screen_text(app)
        figures, before = app.reading.snapshot, app.services.cache
        file.write_text('[profiles.default]\nkind = "production"\n')
        await until(pilot, lambda: "! PRODUCTION" in screen_text(app), "the header")
        assert app.services.cache is before
        assert app.reading.snapshot is not None, "the figures go on"
        assert figures is not None
        app.writing = True
        await pilot.press("b")
        file.write_text("[profiles.default\n")
        app.look_around()
        assert app.services.project.profile.kind is ProfileKind.PRODUCTION, (
            "a file that is half written changes nothing"
        )
