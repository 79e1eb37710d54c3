"""A few pictures that somebody looked at; fixed rows, a fixed clock, no timings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.cache_reading import CacheReading
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.start import Place
from soundcheck.stores import amounts
from soundcheck.stores.cache.measured.applications import Applications, observed
from soundcheck.stores.cache.measured.counters import PrefixCounts
from soundcheck.stores.cache.measured.publication import Publication
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.statistics import CacheSnapshot
from tests.screens.app.driving import NOW, app_over, until
from tests.screens.app.test_checks_screen import FILES, PING, WRITE

Compare = Callable[..., bool]


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The same picture on every machine: no durations, and a project of a fixed name."""
    monkeypatch.setattr(amounts, "milliseconds", lambda _duration: "9 ms")
    root = tmp_path / "music-streaming-app"
    root.mkdir()
    return replace(services, project=replace(services.project, root=root))


SERVER: Any = {"server": "Valkey", "version": "9.1.2", "is_upstash": False}


def look(rate: float, operations: float) -> CacheSnapshot:
    return CacheSnapshot(
        rate, 84, 16, operations, 1.0, 8120, 12_400_000, 256_000_000, 0, 12, 6, 212, "Valkey", "9.1.2", False
    )


READING = CacheReading(every=15)
for _step in range(24):
    READING = READING.with_look(look(0.6 + 0.012 * _step, 90 + 37 * _step % 211), 15.0 * _step)


def reporting() -> Applications:
    """One application, and its last half minute."""
    counts = (
        PrefixCounts("user:{id}", 4700, 3300, 900, 280, 90, 4, drops=300, keys=2400),
        PrefixCounts("user:{id}:recent", 500, 300, 1500, 30, keys=1200),
        PrefixCounts("search:{query}", 200, 300, 400, keys=900),
    )
    first = Publication("music-api", "web-1", NOW, NOW - timedelta(hours=1), 30.0, (), note="REST is faster here.")
    missed = (("search:#77ab01ce", 9), ("user:7:recent", 4))
    later = replace(first, at=NOW + timedelta(seconds=30), prefixes=counts, missed=missed)
    return Applications((observed(later, observed(first, None, NOW), later.at),), 1)


async def rows_are_there(pilot: Pilot[Any]) -> None:
    app = pilot.app
    await until(pilot, lambda: app.screen.query(Grid) and len(app.screen.query_one(Grid).window))
    assert isinstance(app, SoundcheckApp)
    app.reading = READING
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (56, 20)])
def test_tables(services: Services, snap_compare: Compare, size: tuple[int, int]) -> None:
    async def open_users(pilot: Pilot[Any]) -> None:
        await rows_are_there(pilot)
        await pilot.press("enter", "down", "down", "right")
        await until(pilot, lambda: pilot.app.screen.query_one(Grid).cursor_row == 2)

    assert snap_compare(app_over(services), terminal_size=size, run_before=open_users)


def test_record(services: Services, snap_compare: Compare) -> None:
    async def open_record(pilot: Pilot[Any]) -> None:
        await rows_are_there(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: len(pilot.app.screen.query_one(Grid).window))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, FieldRow))
        await pilot.press("down", "down")

    assert snap_compare(app_over(services), terminal_size=(100, 24), run_before=open_record)


def test_cache(services: Services, snap_compare: Compare) -> None:
    async def show(pilot: Pilot[Any]) -> None:
        assert isinstance(pilot.app, SoundcheckApp)
        await pilot.pause()
        pilot.app.reading = READING.with_applications(reporting(), 2.25)
        await pilot.pause()

    assert snap_compare(app_over(services, Place.CACHE), terminal_size=(100, 36), run_before=show)


def test_checks(services: Services, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _count: "c0ffee")

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: all(row.outcome for row in pilot.app.screen.query(CheckRow)))
        await until(pilot, lambda: "c0ffee" in str(pilot.app.screen.query_one("#verdict").border_subtitle))

    app = app_over(services, Place.CHECKS, checks=[FILES, PING, WRITE])
    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


def test_the_light_theme_with_help(services: Services, snap_compare: Compare) -> None:
    async def explain(pilot: Pilot[Any]) -> None:
        pilot.app.theme = "soundcheck-light"
        await rows_are_there(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: pilot.app.screen.is_modal)

    assert snap_compare(app_over(services), terminal_size=(100, 36), run_before=explain)
