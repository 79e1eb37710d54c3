"""Accounts: both names, both links in full, and what to ask a team for, at every size."""

from __future__ import annotations

import pytest

from soundcheck.stores.credentials import ENV_NAMES
from soundcheck.wizard.cloud.accounts import ACCOUNTS
from soundcheck.wizard.step import StepId
from tests.screens.app.setup.conftest import (
    SIZES,
    MakeServices,
    app_at_setup,
    at_step,
    pane,
    screen_text,
    until,
)


@pytest.mark.parametrize("size", SIZES)
async def test_each_link_stands_in_full_on_a_line_of_its_own(
    make_services: MakeServices, size: tuple[int, int]
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=size) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("down", "down", "enter")
        await at_step(pilot, StepId.ACCOUNTS)
        seen = screen_text(app)
        pane(app).scroll_end(animate=False)
        await pilot.pause()
        seen += "\n" + screen_text(app)
        for account in ACCOUNTS:
            assert account.name in seen
            before, _, after = next(line for line in seen.splitlines() if account.link in line).partition(account.link)
            assert before.rstrip(" ").endswith("│")
            assert not after.strip(" │┃▁▂▃▄▅▆▇█▔")


async def test_the_team_path_lists_the_four_variables(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("down", "down", "down", "enter")
        await at_step(pilot, StepId.ACCOUNTS)
        for name in ("DATABASE_URL", "DIRECT_URL", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"):
            assert name in screen_text(app)
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.CREDENTIALS)


async def test_a_message_for_the_team_is_copied_and_holds_what_to_ask_for(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    services = make_services({"SSH_CONNECTION": "here"})  # no program of the system is asked
    app = app_at_setup(services)
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("down", "down", "down", "enter")
        await at_step(pilot, StepId.ACCOUNTS)
        await until(pilot, lambda: "Copy a message to send" in screen_text(app))
        app.screen.query_one("#copy-message").focus()
        await pilot.press("enter")
        await until(pilot, lambda: copied, "the message")
        (message,) = copied
        assert services.project.name in message
        assert all(name in message for name in ENV_NAMES)
        assert "password manager" in message
        assert "production" in message
        await until(pilot, lambda: any("clipboard" in one.message for one in app._notifications), "a word")
