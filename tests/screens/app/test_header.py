"""The header: which profile, which database, in the room there is; what the profile is for can be said in the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.widgets import Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.keys.consent_screen import ConsentScreen
from soundcheck.screens.app.keys.writing import guarded
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.top_line import THIS_MACHINE, PlaceBar, endpoint_words, kind_in_force, what_is_at_stake
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Profile, ProfileKind, open_project
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.guard import Action
from soundcheck.wizard.step import StepId
from tests.screens.app.driving import app_over, screen_text, until

NEON = PostgresUrl.parse(
    "postgresql://neondb_owner:npg_k2Jd9Xw3QzLm@ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"
)


def test_the_endpoint_fits_whatever_room_there_is_and_never_holds_the_password() -> None:
    for room in range(90):
        words = endpoint_words(NEON, room)
        assert cell_len(words) <= room
        assert "npg_" not in words
        assert "neondb_owner" not in words


def test_the_endpoint_keeps_longest_what_tells_databases_apart() -> None:
    assert endpoint_words(NEON, 80) == "ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"
    assert endpoint_words(NEON, 60) == "ep-cool-darkness-a1b2c3d4-pooler…neon.tech/neondb"
    assert endpoint_words(NEON, 42) == "ep-cool-darkness-a1b2c3d4-pooler…/neondb"
    assert endpoint_words(NEON, 30) == "ep-cool-darkness-a1b2c…/neondb"
    assert endpoint_words(PostgresUrl.parse("postgresql://u:p@127.0.0.1:5433/music"), 30) == THIS_MACHINE
    assert endpoint_words(None, 30) == ""
    assert "\x1b" not in endpoint_words(replace(NEON, database="a\x1b[31mb"), 80)


@pytest.fixture
def at_home(services: Services, stack: LocalStack) -> Iterator[Services]:
    """A project on its own local stack, of whose kind nobody has said anything."""
    credentials = stack.credentials()
    assert credentials is not None
    services.project.prepare_state()
    services.project.local.symlink_to(stack.places.folder)
    project = replace(services.project, profile=Profile("default", ProfileKind.UNKNOWN))
    yield replace(services, project=project, credentials=credentials)
    services.project.local.unlink()


def test_the_local_stack_counts_as_development_in_words_too(at_home: Services) -> None:
    assert kind_in_force(at_home) is ProfileKind.DEV
    assert "local stack" in what_is_at_stake(at_home)
    named = replace(at_home.project, profile=Profile("default", ProfileKind.PRODUCTION))
    assert kind_in_force(replace(at_home, project=named)) is ProfileKind.PRODUCTION


def test_another_database_or_cache_than_our_own_is_guarded_where_nobody_said_its_kind(at_home: Services) -> None:
    ours = at_home.credentials
    assert ours.database_url is not None
    elsewhere = replace(ours.database_url, port=1)
    for other in (
        replace(ours, database_url=elsewhere),
        replace(ours, database_url=NEON),
        replace(ours, rest_url=RestUrl.parse("https://fit-mole-123.upstash.io")),
        Credentials(),
    ):
        assert kind_in_force(replace(at_home, credentials=other)) is ProfileKind.UNKNOWN


async def test_the_header_says_dev_on_the_local_stack(at_home: Services) -> None:
    app = app_over(at_home, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query(PlaceBar) and " · development" in screen_text(app), "the kind")
        assert "dev or prod" not in screen_text(app).splitlines()[0]


async def test_before_there_is_a_database_the_header_does_not_say_how_it_is_guarded(at_home: Services) -> None:
    nothing = replace(at_home, credentials=Credentials())
    assert "No database is set up yet" in what_is_at_stake(nothing)
    app = app_over(nothing, Place.SETUP)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query(StepPane) and "♪ Soundcheck" in screen_text(app), "the first step")
        assert "dev or prod" not in screen_text(app)
        app.services = replace(nothing, credentials=Credentials(database_url=NEON))
        await until(pilot, lambda: "? dev or prod" in screen_text(app), "the kind")


async def test_setup_says_dev_before_the_local_credentials_are_written(at_home: Services) -> None:
    app = app_over(replace(at_home, credentials=Credentials()), Place.SETUP)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query(StepPane), "the first step")
        assert isinstance(app.screen, SetupScreen)
        app.screen.call_later(
            app.screen.open, StepId.ENV, app.screen.query_one(StepPane).state.holding(at_home.credentials)
        )
        await until(pilot, lambda: " · development" in screen_text(app), "the kind")


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_profile_kind_and_database_stand_on_top_at_every_width(services: Services, width: int) -> None:
    named = Profile("live", ProfileKind.PRODUCTION, named=True)
    there = replace(
        services,
        project=replace(services.project, profile=named),
        credentials=replace(services.credentials, database_url=NEON),
    )
    app = app_over(there)
    async with app.run_test(size=(width, 24)) as pilot:
        await until(pilot, lambda: app.screen.query(PlaceBar) and "ep-cool" in screen_text(app), "the database")
        top = "\n".join(screen_text(app).splitlines()[:3])
        assert "live" in top
        assert "! PRODUCTION" in top
        assert "npg_" not in top
        assert all(len(line) <= width for line in top.splitlines())
        app.services = replace(there, project=replace(there.project, profile=Profile(kind=ProfileKind.DEV)))
        await until(pilot, lambda: "PRODUCTION" not in screen_text(app), "the profile of now")


@pytest.fixture
def of_unknown_kind(cached_services: Services) -> Services:
    project = open_project(cached_services.project.root)
    assert project.profile.kind is ProfileKind.UNKNOWN
    return replace(cached_services, project=project)


async def asking(app: SoundcheckApp, pilot: object, done: list[str]) -> ConsentScreen:
    guarded(app, Action.DROP, "Drop this key?", ["user:1"], lambda: done.append("dropped"), keys=1)
    await until(pilot, lambda: isinstance(app.screen, ConsentScreen) and app.screen.query("#consent-yes"))  # type: ignore[arg-type]
    assert isinstance(app.screen, ConsentScreen)
    return app.screen


async def test_the_first_write_asks_once_what_the_profile_is_for(of_unknown_kind: Services) -> None:
    app, done = app_over(of_unknown_kind, Place.CACHE), list[str]()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query("#facts"))
        app.writing = True
        await asking(app, pilot, done)
        assert "Nobody has said yet what the profile is for" in screen_text(app)
        await pilot.click("#kind-dev")
        await until(pilot, lambda: app.services.project.profile.kind is ProfileKind.DEV)
        assert not app.screen.query_one("#consent-name").display
        assert done == []
        await pilot.click("#consent-yes")
        await until(pilot, lambda: done == ["dropped"])
        assert open_project(app.services.project.root).profile.kind is ProfileKind.DEV
        screen = await asking(app, pilot, done)
        assert not screen.query("#kind-dev")


async def test_production_is_written_down_and_still_asks_for_the_name(of_unknown_kind: Services) -> None:
    app, done = app_over(of_unknown_kind, Place.CACHE), list[str]()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.screen.query("#facts"))
        app.writing = True
        screen = await asking(app, pilot, done)
        await pilot.click("#kind-production")
        await until(pilot, lambda: app.services.project.profile.kind is ProfileKind.PRODUCTION)
        assert app.screen is screen
        await pilot.click("#consent-yes")
        assert done == []
        assert of_unknown_kind.cache is not None
        screen.query_one("#consent-name", Input).value = of_unknown_kind.cache.url.host
        await pilot.pause()
        await pilot.click("#consent-yes")
        await until(pilot, lambda: done == ["dropped"])


async def test_a_file_that_is_not_edited_for_anybody_is_told_and_the_question_stays(of_unknown_kind: Services) -> None:
    (of_unknown_kind.project.root / "soundcheck.toml").write_text("profiles = {}\n")
    app, done = app_over(of_unknown_kind, Place.CACHE), list[str]()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query("#facts"))
        app.writing = True
        screen = await asking(app, pilot, done)
        await pilot.click("#kind-dev")
        await until(pilot, lambda: any("by hand" in one.message for one in app._notifications))
        assert app.screen is screen
        assert app.services.project.profile.kind is ProfileKind.UNKNOWN
        assert done == []
