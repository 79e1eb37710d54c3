"""Two pictures that somebody looked at: what is behind a failed check, and a fix that asks for its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.checks.check import Check, Group
from soundcheck.checks.finding import Blame, Evidence, Finding
from soundcheck.checks.fixes import UNTRACK
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.checks.detail import CheckDetail
from soundcheck.screens.app.checks.fix_screen import FixScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores import amounts
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes.fix import Preview
from tests.findings import fail, warn
from tests.screens.app.driving import app_over, until
from tests.screens.app.test_checks_screen import FILES, PING, WRITE, nothing

Compare = Callable[..., bool]


def is_tracked(_: Evidence) -> Finding:
    return fail(
        "Git tracks .env: the passwords are in the repository.",
        cause="It was added before .gitignore named it.",
        blame=Blame.YOU,
        hint="Take it out of the index, then reset the passwords.",
        fixes=(UNTRACK,),
    )


def is_slow(_: Evidence) -> Finding:
    return warn("A round trip takes 160 ms.", cause="Another continent.", blame=Blame.YOU, hint="Move it.")


IGNORED = Check("files.ignored", Group.FILES, "Git does not take it along", nothing, is_tracked)
NEAR = Check("database.latency", Group.DATABASE, "the database is near", nothing, is_slow)


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The same picture on every machine: no durations, a run and a project of a fixed name."""
    monkeypatch.setattr(amounts, "milliseconds", lambda _duration: "9 ms")
    monkeypatch.setattr("secrets.token_hex", lambda _count: "c0ffee")
    root = tmp_path / "music-streaming-app"
    root.mkdir()
    return replace(services, project=replace(services.project, root=root))


CHECKS = (FILES, IGNORED, NEAR, PING, WRITE)


async def shown(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.focused, CheckRow) and pilot.app.focused.check is IGNORED)


def test_what_is_behind_a_failed_check(services: Services, snap_compare: Compare) -> None:
    async def open_it(pilot: Pilot[Any]) -> None:
        await shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CheckDetail))

    assert snap_compare(app_over(services, Place.CHECKS, checks=CHECKS), terminal_size=(120, 40), run_before=open_it)


def test_a_fix_that_asks_for_its_name(
    services: Services, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def preview(_services: Services, fix: Any) -> Preview:
        lines = ("git rm --cached .env", ".env stays on disk.", "The history keeps the old passwords.")
        return Preview(fix, lines, undo="the index entry is put back")

    monkeypatch.setattr("soundcheck.wizard.fixes.apply.preview_fix", preview)

    async def open_it(pilot: Pilot[Any]) -> None:
        await shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CheckDetail))
        await pilot.press("f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FixScreen))
        await until(pilot, lambda: pilot.app.focused is pilot.app.screen.query_one("#fix-name"))
        await pilot.press(*"git.un")

    assert snap_compare(app_over(services, Place.CHECKS, checks=CHECKS), terminal_size=(80, 24), run_before=open_it)
