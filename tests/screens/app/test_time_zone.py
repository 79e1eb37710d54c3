"""The time zone is said once on a screen, can be chosen, and is remembered; what is copied is the whole text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from driving import app_over, execute, opened, screen_text, until
from textual.pilot import Pilot
from textual.widgets import Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.preferences import Preferences, load_preferences, save_preferences
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.zone_screen import ZoneScreen
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services

MOMENTS = """
DROP VIEW names; DROP TABLE users, hostile, user_settings, empty;
CREATE TABLE moments (id int PRIMARY KEY, t timestamptz, f float4, flag bool, tags int[], long text, m money);
INSERT INTO moments VALUES
    (1, '2024-03-01 20:00:00-05', 1e15, true, '[0:1]={1,2}', repeat('x', 5000), 12.5), (2, NULL, 1, false, '{}', '', 0);
"""


@pytest.fixture
def moments(filled_url: PostgresUrl) -> None:
    execute(filled_url, MOMENTS)


async def choose(pilot: Pilot[None], app: SoundcheckApp, typed: str) -> None:
    app.action_choose_zone()
    await until(pilot, lambda: isinstance(app.screen, ZoneScreen), "the question")
    app.screen.query_one("#zone-name", Input).value = typed
    app.screen.query_one("#zone-name", Input).focus()
    await pilot.press("enter")


async def test_the_zone_is_said_once_and_a_chosen_one_is_remembered(services: Services, moments: None) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: screen_text(app).count("Times are in UTC.") == 1)
        await pilot.press("right")
        await until(pilot, lambda: "2024-03-02 01:00:00+00" in screen_text(app))
        await choose(pilot, app, "America/New_York")
        await until(pilot, lambda: screen_text(app).count("Times are in America/New_York.") == 1, "the zone")
        await until(pilot, lambda: "2024-03-01 20:00:00-05" in screen_text(app), "the time in it")
        assert "Times are in UTC" not in screen_text(app)
        await until(pilot, lambda: load_preferences(services.project.home).zone == "America/New_York")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and bool(app.screen.query(FieldRow)))
        await until(pilot, lambda: screen_text(app).count("times in America/New_York") == 1, "the record's zone")
        await choose(pilot, app, "utc")
        await until(pilot, lambda: "2024-03-02 01:00:00+00" in screen_text(app), "the record, read again")


async def test_an_unknown_zone_is_refused_where_it_was_typed(services: Services, moments: None) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app, "Nowhere")
        await until(pilot, lambda: "no time zone 'Nowhere'" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ZoneScreen))
        assert app.zone == "UTC"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("Asia/Kolkata", "2024-03-02 06:30:00+05:30"),
        ("local", "2024-03-02 02:00:00+01"),
        ("Mars/Olympus", "01:00:00+00"),
    ],
)
async def test_the_remembered_zone_is_that_of_the_first_rows(
    services: Services, moments: None, kept: str, shown: str
) -> None:
    save_preferences(services.project.home, Preferences(zone=kept))
    app = app_over(replace(services, environ={**services.environ, "TZ": "Europe/Berlin"}))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("right")
        await until(pilot, lambda: shown in screen_text(app))


async def test_what_is_copied_from_the_grid_is_psqls_text(services: Services, moments: None) -> None:
    app = app_over(services)
    async with app.run_test(size=(160, 40)) as pilot:
        await opened(pilot, app)
        for text in ("1", "2024-03-02 01:00:00+00", "1e+15", "t", "[0:1]={1,2}", "x" * 5000, "$12.50"):
            await pilot.press("c", "c")
            await until(pilot, lambda text=text: app.clipboard == text, text[:40])
            await pilot.press("right")


async def test_what_is_copied_and_saved_from_the_record_is_psqls_text(
    services: Services, moments: None, tmp_path: Path, owner_of_long: None
) -> None:
    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and bool(app.screen.query(FieldRow)))
        texts = {
            "t": "2024-03-02 01:00:00+00",
            "f": "1e+15",
            "flag": "t",
            "tags": "[0:1]={1,2}",
            "long": "é" * 1_200_000,
        }
        for name, text in texts.items():
            row = next(one for one in app.screen.query(FieldRow) if one.field.column.name == name)
            row.focus()
            if name == "long":
                await pilot.press("s")
                await until(pilot, lambda: bool(app.screen.query("#save-path")), "where to save")
                path = tmp_path / "long.txt"
                app.screen.query_one("#save-path", Input).value = str(path)
                await pilot.press("enter")
                await until(pilot, path.exists)
                await until(pilot, lambda: isinstance(app.screen, RecordScreen))
                assert path.read_text() == text, "all of it, though the page holds a million characters"
            else:
                await pilot.press("c", "c")
                await until(pilot, lambda text=text: app.clipboard == text, name)


@pytest.fixture
def owner_of_long(filled_url: PostgresUrl, moments: None) -> None:
    execute(filled_url, "UPDATE moments SET long = repeat('é', 1200000) WHERE id = 1")
