"""Lasting stores with the person's own keys: said first, typed masked, used once, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_neon_api import KEY, PROJECTS, FakeNeon
from fake_upstash_api import DATABASE, EMAIL, FakeUpstash
from fake_upstash_api import KEY as UPSTASH_KEY
from fake_vendor import HTML, FakeVendor, Told
from textual.app import App
from textual.pilot import Pilot

from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.setup.choice_line import ChoiceLine
from soundcheck.screens.app.setup.field_editor import SecretInput
from soundcheck.screens.app.setup.instant_pane import InstantPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.wizard.step import StepId
from tests.screens.app.setup.conftest import (
    MakeServices,
    app_at_setup,
    at_step,
    everything_shown,
    next_focused,
    pane,
    paste,
    screen_text,
    setup_screen,
    until,
)


async def at_own_keys(pilot: Pilot[Any]) -> None:
    """From Welcome by the guide to the keys of both accounts."""
    await at_step(pilot, StepId.WELCOME)
    await pilot.press("down", "down", "enter")
    await at_step(pilot, StepId.ACCOUNTS)
    await pilot.press("ctrl+g")
    await at_step(pilot, StepId.CREDENTIALS)
    await next_focused(pilot)


def choose(app: App[None], half: str, origin: str) -> None:
    pane(app).query_one(f"#instant-{half}", ChoiceLine).value = origin


async def type_in(pilot: Pilot[Any], **fields: str) -> None:
    """As a paste, each into its field; a field is left once it holds it."""
    for name, text in fields.items():
        field = pane(pilot.app).query_one(f"#key-{name}", SecretInput)
        field.focus()
        await until(pilot, lambda field=field: pilot.app.focused is field, f"the focus on {name}")  # type: ignore[misc]
        await paste(pilot, text)
        await until(pilot, lambda field=field, text=text: field.value == text, f"the text in {name}")  # type: ignore[misc]


def offers(app: App[None], label: str) -> bool:
    """Whether this is what going on would do now."""
    return pane(app).next_label == label and pane(app).ready and not pane(app).busy


async def neon_asked_in_vain(pilot: Pilot[Any]) -> None:
    """The database by a key of Neon's beside a temporary cache; Neon does not make it."""
    await at_own_keys(pilot)
    choose(pilot.app, "cache", "temporary")
    await type_in(pilot, neon=KEY)
    setup_screen(pilot.app).action_next()
    await until(pilot, lambda: offers(pilot.app, "Try again"), "the answer")


def trouble(app: App[None]) -> str:
    return pane(app).query_one(StepTrouble).plain


def refuse(fake: FakeVendor, path: str, told: Told, *, done: bool = False) -> Callable[[], None]:
    """From now on creations are told this (`done`: and carried out); what is returned ends it."""
    answer = fake.answer

    def instead(asked: Any) -> Told:
        if (asked.method, asked.path) != ("POST", path):
            return answer(asked)
        if done:
            answer(asked)
        return told

    fake.answer = instead  # type: ignore[method-assign]

    def end() -> None:
        fake.answer = answer  # type: ignore[method-assign]

    return end


