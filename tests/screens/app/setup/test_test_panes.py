"""Connection test, cache test and Done: the plan's own words where they pass, the reason in place where they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.progress import Mark
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.store_tests import CACHE_LINES, CONNECTION_LINES
from soundcheck.wizard.step import SetupPath, StepId
from tests.conftest import Rest
from tests.screens.app.setup.conftest import (
    SIZES,
    MakeServices,
    app_at_setup,
    at_step,
    pane,
    screen_text,
    setup_screen,
    until,
)


async def run_step(pilot: Pilot[None], step: StepId, services: Services, credentials: Credentials) -> StepPane:
    await at_step(pilot, StepId.WELCOME)
    state = SetupState(services, Session(path=SetupPath.CREDENTIALS), FoundCredentials()).holding(credentials)
    await setup_screen(pilot.app).open(step, state)
    await until(pilot, lambda: not pane(pilot.app).busy and pane(pilot.app).ready, "the end")
    return pane(pilot.app)


@pytest.mark.parametrize("size", SIZES)
async def test_missing_tables_fail_by_name_and_next_becomes_test_again(
    make_services: MakeServices, database_url: PostgresUrl, size: tuple[int, int]
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=size) as pilot:
        found = await run_step(pilot, StepId.CONNECTION, make_services(), Credentials(database_url))
        assert found.next_label == "Test again"
        line = next(one for one in found.query_one(LiveLines).lines if one.key == "database.tables")
        assert line.mark is Mark.FAIL
        assert "session_participants" in line.explanation[0]
        await until(pilot, lambda: "✗ tables" in screen_text(app), "the failure in view")
        assert CONNECTION_LINES[3] not in screen_text(app)


async def test_testing_again_passes_once_the_cause_is_mended(make_services: MakeServices, rest: Rest) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        wrong = Credentials(rest_url=rest.url, rest_token=Secret("not-the-token"))
        found = await run_step(pilot, StepId.CACHE, services, wrong)
        assert found.next_label == "Test again"
        found.state = found.state.holding(Credentials(rest_url=rest.url, rest_token=rest.token))
        await pilot.press("enter")
        await until(pilot, lambda: found.next_label == "Next" and found.ready, "the second test")
        shown = found.query_one("#result", HangingText).plain
        assert [line.removeprefix("✓ ") for line in shown.splitlines()[:3]] == list(CACHE_LINES)
        assert "a round trip" in shown


async def test_a_production_cache_is_written_to_only_where_that_is_ticked(
    make_services: MakeServices, rest: Rest
) -> None:
    services = make_services()
    profile = replace(services.project.profile, kind=ProfileKind.PRODUCTION)
    services = replace(services, project=replace(services.project, profile=profile))
    there = Credentials(rest_url=rest.url, rest_token=rest.token)
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        for ticked in (False, True):
            await at_step(pilot, StepId.WELCOME)
            state = SetupState(services, Session(path=SetupPath.CREDENTIALS), FoundCredentials()).holding(there)
            await setup_screen(app).open(StepId.CACHE, state)
            await until(pilot, lambda: pane(app).next_label == "Test", "the question")
            found = pane(app)
            box = found.query_one(ConsentBox)
            assert not box.value
            assert f"Write a test key to {rest.url.host}" in screen_text(app)
            if ticked:
                box.focus()
                await pilot.press("space")
            await pilot.press("ctrl+n")
            await until(pilot, lambda: pane(app).next_label == "Next" and pane(app).ready, "the test")
            shown = found.query_one("#result", HangingText).plain
            assert ("– Not tested: no key was written" in shown) is not ticked
            assert (CACHE_LINES[2] in shown) is ticked
            assert found.state.services.tested_cache == (rest.url.host if ticked else "")
            await setup_screen(app).open(StepId.WELCOME, state)


@pytest.mark.parametrize("size", SIZES)
async def test_done_names_what_is_not_met_and_keeps_the_nine_a_list(
    make_services: MakeServices, database_url: PostgresUrl, rest: Rest, size: tuple[int, int]
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=size) as pilot:
        credentials = Credentials(database_url, None, rest.url, rest.token)
        found = await run_step(pilot, StepId.DONE, make_services(), credentials)
        assert found.next_label == "Look again"
        box = found.query_one("#ticks", HangingText)
        await until(pilot, lambda: len([line for line in box.plain.splitlines() if line[0] in "✓✗"]) == 9, "the nine")
        ticks = box.plain.splitlines()
        assert "✗ DATABASE_URL in the env file" in "\n".join(ticks)
        assert "are not met" in found.query_one(StepTrouble).plain
