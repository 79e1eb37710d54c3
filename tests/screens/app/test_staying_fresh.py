"""Nothing on screen is older than it looks: one key reads again everywhere, and coming back reads what is cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.checks.verdict import conclude
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.cache_reading import CacheReading, State, named
from soundcheck.screens.app.checks.verdict_pane import Given, age_words, failed_since
from soundcheck.screens.app.palette import ScreenActions
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.stack_news import StackNews, as_ours
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.row_numbers import agreeing
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.screens.parting import parting_lines
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.local.standing import StackStanding
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
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
        pane_of(app).state = replace(pane_of(app).state, elapsed_ms=1e7)
        clock.seconds += 60
        before = len(database.data_queries("empty"))
        await leave_and_return(pilot, app)
        pages = [query for query in database.data_queries("empty")[before:] if "note" in query]
        assert not pages, "what took long is not read unasked"


SCREENS = ("enter", "enter enter", "t", "m", "D", "3", "3 b", "4", "1")
"""Keys from the list of tables to every screen with a key line."""


@pytest.mark.parametrize("keys", SCREENS)
async def test_one_key_reads_again_on_every_screen_and_is_found_by_both_words(
    cached_services: Services, keys: str
) -> None:
    app = app_over(cached_services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        for key in keys.split():
            await pilot.press(key)
            await until(pilot, lambda: app.screen.query(KeyLine), keys)

        def offered() -> bool:
            lines = app.screen.query(KeyLine)
            return bool(lines) and "Refresh" in [word for _key, _name, word in lines.first().keys()]  # noqa: SIM118

        await until(pilot, offered, "the key in the footer")
        for word in ("refresh", "reload"):
            found = [str(hit.prompt) async for hit in ScreenActions(app.screen).search(word)]
            assert any("Refresh (ctrl+r)" in one for one in found), word


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


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (90_000, "25 h ago"),
    ],
)
def test_a_verdict_says_how_old_it_is(seconds: float, said: str) -> None:
    assert age_words(seconds) == said


def test_a_verdict_knows_which_store_has_failed_since_and_which_was_down_by_then() -> None:
    given = Given(conclude(()), "run 7f3a", 0.0, frozenset({Half.CACHE}))
    assert failed_since(given, {Half.CACHE: "refused."}) == []
    (line,) = failed_since(given, {Half.CACHE: "refused.", Half.DATABASE: "It broke."})
    assert line == "Since then the database stopped answering: It broke. ctrl+r asks again."


BOTH = frozenset({Half.DATABASE, Half.CACHE})
NOWHERE = DatabaseProblem(Trouble.UNREACHABLE, "127.0.0.1:5432 does not answer.", "Check your network.")
REFUSED = DatabaseProblem(Trouble.PRIVILEGE, "permission denied", "Ask the owner.")


@pytest.mark.parametrize(
    ("news", "problem", "said"),
    [
        (StackNews(), NOWHERE, "127.0.0.1:5432 does not answer."),
        (StackNews(BOTH, StackStanding.STOPPED), NOWHERE, "The local stack was stopped (`soundcheck local down`)."),
        (StackNews(BOTH, StackStanding.STOPPED), REFUSED, "permission denied"),
        (StackNews(BOTH, StackStanding.ENDED, ("PostgreSQL",)), NOWHERE, "PostgreSQL of the local stack has ended."),
        (StackNews(BOTH, StackStanding.ENDED, ("Valkey",)), NOWHERE, "127.0.0.1:5432 does not answer."),
        (StackNews(frozenset({Half.CACHE}), StackStanding.STOPPED), NOWHERE, "127.0.0.1:5432 does not answer."),
        (StackNews(BOTH, StackStanding.STOPPED, starting=True), NOWHERE, "Starting the local stack…"),
        (
            StackNews(
                BOTH, StackStanding.ENDED, ("PostgreSQL", "Valkey"), problem=SoundcheckError("The disk is full.")
            ),
            NOWHERE,
            "PostgreSQL and Valkey of the local stack have ended. Starting it failed: The disk is full.",
        ),
    ],
)
def test_a_store_of_the_local_stack_is_named_as_ours_where_that_is_why_it_fails(
    news: StackNews, problem: DatabaseProblem, said: str
) -> None:
    found = as_ours(problem, news)
    assert found.message == said
    assert ("L starts it again" in found.hint) == (found is not problem and not news.starting)


@pytest.mark.parametrize(
    ("news", "why"),
    [
        (StackNews(), "the connection was refused"),
        (StackNews(BOTH, StackStanding.ENDED, ("PostgreSQL",)), "the connection was refused"),
        (StackNews(BOTH, StackStanding.ENDED, ("REST gateway",)), "REST gateway of the local stack has ended."),
        (StackNews(BOTH, StackStanding.STOPPED), "The local stack was stopped"),
    ],
)
def test_the_caches_figures_say_the_same(news: StackNews, why: str) -> None:
    assert named(CacheReading(State.FAILED, why="the connection was refused"), news).why.startswith(why)
    assert named(CacheReading(State.LIVE), news) == CacheReading(State.LIVE)


def test_a_cache_that_is_set_up_is_never_called_not_set_up(cached_services: Services) -> None:
    assert SoundcheckApp(replace(cached_services, cache=None)).reading.state is State.WAITING
    assert SoundcheckApp(replace(cached_services, credentials=Credentials(), cache=None)).reading.state is State.OFF


def test_what_set_up_did_not_write_is_named_when_it_is_left(services: Services) -> None:
    assert parting_lines(services) == []
    line, command = parting_lines(services, ("DATABASE_URL", "UPSTASH_REDIS_REST_URL"))
    assert line.startswith("Not written, so not kept: DATABASE_URL, UPSTASH_REDIS_REST_URL.")
    assert command == "  soundcheck setup", "it would not fit into a line of 80 columns"
    assert parting_lines(services, ("DATABASE_URL",)) == [
        "Not written, so not kept: DATABASE_URL. Paste it again in: soundcheck setup"
    ]
