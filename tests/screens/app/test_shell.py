"""The shell: light to start, the same everywhere, usable where letters are text and where the window is small."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import partial

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, Static

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.help import HelpScreen
from soundcheck.screens.app.parts.key_line import MOST, KeyLine
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.screens.app.theme import DARK, TERMINAL
from soundcheck.screens.app.top_line import PlaceBar
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, screen_text, until

HEAVY = ("psycopg", "psycopg_pool", "httpx", "redis", "prisma", "uvicorn")


def test_no_driver_is_imported_before_the_first_frame() -> None:
    code = (
        "import sys, screens.app.app, screens.app.tables.screen, screens.app.cache.screen, screens.app.checks.screen\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_digits_and_function_keys_lead_to_the_places(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        for key, place in (("3", "cache"), ("f5", "checks"), ("2", "tables"), ("f4", "cache"), ("f3", "tables")):
            await pilot.press(key)
            await until(pilot, partial(_is_at, app, place), place)


def _is_at(app: SoundcheckApp, place: str) -> bool:
    return app.current_mode == place


async def test_a_digit_typed_into_a_text_field_is_text_and_a_function_key_still_leads_away(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query("#find"))
        await pilot.press("slash", "3", "question_mark")
        assert app.screen.query_one("#find", Input).value == "3?"
        assert app.current_mode == "tables"
        await pilot.press("f4")
        await until(pilot, lambda: app.current_mode == "cache")


async def test_the_place_bar_is_reached_by_tab_and_goes_where_the_arrows_point(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == "tables" and app.focused is not None)
        app.screen.query_one(PlaceBar).focus()
        await pilot.press("right", "enter")
        await until(pilot, lambda: app.current_mode == "cache")


async def test_the_key_line_never_has_more_than_seven_keys_and_ends_with_help(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(200, 40)) as pilot:
        for place in (Place.TABLES, Place.CACHE, Place.CHECKS):
            await app.switch_mode(place)
            await until(pilot, lambda: app.screen.query(KeyLine))
            for _ in range(6):
                keys = app.screen.query_one(KeyLine).keys()
                assert 1 <= len(keys) <= MOST, place
                assert keys[-1][2] == "Help", place
                await pilot.press("tab")


async def test_the_key_line_keeps_help_where_not_all_keys_fit(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(44, 20)) as pilot:
        await until(pilot, lambda: app.screen.query(KeyLine))
        line = app.screen.query_one(KeyLine)
        assert line.keys()[-1][2] == "Help"
        assert line.render().cell_length <= 44


async def test_help_explains_the_screen_and_escape_closes_it(services: Services) -> None:
    app = app_over(services, Place.CACHE)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: app.current_mode == "cache")
        await pilot.press("f1")
        await until(pilot, lambda: "of the last interval" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)


async def test_the_palette_offers_every_action_of_ours_with_its_explanation(services: Services) -> None:
    from soundcheck.screens.app.palette import ScreenActions

    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.focused is not None and app.focused.id == "list")
        hits = [hit async for hit in ScreenActions(app.screen).discover()]
        words = " ".join(str(hit.prompt) for hit in hits)
        for word in ("Open", "Find", "Help", "Cache", "Checks", "Quit"):
            assert word in words
        assert all(hit.help for hit in hits)
        assert [hit async for hit in ScreenActions(app.screen).search("find")]


async def test_the_palette_opens_by_both_keys_that_are_named_for_it(services: Services) -> None:
    app = app_over(services, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CHECKS)
        for key in ("f6", "ctrl+p"):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, CommandPalette), f"the palette by {key}")
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, CommandPalette), "back on the place")


async def test_a_window_that_is_too_small_points_to_the_plain_way(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(39, 24)) as pilot:
        await until(pilot, lambda: "soundcheck --plain" in screen_text(app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "soundcheck --plain" not in screen_text(app))
        await pilot.resize_terminal(80, 11)
        await until(pilot, lambda: "soundcheck --plain" in screen_text(app))


async def test_no_timer_of_the_app_is_skipped(services: Services) -> None:
    """Textual skips one that is late at its start; the timer of a resize, lost like that, stops every later one."""
    app = app_over(services)
    async with app.run_test():
        assert not app.set_timer(60, app.bell)._skip


@pytest.mark.parametrize(
    ("kind", "word"),
    [(ProfileKind.DEV, "evelopment"), (ProfileKind.PRODUCTION, "PRODUCTION"), (ProfileKind.UNKNOWN, "dev or prod")],
)
async def test_the_top_line_says_in_words_what_is_at_stake(services: Services, kind: ProfileKind, word: str) -> None:
    at_stake = replace(services, project=replace(services.project, profile=Profile("live", kind)))
    app = app_over(at_stake, Place.CACHE)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CACHE and screen_text(app).strip())
        first = screen_text(app).splitlines()[0]
        assert word in first
        assert "live" in first
        assert "cache: not set up" in first
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        said = str(app.screen.query_one("#help-stake", Static).content)
        assert word in said
        assert ("soundcheck profiles kind live dev" in said) == (kind is ProfileKind.UNKNOWN)


async def test_no_color_uses_none(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = SoundcheckApp(replace(services, environ={"NO_COLOR": "1"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.TABLES and isinstance(app.focused, TableList))
        assert app.theme == TERMINAL.name
        for strip in app.screen._compositor.render_strips():
            for segment in strip.apply_filter(app._filters[-1], app.screen.background_colors[1]):
                style = segment.style
                assert style is None or all(c is None or c.is_default for c in (style.color, style.bgcolor))


async def test_without_that_wish_the_dark_theme_is_used(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(
            pilot, lambda: isinstance(app.focused, TableList), "the place: who leaves while it is made breaks it"
        )
        assert app.theme == DARK.name


async def test_a_worker_that_breaks_is_shown_and_the_app_goes_on(services: Services) -> None:
    app = app_over(services, Place.CACHE)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:

        async def broken() -> None:
            raise RuntimeError("[/boom] with markup")

        app.run_worker(broken(), exit_on_error=False, description="Breaking")
        await until(pilot, lambda: "Breaking broke: RuntimeError." in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: app.current_mode == "tables")
