"""The column `cache` of the grid: one pipeline for the rows in sight, nothing on a cursor move, nothing when hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import redis

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.record.copy_row import CopyRow
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, opened, pane_of, screen_text, until


@pytest.fixture
def server(rest: Rest) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        yield client


def reads(server: redis.Redis) -> int:
    return int(server.info("commandstats").get("cmdstat_get", {}).get("calls", 0))


async def test_the_rows_in_sight_are_asked_once_and_a_cursor_move_asks_nothing(
    cached_services: Services, server: redis.Redis
) -> None:
    server.set("user:cm000001", json.dumps({"id": "cm000001", "name": "Oto"}), ex=60)
    server.set("user:cm000002", json.dumps({"id": "cm000002", "plays": 14}), ex=60)
    server.set("user:cm000003", "[/foo", ex=60)
    app = app_over(cached_services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        before = reads(server)
        await pilot.press("C")
        await until(pilot, lambda: "✗ STALE" in screen_text(app))
        lines = screen_text(app).splitlines()
        assert any("cm000001" in line and line.rstrip(" │").endswith("✗ STALE") for line in lines)
        assert any("cm000002" in line and line.rstrip(" │").endswith("✓ fresh") for line in lines)
        assert any("cm000003" in line and line.rstrip(" │").endswith("! no JSON") for line in lines)
        assert any("cm000004" in line and line.rstrip(" │").endswith("—") for line in lines)
        first, end = grid.visible_rows
        column = pane_of(app).opened.cache
        await until(pilot, lambda: reads(server) - before >= end - first)
        asked = reads(server) - before
        assert column.spent == asked * 2
        await until(pilot, lambda: "commands used" in screen_text(app))
        await pilot.press("down", "right", "up")
        await pilot.press("pagedown")
        await until(pilot, lambda: reads(server) - before > asked)
        assert reads(server) - before <= 2 * (end - first) + 4
        await pilot.press("home")
        await until(pilot, lambda: "✗ STALE" in screen_text(app))
        again = reads(server)
        await pilot.press("C")
        await until(pilot, lambda: "✗ STALE" not in screen_text(app))
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: grid.cursor_row > 40)
        assert not column.is_on
        assert reads(server) == again


async def test_a_row_that_was_open_is_asked_again(cached_services: Services, server: redis.Redis) -> None:
    server.set("user:cm000001", json.dumps({"id": "cm000001", "plays": 7}), ex=60)
    app = app_over(cached_services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("C")
        await until(pilot, lambda: "✓ fresh" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(CopyRow))
        server.delete("user:cm000001")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.query(GridPane) and "commands used" in screen_text(app))
        await until(pilot, lambda: "✓ fresh" not in screen_text(app) and " · " not in first_line(app), "the new answer")


def first_line(app: SoundcheckApp) -> str:
    return next(line for line in screen_text(app).splitlines() if "cm000001" in line)


async def test_a_table_without_keys_has_no_column_and_says_so(cached_services: Services) -> None:
    app = app_over(cached_services, table="hostile")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        grid.focus()
        await pilot.press("C")
        await until(pilot, lambda: "No cache key holds rows of this table." in screen_text(app))


async def test_another_table_begins_without_the_column(cached_services: Services, server: redis.Redis) -> None:
    app = app_over(cached_services, Place.TABLES)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("C")
        column = pane_of(app).opened.cache
        await until(pilot, lambda: column.spent)
        await pilot.press("escape", "up", "enter")
        await until(pilot, lambda: not column.is_on)


async def test_without_a_cache_it_says_what_to_do(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("C")
        await until(pilot, lambda: "The cache is not set up: press 1" in screen_text(app))


@pytest.mark.parametrize("lines", ["UPSTASH_REDIS_REST_URL=https://a-1.upstash.io\n", 'A="unclosed\n'])
async def test_a_cache_whose_values_are_there_is_never_called_not_set_up(services: Services, lines: str) -> None:
    """Half of them, or a file that cannot be read: in the header, the column, a record, and the place itself."""
    services.project.env_file.write_text(lines)
    app = app_over(services)
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "cache: cannot be used" in screen_text(app), "the header")
        await pilot.press("C")
        await until(pilot, lambda: "The cache cannot be used: " in screen_text(app), "the column")
        assert "not set up" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "— the cache cannot be used" in screen_text(app), "the record")
        assert "not set up" not in screen_text(app)
        await pilot.press("3")
        await until(pilot, lambda: "! The cache cannot be used" in screen_text(app), "the place")
        assert "not set up" not in screen_text(app).lower()
