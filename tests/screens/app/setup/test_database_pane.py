"""Database: shown first, every loss consented to by its name, then generated and pushed for real."""

from __future__ import annotations

import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from textual.pilot import Pilot
from textual.widgets import Input

from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.database_pane import DatabasePane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Profile, ProfileKind, Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.progress import Mark
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath, StepId
from tests.screens.app.setup.conftest import (
    MakeServices,
    answered,
    app_at_setup,
    at_step,
    next_focused,
    pane,
    screen_text,
    setup_screen,
    until,
    with_project,
)

pytestmark = pytest.mark.usefixtures("engine_folder")


def tables_of(url: PostgresUrl) -> set[str]:
    with psycopg.connect(url.reveal()) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


async def open_database(pilot: Pilot[None], services: Services, url: PostgresUrl) -> DatabasePane:
    await at_step(pilot, StepId.WELCOME)
    state = SetupState(services, Session(path=SetupPath.CREDENTIALS), FoundCredentials()).holding(Credentials(url))
    await setup_screen(pilot.app).open(StepId.DATABASE, state)
    await until(pilot, lambda: isinstance(pane(pilot.app), DatabasePane), "the step")
    found = pane(pilot.app)
    assert isinstance(found, DatabasePane)
    trouble = found.query_one(StepTrouble)
    await until(pilot, lambda: not found.busy and (found._step is not None or trouble.display), "the plan")
    return found


async def test_an_empty_database_gets_eleven_tables_after_the_plan_was_shown(
    make_services: MakeServices, project: Project, database_url: PostgresUrl
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        found = await open_database(pilot, services, database_url)
        target = f"{database_url.endpoint}/{database_url.database}"
        await until(pilot, lambda: target in screen_text(app) and "11 tables" in screen_text(app), "the plan in view")
        text = screen_text(app)
        assert "Nothing that is there is lost" in text
        assert "[✓] Copy ours to prisma/schema.prisma" in text
        assert tables_of(database_url) == set()
        await answered(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: found.next_label == "Next" and found.ready, "the push")
        assert len(tables_of(database_url)) == 11
        assert (project.root / "prisma/schema.prisma").is_file()
        done = {line.key: line for line in found.query_one(LiveLines).lines}
        assert done["generate"].mark is Mark.OK
        assert done["push"].elapsed_ms
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.CONNECTION)
        assert pane(app).state.services.project.schema == project.root / "prisma/schema.prisma"


async def test_without_the_consent_to_copy_the_schema_nothing_goes_on(
    make_services: MakeServices, project: Project, database_url: PostgresUrl
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        found = await open_database(pilot, services, database_url)
        await next_focused(pilot)  # what gives Next the focus would take it from the box
        box = found.query_one(ConsentBox)
        box.focus()
        await until(pilot, lambda: app.focused is box, "the box")
        await pilot.press("space")
        await until(pilot, lambda: not found.ready, "the closed way")
        await pilot.press("ctrl+n")
        assert not found.busy
        assert not (project.root / "prisma").exists()


async def test_each_loss_is_named_and_only_its_typed_name_opens_the_way(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE TABLE lyrics (id text PRIMARY KEY, mine int)")
        connection.execute("CREATE TABLE other_app (id int)")
    services = with_project(make_services(), profile=Profile("default", ProfileKind.DEV))
    app = app_at_setup(services)
    async with app.run_test(size=(120, 40)) as pilot:
        found = await open_database(pilot, services, database_url)
        assert not found.ready
        await until(pilot, lambda: isinstance(app.focused, Input), "the field")
        await until(pilot, lambda: "would lose: lyrics.mine" in screen_text(app), "the loss")
        assert "left alone: other_app" in screen_text(app)
        await pilot.press(*"yes", "enter")
        await pilot.pause()
        assert not found.ready
        await pilot.press(*"lyrics.mine", "enter")
        await answered(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: found.next_label == "Next" and found.ready, "the push")
        assert {"other_app", "lyrics", "users"} <= tables_of(database_url)


WEAKER = {
    "index:sessions_hostId_idx": ('CREATE UNIQUE INDEX "sessions_hostId_idx" ON sessions ("hostId")', "uniq"),
    "index:playlists_isPublic_idx": ('CREATE INDEX "playlists_isPublic_idx" ON playlists (name)', "(name)"),
    "constraint:recently_played_songId_idx": (
        'ALTER TABLE recently_played ADD CONSTRAINT "recently_played_songId_idx" UNIQUE ("songId")',
        "uniq",
    ),
}
"""What is there instead of an index of the schema, and what is said of it."""


async def test_what_would_be_weaker_under_the_same_name_is_asked_for_too(
    make_services: MakeServices,
    eleven_url: PostgresUrl,  # noqa: F811
) -> None:
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        for name, (there, _) in WEAKER.items():
            connection.execute(f'DROP INDEX "{name.partition(":")[2]}"')
            connection.execute(there)
    services = with_project(make_services(), profile=Profile("default", ProfileKind.DEV))
    app = app_at_setup(services)
    async with app.run_test(size=(120, 40)) as pilot:
        found = await open_database(pilot, services, eleven_url)
        wanted = dict(WEAKER)

        def asked_for() -> str | None:
            return next((name for name in wanted if f"type its name: {name}" in screen_text(app)), None)

        while wanted:
            assert not found.ready, wanted
            await until(pilot, lambda: isinstance(app.focused, Input), "the field")
            await until(pilot, asked_for, f"the loss of {' or '.join(wanted)}")
            name = asked_for()
            assert name is not None
            assert wanted.pop(name)[1] in screen_text(app)
            assert isinstance(app.focused, Input)
            app.focused.value = name
            await pilot.press("enter")
        await answered(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: found.next_label == "Next" and found.ready, "the push")


async def test_a_database_that_does_not_answer_is_told_in_place_and_next_looks_again(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    from dataclasses import replace

    wrong = replace(database_url, password=Secret("not-the-password"))
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        found = await open_database(pilot, services, wrong)
        await until(pilot, lambda: found.query_one(StepTrouble).display, "the reason")
        assert found.query_one(StepTrouble).plain.count("→ ") == 1
        assert found.next_label == "Look again"
        assert "not-the-password" not in screen_text(app)
        assert "Traceback" not in screen_text(app)
