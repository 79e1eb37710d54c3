"""Sample data by a key: size and time and the guard first, progress, a stop that leaves nothing, and the undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401
from textual.pilot import Pilot
from textual.widgets import Button, Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.tables.fill_screen import FillPhase, FillScreen
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services
from soundcheck.wizard.seed import jobs
from soundcheck.wizard.seed.plan import SeedPlan
from tests.screens.app.driving import app_over, screen_text, until


@pytest.fixture
def filled_url(eleven_url: PostgresUrl) -> PostgresUrl:  # noqa: F811
    return eleven_url


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer users, so that it is quick."""
    monkeypatch.setattr(jobs, "USERS", 20)


@pytest.fixture
def owner(eleven_url: PostgresUrl) -> Iterator[psycopg.Connection]:  # noqa: F811
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        yield connection


def users(owner: psycopg.Connection) -> int:
    return owner.execute("SELECT count(*) FROM users").fetchone()[0]  # type: ignore[index]


def page(app: SoundcheckApp) -> FillScreen:
    assert isinstance(app.screen, FillScreen)
    return app.screen


async def at_phase(pilot: Pilot[Any], phase: FillPhase) -> None:
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, FillScreen) and app.screen._phase is phase, phase)


async def test_an_empty_table_is_filled_by_a_key_shown_filled_and_emptied_again(
    services: Services, owner: psycopg.Connection
) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "f Fill with sample data" in screen_text(app), "the key")
        assert "Fill with sample data" in str(app.screen.query_one("#fill-table", Button).label)
        await pilot.press("c")
        await until(pilot, lambda: app.clipboard == spelled("soundcheck seed"), "the copy")

        await pilot.press("f")
        await at_phase(pilot, FillPhase.ASKED)
        words = screen_text(app)
        assert "About" in words
        assert "free 0.5 GB" in words
        assert "It takes about 1 s" in words
        assert "read-only so far" in words
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, FillScreen), "the way back")
        assert users(owner) == 0
        assert not app.writing

        await pilot.press("f")
        await at_phase(pilot, FillPhase.ASKED)
        await until(pilot, lambda: app.focused is page(app).query_one("#fill-yes"), "the button")
        await pilot.press("enter")
        await at_phase(pilot, FillPhase.FILLED)
        assert users(owner) == 20
        await until(pilot, lambda: "lyrics:" in screen_text(app) and "seed --remove" in screen_text(app), "the end")
        await pilot.press("escape")
        await until(pilot, lambda: "20 rows" in screen_text(app) or "enter Record" in screen_text(app), "the rows")
        await until(pilot, lambda: "Fill with sample data" not in screen_text(app), "no offer any more")


async def test_undo_takes_out_what_was_filled(services: Services, owner: psycopg.Connection) -> None:
    app = app_over(services, table="playlists")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.screen.query("#fill-table") and app.screen.query_one("#fill-table").display)
        app.screen.query_one(TableList).focus()
        await pilot.click("#fill-table")
        await at_phase(pilot, FillPhase.ASKED)
        page(app).query_one("#fill-yes", Button).press()
        await at_phase(pilot, FillPhase.FILLED)
        page(app).query_one("#fill-yes", Button).press()
        await at_phase(pilot, FillPhase.ENDED)
        assert users(owner) == 0
        assert "the tables are as they were" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "f Fill with sample data" in screen_text(app), "the offer again")


async def test_escape_in_the_middle_leaves_nothing(
    services: Services, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "USERS", 4000)
    app = app_over(services, table="users")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "f Fill with sample data" in screen_text(app), "the key")
        await pilot.press("f")
        await at_phase(pilot, FillPhase.ASKED)
        page(app).query_one("#fill-yes", Button).press()
        await until(pilot, lambda: "recently_played" in screen_text(app), "progress")
        await pilot.press("escape")
        await until(pilot, lambda: "was stopped. Nothing was changed." in screen_text(app), "the words")
        assert page(app)._phase is FillPhase.ASKED
        assert users(owner) == 0


@pytest.mark.parametrize("kind", [ProfileKind.UNKNOWN, ProfileKind.PRODUCTION])
async def test_the_guard_wants_the_name_first(services: Services, owner: psycopg.Connection, kind: ProfileKind) -> None:
    guarded = replace(services, project=replace(services.project, profile=Profile("default", kind)))
    assert services.database is not None
    name = services.database.url.database
    app = app_over(guarded, table="users")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "f Fill with sample data" in screen_text(app), "the key")
        await pilot.press("f")
        await at_phase(pilot, FillPhase.ASKED)
        button = page(app).query_one("#fill-yes", Button)
        assert button.disabled
        assert ("profiles kind default dev" in screen_text(app).replace("\n", "")) is (kind is ProfileKind.UNKNOWN)
        page(app).query_one("#fill-name", Input).value = name
        await until(pilot, lambda: not button.disabled, "the button")
        await pilot.press("enter")
        await at_phase(pilot, FillPhase.FILLED)
        assert users(owner) == 20
        assert f"--production {name}" in " ".join(screen_text(app).replace("│", " ").split())


async def test_rows_that_are_not_the_seeds_are_named_and_left(services: Services, owner: psycopg.Connection) -> None:
    owner.execute("INSERT INTO users (id, email, password) VALUES ('real', 'me@mail.example', 'x')")
    app = app_over(services, table="lyrics")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "f Fill with sample data" in screen_text(app), "the key")
        await pilot.press("f")
        await at_phase(pilot, FillPhase.ASKED)
        page(app).query_one("#fill-yes", Button).press()
        await at_phase(pilot, FillPhase.ENDED)
        assert "rows that the seed did not make: users" in " ".join(screen_text(app).replace("│", " ").split())
    assert users(owner) == 1


async def test_somebody_who_just_looks_is_offered_nothing(services: Services) -> None:
    app = app_over(services, table="users", just_looking=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "This table has no rows." in screen_text(app), "the words")
        await until(pilot, lambda: app.screen.query_one(GridPane).state.known is not None, "all the tables")
        assert "sample data" not in screen_text(app)


def test_the_usual_amount_is_the_same_for_the_whole_day(services: Services) -> None:
    plan = jobs.plan_of_today(services.clock.now())
    assert isinstance(plan, SeedPlan)
    assert (plan.users, plan.now.hour) == (20, 0)
