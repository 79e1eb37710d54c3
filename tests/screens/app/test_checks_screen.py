"""Checks: they run live, the verdict stands on top, Enter opens what is behind a line."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from checks.check import Check, Context, Group
from checks.finding import Blame, Evidence, Finding, fail, ok
from checks.registry import Registry
from checks.services import Services
from screens.app.app import SoundcheckApp
from screens.app.checks.check_row import CheckRow
from screens.app.checks.detail import CheckDetail
from screens.app.start import Place
from tests.screens.app.driving import app_over, screen_text, until


async def nothing(_: Context) -> Evidence:
    return {"said": "[/foo] [b +"}


def holds(_: Evidence) -> Finding:
    return ok("It holds.")


def refuses(evidence: Evidence) -> Finding:
    return fail(
        "The token was refused.",
        cause=f"The server said {evidence['said']}.",
        blame=Blame.YOU,
        hint="Copy the token again.",
        link="https://example.invalid/token",
    )


def with_checks(services: Services, *checks: Check) -> Services:
    return replace(services, registry=Registry(checks))


FILES = Check("files.env", Group.FILES, "the env file is there", nothing, holds)
PING = Check("cache.ping", Group.CACHE, "the cache answers", nothing, refuses)
WRITE = Check("cache.write", Group.CACHE, "it can be written to", nothing, holds, requires=("cache.ping",))


def ended(app: SoundcheckApp) -> bool:
    rows = list(app.screen.query(CheckRow))
    return bool(rows) and all(row.outcome is not None for row in rows)


async def test_all_checks_run_and_the_verdict_says_whose_move_it_is(services: Services) -> None:
    app = app_over(with_checks(services, FILES, PING, WRITE), Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "It is your move" in screen_text(app))
        text = screen_text(app)
        assert "✓ the env file is there" in text
        assert "✗ the cache answers" in text
        assert "– it can be written to" in text
        assert "Not asked, because cache.ping" in text
        assert "✓ files 1/1" in text
        assert "✗ cache 0/1" in text


async def test_enter_opens_cause_evidence_and_what_to_do(services: Services) -> None:
    app = app_over(with_checks(services, FILES, PING, WRITE), Place.CHECKS)
    async with app.run_test(size=(80, 40)) as pilot:
        await until(pilot, lambda: ended(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckDetail))
        await until(pilot, lambda: "Copy the token again." in screen_text(app))
        text = screen_text(app)
        assert "The server said [/foo] [b +." in text
        assert "https://example.invalid/token" in text
        assert '"said": "[/foo] [b +"' in text
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CheckDetail))


async def test_a_run_can_be_cancelled_and_started_again(services: Services) -> None:
    gate = asyncio.Event()

    async def slow(_: Context) -> Evidence:
        await gate.wait()
        return {}

    waiting = Check("machine.slow", Group.MACHINE, "it ends some time", slow, holds, deadline=60)
    app = app_over(with_checks(services, FILES, waiting), Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "◐ it ends some time" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Cancelled" in screen_text(app))
        gate.set()
        await pilot.press("r")
        await until(pilot, lambda: "✓ it ends some time" in screen_text(app))


async def test_the_real_checks_run_over_the_real_stores(cached_services: Services) -> None:
    from checks.catalogue import default_registry

    app = app_over(replace(cached_services, registry=default_registry()), Place.CHECKS)
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: ended(app))
        text = screen_text(app)
        assert "✓ a query is answered" in text
        assert "next:" in text
