"""The app's way to temporary stores: read first, one press, and no link on a screen before it is asked for."""

from __future__ import annotations

import pytest
from fake_neon_api import CLAIMABLE, FakeNeon
from fake_upstash_api import START, FakeUpstash
from fake_vendor import Told
from textual.app import App

from soundcheck.screens.app.setup.choice_line import ChoiceLine
from soundcheck.screens.app.setup.done_pane import ClaimBox
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.cloud.made import made_stores
from soundcheck.stores.project.project import Project
from soundcheck.wizard.step import StepId
from tests.screens.app.setup.conftest import (
    MakeServices,
    app_at_setup,
    at_step,
    next_focused,
    pane,
    screen_text,
    setup_screen,
    until,
)


async def choose_cloud(pilot) -> None:
    await at_step(pilot, StepId.WELCOME)
    await pilot.press("up", "enter")
    await at_step(pilot, StepId.CREDENTIALS)
    await next_focused(pilot)


def offered(app: App[None], label: str) -> bool:
    """Whether this is what going on would do now."""
    return pane(app).next_label == label and pane(app).ready and not pane(app).busy


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_is_read_before_anything_is_asked_for(
    make_services: MakeServices,
    cloud_environ: dict[str, str],
    neon: FakeNeon,
    upstash: FakeUpstash,
    size: tuple[int, int],
) -> None:
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=size) as pilot:
        await choose_cloud(pilot)
        seen = " ".join(screen_text(app).replace("│", " ").split())
        for text in (
            "PostgreSQL 17",
            "at Neon",
            "100 MB",
            "at Upstash",
            "72 hours",
            "unless you claim",
            "personal data",
        ):
            assert text in seen
        assert pane(app).next_label == "Create"
        assert neon.seen == upstash.seen == []


async def test_one_press_creates_both_and_done_shows_the_links_on_request(
    make_services: MakeServices, cloud_environ: dict[str, str], neon: FakeNeon, upstash: FakeUpstash, project: Project
) -> None:
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(120, 40)) as pilot:
        await choose_cloud(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: offered(app, "Next"), "both stores")
        await next_focused(pilot)
        seen = screen_text(app)
        assert len(neon.posted(CLAIMABLE)) == len(upstash.posted(START)) == 1
        links = [made.claim_url.reveal() for made in made_stores(project).values() if made.claim_url]
        assert len(links) == 2
        assert not any(link in seen for link in links)
        await pilot.press("enter")
        await at_step(pilot, StepId.ENV)
        await next_focused(pilot)
        await pilot.press("enter")
        for step in (StepId.DATABASE, StepId.CONNECTION, StepId.CACHE):
            await at_step(pilot, step)
            await next_focused(pilot)
            await pilot.press("enter")
            if step is StepId.DATABASE:
                await until(pilot, lambda: offered(app, "Next"), "the push")
                await next_focused(pilot)
                await pilot.press("enter")
        await at_step(pilot, StepId.DONE)
        await until(pilot, lambda: "temporary until" in screen_text(app).splitlines()[1], "the header's word")
        await next_focused(pilot)
        assert not any(link in screen_text(app) for link in links)
        claims = pane(app).query_one(ClaimBox)
        claims.focus()
        await until(pilot, lambda: app.focused is claims, "the box")
        await pilot.press("enter")
        await until(pilot, lambda: all(link in screen_text(app) for link in links), "the links")


async def test_a_lost_answer_is_told_and_another_one_is_a_button_of_its_own(
    make_services: MakeServices, cloud_environ: dict[str, str], neon: FakeNeon
) -> None:
    neon.instead = [Told("", 502)]
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await choose_cloud(pilot)
        setup_screen(app).action_next()  # the focus is on its way to the button, a key would need to wait for it
        await until(pilot, lambda: offered(app, "Try again"), "the failure")
        await until(pilot, lambda: "One may exist" in pane(app).query_one(StepTrouble).plain, "the reason")
        setup_screen(app).action_next()
        await until(pilot, lambda: offered(app, "Ask for another"), "the question")
        await until(pilot, lambda: "its answer was lost" in pane(app).query_one(StepTrouble).plain, "what it means")
        assert len(neon.posted(CLAIMABLE)) == 1
        setup_screen(app).action_next()
        await until(pilot, lambda: offered(app, "Next"), "both stores")
        assert len(neon.posted(CLAIMABLE)) == 2


async def test_what_is_said_follows_the_choices(make_services: MakeServices, cloud_environ: dict[str, str]) -> None:
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await choose_cloud(pilot)
        cache, database = (pane(app).query_one(f"#instant-{half}", ChoiceLine) for half in ("cache", "database"))
        cache.focus()
        await until(pilot, lambda: app.focused is cache, "the choice of the cache")
        await pilot.press("left")
        await until(pilot, lambda: "on this machine" in screen_text(app), "the other half")
        assert "Upstash" not in screen_text(app)
        database.focus()
        await until(pilot, lambda: app.focused is database, "the choice of the database")
        await pilot.press("right", "right")
        await until(pilot, lambda: pane(app).next_label == "Start", "the label")
        await until(pilot, lambda: "Nothing is created in the cloud" in screen_text(app))
