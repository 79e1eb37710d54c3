"""A few pictures that somebody looked at: they change only when somebody means it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.wizard.step import StepId
from tests.screens.app.setup.conftest import MakeServices, app_at_setup, at_step, paste, until

NEON = "postgresql://neondb_owner:npg_k2Jd9Xw3QzLm@ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"
Compare = Any


@pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=["80x24", "60x20"])
def test_welcome(snap_compare: Compare, make_services: MakeServices, size: tuple[int, int]) -> None:
    async def open_it(pilot: Pilot[None]) -> None:
        await at_step(pilot, StepId.WELCOME)

    assert snap_compare(app_at_setup(make_services()), run_before=open_it, terminal_size=size)


def test_accounts(snap_compare: Compare, make_services: MakeServices) -> None:
    async def open_it(pilot: Pilot[None]) -> None:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("down", "down", "enter")
        await at_step(pilot, StepId.ACCOUNTS)

    assert snap_compare(app_at_setup(make_services()), run_before=open_it, terminal_size=(120, 40))


def test_credentials_recognised_and_repaired(
    snap_compare: Compare, make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundcheck.screens.app.setup.credentials_pane.SETTLE", 3600)

    async def open_it(pilot: Pilot[None]) -> None:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("down", "enter")
        await at_step(pilot, StepId.CREDENTIALS)
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "paste")
        await paste(pilot, f"# from the console\npsql '{NEON.replace('npg_', 'npg@')}'\n")
        await until(pilot, lambda: pilot.app.screen.query(".repair"))

    assert snap_compare(app_at_setup(make_services()), run_before=open_it, terminal_size=(80, 24))


def test_what_is_there_already(snap_compare: Compare, make_services: MakeServices, tmp_path: Path) -> None:
    services = make_services({"UPSTASH_REDIS_REST_TOKEN": "AbCdEf1234567890AbCdEf"})
    services.project.env_file.write_text(f'DATABASE_URL="{NEON}"\nUPSTASH_REDIS_REST_URL=https://fit-mole.upstash.io\n')

    async def open_it(pilot: Pilot[None]) -> None:
        await at_step(pilot, StepId.WELCOME)

    assert snap_compare(app_at_setup(services), run_before=open_it, terminal_size=(80, 24))
