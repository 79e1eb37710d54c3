"""Replacing a credential in the app: tested, shown, written everywhere, the old one refused; Esc changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from driving import app_over, screen_text, until
from psycopg import sql
from textual import events
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.help import HelpScreen
from soundcheck.screens.app.opening import setup_is_busy
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.replace.screen import ReplacePhase, ReplaceScreen
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.screens.app.start import Place
from soundcheck.screens.opening import open_found
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import open_project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.lock import WizardLock
from tests.conftest import Rest

OLD, NEW = "the-0ld pass/word", "the-n3w:pass@word"


@pytest.fixture
def rotating(superuser_url: PostgresUrl, database_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """A role of its own with the old password, on a database of its own."""
    role = sql.Identifier(name := f"rotating_{secrets.token_hex(4)}")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(OLD)))
        yield replace(database_url, user=name, password=Secret(OLD))
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def rotated(superuser_url: PostgresUrl, rotating: PostgresUrl) -> PostgresUrl:
    """The role has the new password, as after a reset in a console."""
    role = sql.Identifier(rotating.user)
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(NEW)))
    return replace(rotating, password=Secret(NEW))


@pytest.fixture
def root(tmp_path: Path, home: Path, rotating: PostgresUrl, rest: Rest) -> Path:
    """A project with the old password in two env files and in one file that is nobody's to write."""
    root = tmp_path / "music-app"
    (root / "prisma").mkdir(parents=True)
    (root / ".env").write_text(
        f'DATABASE_URL="{rotating.reveal()}"\n'
        f"UPSTASH_REDIS_REST_URL={rest.url}\nUPSTASH_REDIS_REST_TOKEN={rest.token.reveal()}\n"
    )
    (root / "prisma" / ".env").write_text(f'DATABASE_URL="{rotating.reveal()}"\n')
    (root / "compose.yml").write_text(f"services:\n  api:\n    environment:\n      PGPASSWORD: {OLD}\n")
    of_kind(root, "dev")
    return root


def of_kind(root: Path, kind: str) -> None:
    (root / "soundcheck.toml").write_text(f'[profiles.default]\nkind = "{kind}"\n')


@pytest.fixture
async def found(root: Path) -> AsyncIterator[Services]:
    services, _ = open_found(open_project(root), {"HOME": str(root.parent)})
    yield services
    await services.close()


async def opened(pilot: Pilot[None], app: SoundcheckApp, half: str = "database") -> ReplaceScreen:
    await until(pilot, lambda: app.current_mode == Place.CACHE, "the place")
    app.action_replace_credential(half)
    await until(pilot, lambda: isinstance(app.screen, ReplaceScreen), "the screen")
    await until(pilot, lambda: app.focused is not None and app.focused.id == "replace-paste", "the box")
    assert isinstance(app.screen, ReplaceScreen)
    return app.screen


async def paste(pilot: Pilot[None], app: SoundcheckApp, text: str) -> None:
    """A paste, until the button tests it."""
    assert app.focused is not None
    app.focused.post_message(events.Paste(text))
    await until(pilot, lambda: not app.screen.query_one("#replace-yes", Button).disabled, "what was recognised")


def shown(app: SoundcheckApp) -> str:
    """The screen and what its widgets say of themselves: where a secret would be seen."""
    return "\n".join([screen_text(app), app.export_screenshot(), *map(repr, app.screen.walk_children())])


async def reaches(pilot: Pilot[None], at: ReplaceScreen, phase: ReplacePhase) -> None:
    await until(pilot, lambda: at._phase is phase, str(phase))


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def lock_is_free(services: Services) -> bool:
    try:
        with WizardLock(services.project):
            return True
    except CouldNotRun:
        return False


async def test_the_new_password_is_tested_shown_written_and_used(
    found: Services, root: Path, rotated: PostgresUrl
) -> None:
    app, seen = app_over(found, Place.CACHE), []
    async with app.run_test(size=(80, 24)) as pilot:
        at = await opened(pilot, app)
        await paste(pilot, app, rotated.reveal())
        seen.append(shown(app))
        await pilot.press("f9")
        await reaches(pilot, at, ReplacePhase.ASKED)
        await until(pilot, lambda: "Write prisma/.env, .env?" in screen_text(app), "the question")
        await until(pilot, lambda: "only the hidden part differs" in screen_text(app), "the plan")
        seen.append(shown(app))
        assert OLD not in repr(at._lines)
        assert rotated.reveal() not in (root / ".env").read_text()
        await pilot.press("enter")
        await reaches(pilot, at, ReplacePhase.DONE)
        result = at.query_one("#replace-result", HangingText).plain
        assert "The old password is refused, as it should be." in result
        assert "out of 2 kept states" in result
        assert "compose.yml, line 4" in result
        seen.append(shown(app) + result)

        def uses_it() -> bool:
            url = app.services.credentials.database_url
            return url is not None and url.password == Secret(NEW)

        await until(pilot, uses_it, "the new password in the app")
        assert app.services.database is not None
        assert (await app.services.database.fetch("SELECT 1")).rows == ((1,),)
        await until(pilot, lambda: isinstance(app.focused, Button) and str(app.focused.label) == "Close", "its focus")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not at, "closing")
    for file in (".env", "prisma/.env"):
        assert rotated.reveal() in (root / file).read_text()
    for secret in (OLD, NEW, "the-n3w", rotated.reveal()):
        assert all(secret not in text for text in seen)


