"""The record: every column whole, masked until asked, and its copies in the cache."""

from __future__ import annotations

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.record.value_screen import ValueView
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, execute, opened, screen_text, until


async def test_a_hostile_record_opens_and_its_megabyte_scrolls(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, focus=False)
        app.screen.query_one(Grid).focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        text = screen_text(app)
        assert "[/foo]" in text
        assert "1,000,000" in text
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: '"mood": {' in screen_text(app))
        await pilot.press("up", "enter")
        await until(pilot, lambda: isinstance(app.focused, ValueView))
        view = app.focused
        assert isinstance(view, ValueView)
        await until(pilot, lambda: view.virtual_size.height > 10_000)
        await pilot.press("end")
        await until(pilot, lambda: view.scroll_y > 10_000)
        await until(pilot, lambda: "xxxx" in screen_text(app))


async def test_the_record_reveals_cell_by_cell_and_escape_leads_back_to_the_row(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        assert isinstance(app.screen, RecordScreen)
        assert "$2b$12$" not in screen_text(app)
        await until(pilot, lambda: "2026-11-22 09:00:00" in screen_text(app))
        await until(pilot, lambda: "cache is not set up" in screen_text(app))
        await pilot.press("down", "down", "r")
        await until(pilot, lambda: "user2@mail.example" in screen_text(app))
        assert "$2b$12$" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, RecordScreen))
        assert grid.cursor_row == 1
        await until(pilot, lambda: app.focused is grid)


async def test_a_row_that_was_deleted_meanwhile_is_said_to_be_gone(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert services.database is not None
        execute(services.database.url, "DELETE FROM users WHERE id = 'cm000001'")
        await pilot.press("enter")
        await until(pilot, lambda: "not there any more" in screen_text(app))


async def test_cached_copies_show_what_is_there_and_how_long_it_lives(cached_services: Services, rest: Rest) -> None:
    import redis

    with redis.Redis.from_url(rest.redis_url.reveal()) as client:
        client.set("user:cm000001", "{}", ex=3000)
    app = app_over(cached_services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "• cached" in screen_text(app))
        assert "user:cm000001" in screen_text(app)
        assert "expires in 49:" in screen_text(app) or "expires in 50:00" in screen_text(app)
        with redis.Redis.from_url(rest.redis_url.reveal()) as client:
            client.delete("user:cm000001")
        await pilot.press("u")
        await until(pilot, lambda: "• cached" not in screen_text(app))
        assert "— not cached" in screen_text(app)