def written(*folders: Path) -> str:
    """Everything that stands in any file of these folders."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return "\n".join(path.read_text("utf-8", "replace") for path in files if path.stat().st_size < 2**20)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_names_place_plan_and_lasting_are_read_before_a_key_is_typed(
    make_services: MakeServices,
    cloud_environ: dict[str, str],
    neon: FakeNeon,
    upstash: FakeUpstash,
    size: tuple[int, int],
) -> None:
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=size) as pilot:
        await at_own_keys(pilot)
        words = pane(app).query_one("#instant-words", HangingText)
        for text in (
            "Project music-streaming-app in your account at Neon",
            "Database music-app-cache in your account at Upstash",
            "us-east-1 (Virginia), on your plan (free: 0.5 GB)",
            "Both stay",
            "written nowhere",
        ):
            assert text in words.plain
        seen = screen_text(app)
        assert "Both stay" in seen
        assert "https://console.neon.tech/app/settings/api-keys" in seen
        pane(app).query_one("#key-region", ChoiceLine).focus()
        await pilot.press("right", "right")
        await until(pilot, lambda: "eu-central-1 (Frankfurt), on your plan" in words.plain, "the region")
        assert neon.seen == upstash.seen == []


async def test_both_are_made_by_one_press_and_the_keys_stand_nowhere(
    make_services: MakeServices,
    cloud_environ: dict[str, str],
    neon: FakeNeon,
    upstash: FakeUpstash,
    project: Project,
    home: Path,
) -> None:
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_own_keys(pilot)
        setup_screen(app).action_next()
        await until(pilot, lambda: "Neon's API key is missing" in trouble(app), "what is missing")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "key-neon", "the focus")
        assert neon.seen == upstash.seen == []
        await type_in(pilot, neon=KEY, email=EMAIL, upstash=UPSTASH_KEY)
        assert not any(key in everything_shown(app) for key in (KEY, UPSTASH_KEY))
        await pilot.press("enter")
        await next_focused(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: offers(app, "Next"), "both stores")
        assert [one["name"] for one in neon.projects] == ["music-streaming-app"]
        assert [one["database_name"] for one in upstash.databases] == ["music-app-cache"]
        assert all(not field.value for field in pane(app).query(SecretInput))
        await next_focused(pilot)
        await pilot.press("enter")
        await at_step(pilot, StepId.ENV)
        await next_focused(pilot)
        await pilot.press("enter")
        await at_step(pilot, StepId.DATABASE)
    assert project.env_file.exists()
    assert "# Temporary" not in project.env_file.read_text()
    assert not any(secret in written(project.root, home) for secret in (KEY, UPSTASH_KEY, EMAIL))


async def test_a_refusal_says_the_next_step_and_the_keys_stay_for_it(
    make_services: MakeServices, cloud_environ: dict[str, str], neon: FakeNeon
) -> None:
    refuse(neon, PROJECTS, Told({"message": "user projects limit of 1 exceeded, got 1"}, 422))
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await neon_asked_in_vain(pilot)
        assert "limit of your plan" in trouble(app)
        assert "raise the plan" in trouble(app)
        assert KEY not in everything_shown(app)
        assert pane(app).query_one("#key-neon", SecretInput).value == KEY


async def test_an_answer_lost_after_the_creation_finds_it_by_its_name(
    make_services: MakeServices, cloud_environ: dict[str, str], upstash: FakeUpstash
) -> None:
    refuse(upstash, DATABASE, HTML, done=True)
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_own_keys(pilot)
        choose(app, "database", "temporary")
        await type_in(pilot, email=EMAIL, upstash=UPSTASH_KEY)
        setup_screen(app).action_next()
        await until(pilot, lambda: offers(app, "Try again"), "the failure")
        assert "found by its name" in trouble(app)
        setup_screen(app).action_next()
        await until(pilot, lambda: offers(app, "Next"), "both stores")
        assert len(upstash.posted(DATABASE)) == len(upstash.databases) == 1


async def test_where_the_account_does_not_list_it_a_second_one_is_a_button_of_its_own(
    make_services: MakeServices, cloud_environ: dict[str, str], neon: FakeNeon
) -> None:
    end = refuse(neon, PROJECTS, Told("", 502))
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await neon_asked_in_vain(pilot)
        end()
        setup_screen(app).action_next()
        await until(pilot, lambda: offers(app, "Ask for another"), "the question")
        assert "does not list it" in trouble(app)
        assert len(neon.posted(PROJECTS)) == 1
        setup_screen(app).action_next()
        await until(pilot, lambda: offers(app, "Next"), "both stores")
        assert len(neon.posted(PROJECTS)) == 2


async def test_esc_stops_the_asking_and_a_refused_key_says_where_keys_are_made(
    make_services: MakeServices, cloud_environ: dict[str, str], neon: FakeNeon
) -> None:
    neon.instead = [Told(hang=True)]
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_own_keys(pilot)
        await type_in(pilot, neon="napi_of_nobody", email=EMAIL, upstash=UPSTASH_KEY)
        setup_screen(app).action_next()
        await until(pilot, lambda: pane(app).busy == "creating" and neon.came.is_set(), "the asking")
        assert pane(app).query_one("#key-neon").is_disabled
        await pilot.press("escape")
        await until(pilot, lambda: offers(app, "Try again"), "the way to go on")
        assert not pane(app).query_one("#key-neon").is_disabled
        setup_screen(app).action_next()
        await until(pilot, lambda: "HTTP 401" in trouble(app), "the refusal")
        assert "console.neon.tech/app/settings/api-keys" in trouble(app)


async def test_an_organisation_is_asked_for_where_there_are_several(
    make_services: MakeServices, cloud_environ: dict[str, str], neon: FakeNeon
) -> None:
    neon.orgs = ["org-sunny-1", "org-rainy-2"]
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await neon_asked_in_vain(pilot)
        assert "org-sunny-1, org-rainy-2" in trouble(app)
        assert "--neon-org" not in trouble(app)
        await type_in(pilot, organisation="org-rainy-2")
        setup_screen(app).action_next()
        await until(pilot, lambda: offers(app, "Next"), "both stores")
        assert len(neon.projects) == 1


async def test_a_pasted_database_goes_with_a_cache_of_the_own_account(
    make_services: MakeServices,
    cloud_environ: dict[str, str],
    neon: FakeNeon,
    upstash: FakeUpstash,
    database_url: PostgresUrl,
) -> None:
    app = app_at_setup(make_services(cloud_environ))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_own_keys(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: not isinstance(pane(app), InstantPane), "the paste box")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "paste", "the focus on it")
        create = pane(app).query_one("#create-rest")
        assert not create.display
        await paste(pilot, f'DATABASE_URL="{database_url.reveal()}"')
        await until(pilot, lambda: create.display, "the offer")
        assert str(create.label) == "Create cache"  # type: ignore[attr-defined]
        create.press()  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(pane(app), InstantPane), "the way to create it")
        await next_focused(pilot)
        assert "The database is here already" in screen_text(app)
        choose(app, "cache", "account")
        await type_in(pilot, email=EMAIL, upstash=UPSTASH_KEY)
        setup_screen(app).action_next()
        await until(pilot, lambda: offers(app, "Next"), "both stores")
        assert neon.seen == []
        assert len(upstash.databases) == 1
