"""Checks: they run live, the verdict stands on top, Enter opens what is behind a line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import Blame, Evidence, Finding
from soundcheck.checks.report.history import list_runs
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.checks.detail import CheckDetail
from soundcheck.screens.app.checks.screen import ChecksScreen
from soundcheck.screens.app.start import Place
from soundcheck.stores.project.accepted_warnings import accepted_warnings
from soundcheck.stores.services import Services
from tests.findings import fail, ok, warn
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


FILES = Check("files.env", Group.FILES, "the env file is there", nothing, holds)
PING = Check("cache.ping", Group.CACHE, "the cache answers", nothing, refuses)
WRITE = Check("cache.write", Group.CACHE, "it can be written to", nothing, holds, requires=("cache.ping",))


class Switch:
    """A check that passes or fails as it is told, waits where it is told, and counts how often it was asked."""

    def __init__(self, check_id: str, group: Group, title: str, requires: tuple[str, ...] = ()) -> None:
        self.on = True
        self.asked = 0
        self.cancelled = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.said = ""
        self.check = Check(check_id, group, title, self._collect, self._judge, requires, deadline=60)

    async def _collect(self, context: Context) -> Evidence:
        self.asked += 1
        if self.said:
            context.note(self.check.id, self.said)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return {"on": self.on}

    def _judge(self, evidence: Evidence) -> Finding:
        return ok("On.") if evidence["on"] else fail("Off.", cause="Turned off.", blame=Blame.YOU, hint="Turn it on.")


def outcomes(app: SoundcheckApp) -> Mapping[str, str]:
    """The status of each check that has ended, by its id."""
    return {row.check.id: row.outcome.finding.status.value for row in app.screen.query(CheckRow) if row.outcome}


def ended(app: SoundcheckApp) -> bool:
    screen = app.screen
    return isinstance(screen, ChecksScreen) and not screen.is_asking and "run " in subtitle(app)


def subtitle(app: SoundcheckApp) -> str:
    found = app.screen.query("#verdict")
    return str(found.first().border_subtitle) if found else ""


async def test_all_checks_run_and_the_verdict_says_whose_move_it_is(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "It is your move" in screen_text(app))
        text = screen_text(app)
        assert "✓ ok      the env file is there" in text
        assert "✗ failed  the cache answers" in text
        assert "– skipped it can be written to" in text
        assert "needs cache.ping" in text
        assert "✓ files 1/1 · ✗ cache 0/1" in text
        assert "✗ cache  0 of 2 ok, 1 failed, 1 skipped" in text
        focused = app.focused
        assert isinstance(focused, CheckRow)
        assert focused.check is PING, "the cursor stands on what the verdict rests on"
        keys = " ".join(text.rstrip().splitlines()[-1].split())
        assert keys == "enter More r Ask again c Copy ctrl+r Refresh ctrl+q Quit ? Help"


async def test_enter_opens_cause_evidence_and_what_to_do(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(80, 40)) as pilot:
        await until(pilot, lambda: ended(app))
        await pilot.press("home", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckDetail))
        await until(pilot, lambda: "Copy the token again." in screen_text(app))
        text = screen_text(app)
        assert "The server said [/foo] [b +." in text
        assert "https://example.invalid/token" in text
        assert '"said": "[/foo] [b +"' in text
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CheckDetail))


async def test_a_warning_is_accepted_by_key_and_heard_again_by_the_same(services: Services) -> None:
    def worries(_: Evidence) -> Finding:
        return warn("It took 120 ms.", cause="far away", blame=Blame.YOU, hint="Move.")

    slow = Check("database.latency", Group.DATABASE, "the database is near", nothing, worries)
    app = app_over(services, Place.CHECKS, checks=[FILES, slow])
    async with app.run_test(size=(80, 30)) as pilot:
        await until(pilot, lambda: ended(app) and isinstance(app.focused, CheckRow))
        for key_says, status in (("Accept this warning", "ok"), ("Hear of this warning again", "warn")):
            await pilot.press("enter")
            await until(pilot, lambda words=key_says: f"a  {words}" in screen_text(app), key_says)  # type: ignore[misc]
            await pilot.press("a")
            await until(pilot, lambda then=status: ended(app) and outcomes(app)["database.latency"] == then, status)  # type: ignore[misc]
            assert bool(accepted_warnings(services.project)) is (status == "ok")


async def test_only_a_warning_is_offered_to_be_accepted(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(80, 40)) as pilot:
        await until(pilot, lambda: ended(app) and isinstance(app.focused, CheckRow))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CheckDetail))
        await pilot.press("a")
        assert "Accept" not in screen_text(app)
        assert isinstance(app.screen, CheckDetail)


async def test_from_a_skipped_check_one_goes_to_what_stood_in_its_way(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(80, 30)) as pilot:
        await until(pilot, lambda: ended(app))
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckDetail))
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.focused, CheckRow) and app.focused.check is PING)


async def test_esc_cancels_a_run_at_once_and_it_can_be_started_again(services: Services) -> None:
    slow = Switch("machine.slow", Group.MACHINE, "it ends some time")
    slow.gate.clear()
    app = app_over(services, Place.CHECKS, checks=[FILES, slow.check])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "◐ running it ends some time" in screen_text(app))
        assert "1 of 2   esc Cancel" in screen_text(app)
        assert "✓ ok      the env file is there" in screen_text(app), "lines are live"
        await pilot.press("escape")
        await until(pilot, lambda: slow.cancelled == 1)
        await until(pilot, lambda: "Cancelled." in screen_text(app))
        await until(pilot, lambda: "○ waiting it ends some time" in screen_text(app))
        assert not app.screen.check_action("copy", ()), "half a run is no report"
        slow.gate.set()
        await pilot.press("R")
        await until(pilot, lambda: "✓ ok      it ends some time" in screen_text(app))


async def test_what_a_check_says_while_it_works_stands_in_its_place(services: Services) -> None:
    waking = Switch("database.query", Group.DATABASE, "a query is answered")
    waking.said = "Neon is waking, up to 7 s [/foo]"
    waking.gate.clear()
    app = app_over(services, Place.CHECKS, checks=[waking.check])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Neon is waking" in screen_text(app))
        lines = screen_text(app).splitlines()
        here = next(i for i, line in enumerate(lines) if "◐ running a query is answered" in line)
        assert lines[here + 1].strip() == "Neon is waking, up to 7 s [/foo]"
        waking.gate.set()
        await until(pilot, lambda: ended(app))
        assert "Neon is waking" not in screen_text(app)


async def test_r_asks_one_check_with_what_it_requires_and_what_waited_for_it(services: Services) -> None:
    url = Switch("cache.url", Group.CACHE, "the address is there")
    ping = Switch("cache.ping", Group.CACHE, "the cache answers", ("cache.url",))
    write = Switch("cache.write", Group.CACHE, "it can be written to", ("cache.ping",))
    other = Switch("machine.disk", Group.MACHINE, "there is disk space left")
    ping.on = False
    app = app_over(services, Place.CHECKS, checks=[s.check for s in (url, ping, write, other)])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: ended(app))
        assert outcomes(app)["cache.write"] == "skip"
        first = subtitle(app)
        ping.on = True
        await pilot.press("r")
        await until(pilot, lambda: ended(app) and subtitle(app) != first)
        assert outcomes(app) == dict.fromkeys(("cache.url", "cache.ping", "cache.write", "machine.disk"), "ok")
        assert (url.asked, ping.asked, write.asked, other.asked) == (2, 2, 1, 1)
        await until(pilot, lambda: "Everything that was checked works." in screen_text(app))
        await pilot.press("R")
        await until(pilot, lambda: other.asked == 2)


async def test_nothing_runs_once_the_place_is_left(services: Services) -> None:
    slow = Switch("machine.slow", Group.MACHINE, "it ends some time")
    slow.gate.clear()
    app = app_over(services, Place.CHECKS, checks=[slow.check])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: slow.asked == 1)
        await pilot.press("3")
        await until(pilot, lambda: slow.cancelled == 1)
        slow.gate.set()
        await pilot.press("4")
        await until(pilot, lambda: ended(app))
        assert slow.asked == 2, "who comes back finds it asked again"


async def test_leaving_the_app_in_the_middle_of_a_run_waits_for_nothing(services: Services) -> None:
    slow = Switch("machine.slow", Group.MACHINE, "it ends some time")
    slow.gate.clear()
    app = app_over(services, Place.CHECKS, checks=[slow.check])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: slow.asked == 1)
        await pilot.press("ctrl+q")
    assert slow.cancelled == 1


async def test_tab_passes_the_lines_and_reaches_a_button_for_everything(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: ended(app))
        first = subtitle(app)
        labels = []
        for _ in range(4):
            await pilot.press("tab")
            labels.append(str(getattr(app.focused, "label", "")))
        assert labels == ["Ask all", "Copy report", "Bundle", "History"]
        await pilot.press("shift+tab", "shift+tab", "shift+tab", "enter")
        await until(pilot, lambda: ended(app) and subtitle(app) != first)


async def test_n_goes_from_one_trouble_to_the_next(services: Services) -> None:
    off = Switch("machine.disk", Group.MACHINE, "there is disk space left")
    off.on = False
    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE, off.check])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: ended(app))
        seen = []
        for _ in range(3):
            await pilot.press("n")
            assert isinstance(app.focused, CheckRow)
            seen.append(app.focused.check.id)
        assert seen == ["machine.disk", "cache.ping", "machine.disk"]


async def test_every_run_is_kept_unless_one_is_just_looking(services: Services) -> None:
    app = app_over(services, Place.CHECKS, checks=[FILES], just_looking=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: ended(app))
        await app.workers.wait_for_complete()
    assert not list_runs(services.project)
    app = app_over(services, Place.CHECKS, checks=[FILES])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: ended(app))
        await app.workers.wait_for_complete()
        assert isinstance(app.screen, ChecksScreen)
        assert [run.run_id for run in list_runs(services.project)] == [app.screen.last_run_id]


async def test_a_banner_instead_of_clients_does_not_keep_the_checks_from_running(services: Services) -> None:
    app = app_over(
        replace(services, database=None), Place.CHECKS, checks=[FILES], problem="The local stack did not start."
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: ended(app))


async def test_without_colour_words_and_symbols_say_the_same(services: Services) -> None:
    plain = replace(services, environ={"NO_COLOR": "1"})
    app = app_over(plain, Place.CHECKS, checks=[FILES, PING, WRITE])
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: ended(app))
        text = screen_text(app)
        for line in ("✓ ok      the env file", "✗ failed  the cache answers", "– skipped it can be written to"):
            assert line in text
        assert "The token was refused." in text.split("the cache answers")[1], "what was found stands there in full"
        assert app.theme == "soundcheck-terminal"


async def test_the_real_checks_run_over_the_real_stores(cached_services: Services) -> None:
    app = app_over(cached_services, Place.CHECKS, checks=default_registry())
    async with app.run_test(size=(120, 70)) as pilot:
        await until(pilot, lambda: ended(app))
        assert outcomes(app)["database.query"] == "ok"
        assert outcomes(app)["cache.write"] == "ok"
        await until(pilot, lambda: "next:" in screen_text(app))


async def test_a_run_that_breaks_is_said_and_can_be_started_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("soundcheck.screens.app.checks.screen.ask_checks", broken)
        app = app_over(services, Place.CHECKS, checks=[FILES])
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "The run broke" in screen_text(app))
            patched.undo()
            await pilot.press("R")
            await until(pilot, lambda: ended(app))
