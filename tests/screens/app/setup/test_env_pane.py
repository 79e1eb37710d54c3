"""The env file: nothing is written before it was shown, and nothing shown holds a secret."""

from __future__ import annotations

import stat
import subprocess

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.setup.choice_line import ChoiceLine
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.env_pane import EnvPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import ProfileKind, Project
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath, StepId
from tests.conftest import Rest
from tests.screens.app.setup.conftest import (
    SIZES,
    MakeServices,
    answered,
    app_at_setup,
    at_step,
    everything_shown,
    pane,
    screen_text,
    setup_screen,
    until,
    with_project,
)


@pytest.fixture
def credentials(database_url: PostgresUrl, rest: Rest) -> Credentials:
    return Credentials(database_url, None, rest.url, rest.token)


async def open_env(pilot: Pilot[None], services: Services, credentials: Credentials) -> EnvPane:
    """Straight to the step, with credentials that count as verified."""
    await at_step(pilot, StepId.WELCOME)
    state = SetupState(services, Session(path=SetupPath.CREDENTIALS), FoundCredentials()).holding(credentials)
    await setup_screen(pilot.app).open(StepId.ENV, state)
    await until(pilot, lambda: not pane(pilot.app).busy, "the difference")
    found = pane(pilot.app)
    assert isinstance(found, EnvPane)
    await pilot.pause()
    return found


async def test_a_new_file_is_shown_masked_then_written_for_its_owner_alone(
    make_services: MakeServices, project: Project, credentials: Credentials
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=SIZES[0]) as pilot:
        await open_env(pilot, services, credentials)
        await answered(pilot)
        assert str(project.env_file) in app.screen.query_one("#env-notes", HangingText).plain
        for size in SIZES:
            await pilot.resize_terminal(*size)
            shown = everything_shown(app)
            assert "new&#160;file&#160;·&#160;0600" in shown
            for secret in credentials.secrets():
                assert secret.reveal() not in shown
        assert not project.env_file.exists()
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.DATABASE)
        assert stat.S_IMODE(project.env_file.stat().st_mode) == 0o600
        assert (project.root / ".gitignore").read_text().splitlines() == [".env"]


async def test_the_gitignore_line_is_only_written_with_consent(
    make_services: MakeServices, project: Project, credentials: Credentials
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_env(pilot, services, credentials)
        box = pane(app).query_one("#consent-gitignore", ConsentBox)
        assert "[✓] Add .env to .gitignore" in screen_text(app)
        box.focus()
        await pilot.press("space")
        await until(pilot, lambda: "[ ] Add .env to .gitignore" in screen_text(app), "the empty switch")
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.DATABASE)
        assert not (project.root / ".gitignore").exists()
        assert pane(app).state.session.answers["gitignore"] == "no"


@pytest.mark.parametrize("agreed", [True, False])
async def test_the_team_s_files_are_written_only_with_consent(
    make_services: MakeServices, project: Project, credentials: Credentials, agreed: bool
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_env(pilot, services, credentials)
        box = pane(app).query_one("#consent-team", ConsentBox)
        assert "For your team: .env.example and soundcheck.toml" in screen_text(app)
        if not agreed:
            box.focus()
            await pilot.press("space")
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.DATABASE)
    for name in (".env.example", "soundcheck.toml"):
        assert (project.root / name).exists() is agreed
        if agreed:
            text = (project.root / name).read_text()
            assert not any(secret.reveal() in text for secret in credentials.secrets())


@pytest.mark.parametrize("size", SIZES)
async def test_what_the_database_is_for_is_chosen_there_and_the_header_says_it(
    make_services: MakeServices, project: Project, credentials: Credentials, size: tuple[int, int]
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=size) as pilot:
        found = await open_env(pilot, services, credentials)
        await answered(pilot)
        assert found.ready
        for words in ("What is this database for?", "○ Development", "○ Production", "● Not sure"):
            assert words in screen_text(app)
        found.query_one("#choice-kind", ChoiceLine).focus()
        await pilot.press("right")
        await until(pilot, lambda: "● Development" in screen_text(app), "the choice")
        assert isinstance(app.focused, ChoiceLine)
        assert found.ready
        assert "read-only" not in screen_text(app)
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.DATABASE)
        await until(pilot, lambda: "music-app · development" in screen_text(app), "the header")
        assert pane(app).state.services.project.profile.kind is ProfileKind.DEV
    assert 'kind = "dev"' in (project.root / "soundcheck.toml").read_text()


async def test_working_values_are_replaced_only_after_a_yes(
    make_services: MakeServices, project: Project, credentials: Credentials
) -> None:
    before = '# mine\nDATABASE_URL="postgresql://me:uV7xq2LmP0aZ@db.example.com/shop"\nJWT_SECRET="keep-this-secret"\n'
    project.env_file.write_text(before)
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(120, 40)) as pilot:
        found = await open_env(pilot, services, credentials)
        assert not found.ready
        await pilot.press("ctrl+n")
        assert project.env_file.read_text() == before
        await until(pilot, lambda: isinstance(app.focused, ConsentBox), "the focus")
        await pilot.press("space")
        await answered(pilot)
        assert "keep-this-secret" not in everything_shown(app)
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.DATABASE)
        after = project.env_file.read_text()
        assert after.startswith("# mine\n")
        assert "keep-this-secret" in after
        assert "db.example.com" not in after


async def test_a_file_that_cannot_be_parsed_is_refused_with_its_line_and_left_alone(
    make_services: MakeServices, project: Project, credentials: Credentials
) -> None:
    broken = 'A=1\nDATABASE_URL="never closed\n'
    project.env_file.write_text(broken)
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        found = await open_env(pilot, services, credentials)
        assert "line 2" in screen_text(app)
        assert found.next_label == "Look again"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not pane(app).busy, "the second look")
        assert project.env_file.read_text() == broken
        project.env_file.write_text("A=1\n")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: pane(app).next_label == "Write .env", "the mended file")


async def test_a_file_tracked_by_git_is_told_loudly(
    make_services: MakeServices, project: Project, credentials: Credentials
) -> None:
    project.env_file.write_text("A=1\n")
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *words], cwd=project.root, check=True)
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_env(pilot, services, credentials)
        text = screen_text(app)
        assert "TRACKED BY GIT" in text
        assert "git rm --cached" in text


async def test_a_file_changed_meanwhile_is_not_overwritten(
    make_services: MakeServices, project: Project, credentials: Credentials
) -> None:
    services = make_services()
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_env(pilot, services, credentials)
        project.env_file.write_text("SOMEBODY=else\n")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: pane(app).query_one(StepTrouble).display, "the refusal")
        assert "has changed since it was shown" in pane(app).query_one(StepTrouble).plain
        assert project.env_file.read_text() == "SOMEBODY=else\n"
        assert pane(app).next_label == "Look again"


@pytest.mark.parametrize("size", SIZES)
async def test_a_folder_that_cannot_be_written_is_told_and_passed(
    make_services: MakeServices,
    project: Project,
    credentials: Credentials,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("soundcheck.wizard.env.step.can_write", lambda _: False)
    services = with_project(make_services(), read_only=True, writes_env_file=False)
    app = app_at_setup(services)
    async with app.run_test(size=size) as pilot:
        await open_env(pilot, services, credentials)
        await answered(pilot)
        said = " ".join(screen_text(app).replace("│", " ").split())
        assert "cannot be written" in said
        assert "--env-file F" in said
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.DATABASE)
        await answered(pilot)
        await until(pilot, lambda: "Soundcheck's own schema" in screen_text(app))
        assert list(project.root.iterdir()) == []
