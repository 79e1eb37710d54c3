"""Welcome: the likeliest answer first, what is there already, and where an earlier run goes on."""

from __future__ import annotations

import secrets

import pytest
from textual.widgets import OptionList
from textual.widgets._toast import Toast

from soundcheck.screens.app.setup.rail import StepRail
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.setup.welcome_pane import BlockedPane
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.project.project import Project
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.setup.session import Session, load_session, save_session
from soundcheck.wizard.step import SetupPath, StepId
from tests.screens.app.setup.conftest import (
    SIZES,
    MakeServices,
    app_at_setup,
    at_step,
    everything_shown,
    pane,
    screen_text,
    setup_screen,
    until,
)


def first_answer(app: object) -> str | None:
    ways = setup_screen(app).query_one(OptionList)  # type: ignore[arg-type]
    return ways.get_option_at_index(ways.highlighted or 0).id


async def test_with_nothing_there_local_is_offered_first_and_highlighted(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=SIZES[0]) as pilot:
        await at_step(pilot, StepId.WELCOME)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            assert first_answer(app) == "local"
            text = screen_text(app)
            for words in ("Local stack", "I have credentials", "Show me how", "My team already"):
                assert words in text


async def test_under_80_columns_the_rail_is_a_word_in_the_title(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(60, 20)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        assert not app.screen.query_one(StepRail).display
        await until(pilot, lambda: "1/8 Welcome" in screen_text(app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "1/8" not in screen_text(app), "the rail")
        assert "● Welcome" in screen_text(app)


async def test_values_that_are_there_are_shown_by_host_and_source_and_offered(
    make_services: MakeServices, project: Project
) -> None:
    password, token = secrets.token_hex(12), secrets.token_hex(12)
    project.env_file.write_text(f'DATABASE_URL="postgresql://app:{password}@db.example.com/shop"\n')
    app = app_at_setup(make_services({"UPSTASH_REDIS_REST_TOKEN": token}))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        assert first_answer(app) == "use"
        text = screen_text(app)
        assert "db.example.com:5432/shop" in text
        assert ".env" in text
        assert "environment" in text
        shown = everything_shown(app)
        assert password not in shown
        assert token not in shown


@pytest.mark.parametrize(
    ("address", "words", "first"),
    [
        ("postgresql://app:pw@db.example.com:port/shop", "is not a port number", "local"),
        ("postgresql://app:p%zz@db.example.com/shop", "holds %, which an address cannot carry", "use"),
    ],
)
async def test_a_value_that_cannot_be_used_or_had_to_be_mended_says_why(
    make_services: MakeServices, project: Project, address: str, words: str, first: str
) -> None:
    project.env_file.write_text(f'DATABASE_URL="{address}"\n')
    app = app_at_setup(make_services())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await until(pilot, lambda: "! DATABASE_URL" in screen_text(app))
        await until(pilot, lambda: words in " ".join(screen_text(app).split()))
        assert first_answer(app) == first


async def test_an_env_file_that_cannot_be_read_is_told_not_thrown(
    make_services: MakeServices, project: Project
) -> None:
    project.env_file.write_bytes(b"DATABASE_URL=\xff\xfe\n")
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        assert app.is_running


async def test_a_second_wizard_is_told_about_the_first_and_can_try_again(
    make_services: MakeServices, project: Project
) -> None:
    app = app_at_setup(make_services())
    with WizardLock(project):
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.screen.query(BlockedPane), "the message")
            await until(pilot, lambda: "Set-up is already running" in screen_text(app))
            await until(pilot, lambda: "→ Finish it there" in screen_text(app))
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.query(BlockedPane), "the message again")


async def test_leaving_lets_the_lock_go(make_services: MakeServices, project: Project) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
    with WizardLock(project):
        pass


async def test_an_earlier_run_goes_on_by_itself_and_says_why(
    make_services: MakeServices, project: Project, env_block: str
) -> None:
    project.env_file.write_text(env_block)
    done = Session(path=SetupPath.CREDENTIALS, done=frozenset({StepId.WELCOME, StepId.ACCOUNTS, StepId.CREDENTIALS}))
    save_session(project, done, SystemClock().now())
    app = app_at_setup(make_services())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "Going on at " in screen_text(app), "the reason")
        await until(pilot, lambda: pane(app).STEP not in {StepId.WELCOME, StepId.CREDENTIALS}, "a later step")


async def test_whoever_presses_a_key_meanwhile_stays_and_is_offered_to_go_on(
    make_services: MakeServices, project: Project, env_block: str
) -> None:
    project.env_file.write_text(env_block)
    save_session(project, Session(path=SetupPath.CREDENTIALS, finished=True), SystemClock().now())
    app = app_at_setup(make_services())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await until(pilot, lambda: first_answer(app) == "resume", "the offer to go on")
        await until(pilot, lambda: "Go on at " in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: pane(app).STEP is not StepId.WELCOME, "the step")


async def test_the_answer_is_kept_and_back_shows_it_again(make_services: MakeServices, project: Project) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("down", "down", "down", "enter")
        await at_step(pilot, StepId.ACCOUNTS)
        assert load_session(project).path is SetupPath.TEAM
        await pilot.press("ctrl+o")
        await at_step(pilot, StepId.WELCOME)
        assert first_answer(app) == "team"


async def test_who_finished_can_come_back_and_it_can_be_opened_at_any_step(
    make_services: MakeServices, project: Project, env_block: str
) -> None:
    project.env_file.write_text(env_block)
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        setup_screen(app).finish(pane(app).state)
        await until(pilot, lambda: app.current_mode == "tables", "the tables")
        await pilot.press("f2")
        await at_step(pilot, StepId.WELCOME)
        setup_screen(app).finish(pane(app).state)
        await until(pilot, lambda: app.current_mode == "tables", "the tables again")
        await app.push_screen(SetupScreen(services, start_at=StepId.CREDENTIALS))
        await at_step(pilot, StepId.CREDENTIALS)
        await until(pilot, lambda: pane(app).ready, "the check of what is known")


async def test_a_notice_leaves_back_and_next_to_be_seen(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_step(pilot, StepId.WELCOME)
        app.notify("All before it passes.", title="Going on at Database")
        await until(pilot, lambda: app.screen.query(Toast) and app.screen.query_one(Toast).region.height, "the notice")
        assert app.screen.query_one(Toast).region.bottom <= app.screen.query_one("#next").region.y


async def test_an_exported_address_that_differs_is_told_whole(make_services: MakeServices) -> None:
    services = make_services({"DATABASE_URL": "postgresql://app:sesame-open@a-rather-long-host.other.example/db"})
    services.project.env_file.write_text('DATABASE_URL="postgresql://app:sesame-open@127.0.0.1:1/db"\n')
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        told = "DATABASE_URL is also exported: the file's is used,"
        await until(pilot, lambda: told in screen_text(app), "the notice")
        shown = screen_text(app)
        assert "not a-rather-long-host.other.example:5432" in shown
        assert "sesame-open" not in shown
