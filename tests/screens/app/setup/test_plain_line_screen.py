"""The app asks before a password crosses a line unencrypted; a no sends nothing, a yes is kept and tries again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from soundcheck.screens.app.setup.plain_line_screen import PlainLineScreen
from soundcheck.stores.project.plain_lines import agreed_lines
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import Address, SystemResolver
from soundcheck.wizard.step import StepId
from tests.screens.app.setup.conftest import MakeServices, app_at_setup, at_step, paste, screen_text, until
from tests.squatter import squatting


class Elsewhere(SystemResolver):
    """Every name leads here."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        return (Address("127.0.0.1"),)


async def asked(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, PlainLineScreen), "the question")
    await until(pilot, lambda: isinstance(pilot.app.focused, Button), "the focus")


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_no_sends_nothing_and_a_yes_is_kept(
    make_services: MakeServices, project: Project, size: tuple[int, int]
) -> None:
    with squatting(asks="cleartext") as (server,):
        app = app_at_setup(replace(make_services(), resolver=Elsewhere()))
        async with app.run_test(size=size) as pilot:
            await at_step(pilot, StepId.WELCOME)
            await pilot.press("down", "enter")
            await at_step(pilot, StepId.CREDENTIALS)
            address = f"postgresql://u:secret-word-7@db.example.org:{server.port}/d?sslmode=disable"
            block = f'DATABASE_URL="{address}"\n'
            await paste(pilot, block)
            await asked(pilot)
            assert "db.example.org" in screen_text(app)
            assert app.focused is not None
            assert app.focused.id == "plain-no"
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(app.screen, PlainLineScreen), "the pane")
            assert agreed_lines(project) == frozenset()
            assert b"secret-word-7" not in server.heard
            await paste(pilot, block.replace("sslmode=disable", "sslmode=prefer"))
            await asked(pilot)
            await pilot.press("right", "enter")
            await until(pilot, lambda: b"secret-word-7" in server.heard, "the password")
            assert agreed_lines(project) == {f"postgresql://db.example.org:{server.port}"}
