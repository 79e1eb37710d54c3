"""What leaves the checks for others, and what is kept: the report, the bundle, the runs; and no secret in any of it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Group
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.checks.bundle_screen import BundleScreen
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.checks.detail import CheckDetail
from soundcheck.screens.app.checks.history_screen import HistoryScreen
from soundcheck.screens.app.checks.row_text import TROUBLED
from soundcheck.screens.app.checks.screen import ChecksScreen
from soundcheck.screens.app.parts import clipboard
from soundcheck.screens.app.parts.save_screen import SaveScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.fake_rest import FakeRest, error
from tests.fault_proxy import FaultProxy, Forward, Reset
from tests.screens.app.driving import NOW, FixedClock, app_over, screen_text, until
from tests.screens.app.test_checks_screen import FILES, PING, WRITE, Switch
from tests.special_files import put

TOKEN = "AXpl4ntedT0kenThatNobodyMaySee0123456789"
PASSWORD = "pl4nted-p4ssword"


async def settled(pilot: Pilot[Any], app: SoundcheckApp, before: str = "") -> str:
    """A run other than `before` has ended and is kept; its id."""
    await until(
        pilot,
        lambda: (
            isinstance(app.screen, ChecksScreen)
            and app.screen.last_run_id not in {"", before}
            and not app.screen.is_asking
        ),
        "the run",
    )
    assert isinstance(app.screen, ChecksScreen)
    run_id = app.screen.last_run_id
    folder = app.services.project.state / "runs"
    await until(pilot, lambda: app.start.just_looking or [*folder.glob(f"*{run_id}.json")], "keeping the run")
    return run_id


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to the clipboard."""
    texts: list[str] = []
    monkeypatch.setattr(clipboard, "clipboard_tool", lambda _environ: None)
    monkeypatch.setattr(SoundcheckApp, "copy_to_clipboard", lambda _app, text: texts.append(text))
    return texts


async def test_c_copies_the_report_of_doctor_and_s_saves_it(
    services: Services, copied: list[str], tmp_path: Path
) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(100, 30)) as pilot:
        run_id = await settled(pilot, app)
        await pilot.press("c")
        await until(pilot, lambda: copied)
        lines = copied[0].splitlines()
        assert lines[0] == f"SC cache.ping · you · run {run_id}"
        assert lines[-1].startswith("Next: ")
        assert len(lines) <= 40
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = str(tmp_path / "report.txt")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ChecksScreen))
        assert (tmp_path / "report.txt").read_text() == copied[0]


async def test_b_shows_what_the_bundle_holds_before_it_writes_one(services: Services, tmp_path: Path) -> None:
    services.project.env_file.write_text(f'DATABASE_URL="postgresql://a:{PASSWORD}@127.0.0.1:9/songs"\n')
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    path = tmp_path / "bundle.zip"
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot, app)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BundleScreen) and "Opened again" in screen_text(app))
        text = screen_text(app)
        assert "report.json" in text
        assert "configuration.json" in text
        assert "taken out" in text.split("configuration.json")[1].splitlines()[0]
        assert not path.exists()
        is_same = put("pipe", tmp_path / "pipe")
        app.screen.query_one(Input).value = str(tmp_path / "pipe")
        await pilot.press("enter")
        await until(pilot, lambda: "is a pipe" in str(app.screen.query_one("#bundle-said", Static).content))
        assert is_same()
        path.write_text("mine")
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        await until(pilot, lambda: "is there already" in str(app.screen.query_one("#bundle-said", Static).content))
        assert path.read_text() == "mine"
        path.unlink()
        await pilot.press("enter")
        await until(pilot, lambda: "Saved to" in screen_text(app))
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if PASSWORD.encode() in archive.read(name)]
    assert path.stat().st_mode & 0o777 == 0o600


class MovingClock(FixedClock):
    """Each look at it is a minute later."""

    def now(self) -> datetime:
        self.seconds += 60
        return NOW + timedelta(seconds=self.seconds)


def screen_line(app: SoundcheckApp, words: str) -> str:
    return next(line for line in screen_text(app).splitlines() if f"  {words}  " in line)