async def test_a_password_that_is_refused_leaves_all_as_it_was_and_can_be_pasted_again(
    found: Services, root: Path, rotated: PostgresUrl
) -> None:
    before, app = contents(root), app_over(found, Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        at = await opened(pilot, app)
        await paste(pilot, app, replace(rotated, password=Secret("n0-such")).reveal())
        await pilot.press("f9")
        await until(pilot, lambda: at.query_one(StepTrouble).display, "the reason")
        assert "Nothing was written. The database refused the password" in at.query_one(StepTrouble).plain
        assert "Paste the connection string with the right password." in at.query_one(StepTrouble).plain
        assert "n0-such" not in shown(app)
        assert contents(root) == before
        await pilot.press("ctrl+u")
        await until(pilot, lambda: not at.query_one(StepTrouble).display, "a new beginning")
        await paste(pilot, app, rotated.reveal())
        await pilot.press("f9")
        await reaches(pilot, at, ReplacePhase.ASKED)
        with (root / ".env").open("a") as file:
            file.write("PORT=3000\n")
        before = contents(root)
        await pilot.press("enter")
        await until(pilot, lambda: at.query_one(StepTrouble).display, "the second reason")
        assert "has changed since it was shown" in at.query_one(StepTrouble).plain
        assert contents(root) == before
        await pilot.press("f9")
        await reaches(pilot, at, ReplacePhase.ASKED)


@pytest.mark.parametrize("when", [ReplacePhase.TESTING, ReplacePhase.ASKED])
async def test_esc_before_the_write_changes_nothing(
    found: Services, root: Path, rotated: PostgresUrl, when: ReplacePhase
) -> None:
    before, app = contents(root), app_over(found, Place.CACHE)
    async with app.run_test(size=(120, 40)) as pilot:
        at = await opened(pilot, app)
        await paste(pilot, app, rotated.reveal())
        at.action_test()
        assert at._phase is ReplacePhase.TESTING
        if when is ReplacePhase.ASKED:
            await reaches(pilot, at, ReplacePhase.ASKED)
            assert not lock_is_free(found)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not at, "leaving")
        await until(pilot, lambda: lock_is_free(found), "the lock")
    assert contents(root) == before
    assert not list(found.project.backups.iterdir())


async def test_production_wants_its_name_typed(found: Services, root: Path, rotated: PostgresUrl) -> None:
    of_kind(root, "production")
    live = replace(found, project=open_project(root))
    app = app_over(live, Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        at = await opened(pilot, app)
        await paste(pilot, app, rotated.reveal())
        await pilot.press("f9")
        await until(pilot, lambda: app.focused is at.query_one("#replace-name"), "the question")
        button = at.query_one("#replace-yes", Button)
        assert "is production" in str(at.query_one("#replace-ask", Static).content)
        for typed in ("", "some_other"):
            at.query_one("#replace-name", Input).value = typed
            await pilot.press("enter")
            assert button.disabled
            assert at._phase is ReplacePhase.ASKED
        assert rotated.reveal() not in (root / ".env").read_text()
        at.query_one("#replace-name", Input).value = rotated.database
        await until(pilot, lambda: not button.disabled, "the button")
        await pilot.press("enter")
        await reaches(pilot, at, ReplacePhase.DONE)
    assert rotated.reveal() in (root / ".env").read_text()


async def test_a_token_that_may_only_read_is_not_taken_and_one_that_stays_valid_is_told(
    found: Services, root: Path, rest: Rest
) -> None:
    """Upstash has two tokens for one database, and so has the gateway: here each is exchanged for the other."""
    app = app_over(found, Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        at = await opened(pilot, app, "cache")
        await paste(pilot, app, rest.readonly_token.reveal())
        await pilot.press("f9")
        await until(pilot, lambda: at.query_one(StepTrouble).display, "the reason")
        assert "Nothing was written." in at.query_one(StepTrouble).plain
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not at, "leaving")
    text = (root / ".env").read_text()
    assert rest.token.reveal() in text
    (root / ".env").write_text(text.replace(rest.token.reveal(), rest.readonly_token.reveal()))
    app = app_over(replace(found, cache=None), Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        at = await opened(pilot, app, "cache")
        await paste(pilot, app, rest.token.reveal())
        await pilot.press("f9")
        await reaches(pilot, at, ReplacePhase.ASKED)
        assert rest.token.reveal() not in shown(app)
        await pilot.press("enter")
        await reaches(pilot, at, ReplacePhase.DONE)
        assert "still accepted: whoever has it gets in" in at.query_one("#replace-result", HangingText).plain
        await until(pilot, lambda: app.services.credentials.rest_token == rest.token, "the new token in the app")
    assert f'UPSTASH_REDIS_REST_TOKEN="{rest.token.reveal()}"\n' in (root / ".env").read_text()


async def test_the_palette_leads_there_from_set_up_and_its_help_says_what_it_does(
    found: Services, rotating: PostgresUrl
) -> None:
    app = app_over(found, Place.SETUP)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.SETUP and not setup_is_busy(app), "the place")
        await pilot.press("f6")
        await until(pilot, lambda: "Command" in type(app.screen).__name__, "the palette")
        await pilot.press(*"cache's cred")
        await until(pilot, lambda: "Paste a new token" in screen_text(app), "the entry")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReplaceScreen), "the screen")
        assert app.current_mode == Place.TABLES
        await until(pilot, lambda: "Replace the cache's token" in screen_text(app), "its frame")
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the help")
        await until(pilot, lambda: "Until Write nothing is changed" in screen_text(app), "its words")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReplaceScreen), "the screen again")


async def test_without_a_cache_there_is_nothing_to_replace(services: Services) -> None:
    app = app_over(services, Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CACHE, "the place")
        app.action_replace_credential("cache")
        await until(pilot, lambda: any("no cache here" in one.message for one in app._notifications), "the word")
