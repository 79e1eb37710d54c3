"""A key that holds personal data: masked in titles, where nobody can reveal it cell by cell."""

from __future__ import annotations

import psycopg

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.sql.spelled_screen import SpelledScreen
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, until


async def test_a_personal_key_is_masked_in_the_titles_that_tell_the_way(services: Services) -> None:
    assert services.database is not None
    with psycopg.connect(services.database.url.reveal(), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE contacts (email text, day date, note text, PRIMARY KEY (email, day));"
            "INSERT INTO contacts VALUES ('ana.ruiz@mail.example', '2026-01-02', 'hello')"
        )
    app = app_over(services, table="contacts")
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, focus=False)
        app.screen.query_one(Grid).focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        await until(pilot, lambda: "contacts › a•••@mail…, 2026-01-02" in screen_text(app))
        assert "ana.ruiz" not in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: "ana.ruiz@mail.example" in screen_text(app))
        assert "contacts › a•••@mail…, 2026-01-02" in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, SpelledScreen))
        assert "ana.ruiz" not in str(app.screen.query_one("#spellings").border_title)