async def test_the_history_tells_two_runs_apart_in_words(services: Services) -> None:
    services = replace(services, clock=MovingClock())
    disk = Switch("machine.disk", Group.MACHINE, "there is disk space left")
    app = app_over(services, Place.CHECKS, checks=[FILES, disk.check])
    async with app.run_test(size=(100, 30)) as pilot:
        first = await settled(pilot, app)
        disk.on = False
        await pilot.press("R")
        second = await settled(pilot, app, first)
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "worse" in screen_text(app))
        text = screen_text(app)
        assert "▼ worse   machine.disk ok → fail" in text
        assert text.index(f"run {first} of") < text.index(f"run {second} of"), "from the earlier to the later"
        await pilot.press("space", "up")
        await until(pilot, lambda: app.screen.query_one(OptionList).highlighted == 0)
        await until(
            pilot, lambda: "▼ worse   machine.disk ok → fail" in screen_text(app), "the same two, the other one marked"
        )
        runs = app.screen.query_one(OptionList)
        await pilot.click(runs, offset=(3, 1))
        await until(pilot, lambda: runs.highlighted == 1, "one click selects")
        await pilot.click(runs, offset=(3, 0))
        await until(pilot, lambda: runs.highlighted == 0 and "● " not in screen_line(app, second), "and marks nothing")
        await pilot.click(runs, offset=(3, 0))
        await until(pilot, lambda: "● " in screen_line(app, second), "a second one marks")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ChecksScreen))


async def test_a_history_without_runs_says_how_one_comes_about(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES], just_looking=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app)
        await pilot.press("h")
        await until(pilot, lambda: "No run is kept yet" in screen_text(app))


async def test_a_secret_that_a_server_says_back_stands_on_no_page(services: Services, copied: list[str]) -> None:
    env = f'DATABASE_URL="postgresql://a:{PASSWORD}@127.0.0.1:9/songs"\nUPSTASH_REDIS_REST_TOKEN="{TOKEN}"\n'
    services.project.env_file.write_text(env)
    echo = error(f"ERR odd token {TOKEN} for {PASSWORD}", 500)
    async with FakeRest(lambda _: echo) as server:
        url, token = RestUrl.parse(f"http://127.0.0.1:{server.port}"), Secret(TOKEN)
        credentials = replace(services.credentials, rest_url=url, rest_token=token)
        cache = RestClient(url, token)
        names = ("files.env", "files.values", "cache.ping", "cache.write")
        served = replace(services, credentials=credentials, cache=cache)
        app = app_over(served, Place.CHECKS, checks=default_registry().select(names))
        pages = []
        async with app.run_test(size=(110, 50)) as pilot:
            await settled(pilot, app)
            assert server.seen, "the server was asked, and said the secrets back"
            pages.append(app.export_screenshot())
            troubled = [row for row in rows(app) if row.outcome and row.outcome.finding.status in TROUBLED]
            assert troubled
            for row in troubled:
                row.focus()
                await pilot.press("enter")
                await until(pilot, lambda: isinstance(app.screen, CheckDetail))
                pages.append(app.export_screenshot())
                await pilot.press("escape")
                await until(pilot, lambda: isinstance(app.screen, ChecksScreen))
            await pilot.press("c")
            await until(pilot, lambda: copied)
            await pilot.press("h")
            await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "One run" in screen_text(app))
            pages.append(app.export_screenshot())
        await cache.close()
    kept = "".join(path.read_text() for path in (services.project.state / "runs").iterdir())
    for text in (*pages, *copied, kept):
        assert TOKEN not in text
        assert PASSWORD not in text
    assert "ERR odd token" in "".join(pages).replace("&#160;", " "), "what it said is shown, without the secret"


async def test_a_database_that_comes_back_is_green_after_one_key(services: Services) -> None:
    url = services.credentials.database_url
    assert url is not None
    checks = default_registry().select(["database.query"])
    async with FaultProxy(Reset()) as proxy:
        credentials = replace(services.credentials, database_url=replace(url, host="127.0.0.1", port=proxy.port))
        app = app_over(replace(services, credentials=credentials), Place.CHECKS, checks=checks)
        async with app.run_test(size=(80, 24)) as pilot:
            first = await settled(pilot, app)
            statuses = {row.check.id: row.outcome.finding.status.value for row in rows(app) if row.outcome}
            assert statuses["database.query"] == "skip"
            assert "fail" in statuses.values()
            assert isinstance(app.focused, CheckRow), "on what the verdict rests on"
            proxy.fault = Forward(url.port)
            await pilot.press("r")
            await settled(pilot, app, first)
            assert {row.outcome.finding.status.value for row in rows(app) if row.outcome} <= {"ok", "warn", "skip"}
            assert "✓ ok      a query is answered" in screen_text(app)


def rows(app: SoundcheckApp) -> list[CheckRow]:
    return list(app.screen.query(CheckRow))
