"""Keys that come in one burst, as over a slow line, all count and go where the first of them leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.keys.screen import KeysScreen
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.relation.leads_to import LeadRow
from soundcheck.stores.services import Services
from tests.screens.app.driving import CountingDatabase, app_over, execute, grid_of, opened, pane_of, until

WIDE = """
CREATE TABLE wide (id int PRIMARY KEY, c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, c7 text, c8 text, c9 text);
INSERT INTO wide (id) SELECT g FROM generate_series(1, 200) g;
CREATE TABLE points (id int PRIMARY KEY, wide int REFERENCES wide);
"""


def burst(app: SoundcheckApp, keys: str) -> None:
    """All at once; a word of several letters is a key's name, `"text"` is typed letter by letter."""
    for word in keys.split():
        names = list(word[1:-1]) if word.startswith('"') else [word]
        for name in names:
            app.post_message(events.Key(name, name if len(name) == 1 else None))


def typed(selector: str) -> Callable[[SoundcheckApp], object]:
    def value(app: SoundcheckApp) -> object:
        found = app.screen.query(selector)
        return found.first(Input).value if found else None

    return value


def row(app: SoundcheckApp) -> object:
    here = grid_of(app).row if not isinstance(app.screen, RecordScreen) else None
    return here.values[0] if here else None


def line(app: SoundcheckApp) -> object:
    return app.focused.field.column.name if isinstance(app.focused, FieldRow) else type(app.focused).__name__


BURSTS: list[tuple[str, str, Callable[[SoundcheckApp], object], object]] = [
    ("list", 'slash "tabt"', typed("#find"), "tabt"),
    ("list", "enter down down", row, 3),
    ("list", "enter down down enter down down", line, "c2"),
    ("grid", 'slash "12"', typed("#filter-value"), "12"),
    ("grid", 'slash "12" enter', lambda app: len(grid_of(app).window) == 1 and row(app), 12),
    ("grid", 'ctrl+f "nts"', typed("#filter-value"), "nts"),
    ("grid", 'g "150" enter', row, 150),
    ("grid", "down down down down down down down down", row, 9),
    ("grid", "end up up", row, 198),
    ("grid", "down down enter down down down down down down down down", line, "c8"),
    ("record", "down down down down down down down down", line, "c8"),
    ("record", "end", line, "LeadRow"),
    ("record", "end up up", line, "c8"),
    ("record", "pagedown home down", line, "c1"),
    ("record", "tab shift+tab down down", line, "c2"),
    ("list", '3 b slash "user"', typed("#prefix"), "user"),
]


@pytest.mark.parametrize(("start", "keys", "found", "expected"), BURSTS, ids=[f"{one[0]}: {one[1]}" for one in BURSTS])
async def test_every_key_counts_and_goes_where_the_first_one_leads(
    cached_services: Services,
    database: CountingDatabase,
    start: str,
    keys: str,
    found: Callable[[SoundcheckApp], object],
    expected: object,
) -> None:
    execute(database.url, WIDE)
    app = app_over(cached_services, table="wide")
    async with app.run_test(size=(100, 30)) as pilot:
        await begun(pilot, app, start)
        burst(app, keys)
        await until(pilot, lambda: found(app) == expected, f"{expected!r}, not {found(app)!r}")


async def begun(pilot: Pilot[Any], app: SoundcheckApp, start: str) -> None:
    await opened(pilot, app, focus=False)
    await until(pilot, lambda: app.focused is grid_of(app), "the grid")
    if start == "list":
        await pilot.press("escape")
    elif start == "record":
        await pilot.press("enter")
        await until(pilot, lambda: line(app) == "id" and app.screen.query(LeadRow), "the row")


async def test_escape_never_waits_for_what_comes_before_it(services: Services, database: CountingDatabase) -> None:
    execute(database.url, WIDE)
    app = app_over(services, table="wide")
    async with app.run_test(size=(100, 30)) as pilot:
        await begun(pilot, app, "grid")
        burst(app, "down escape")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "list", "the list")
        assert not isinstance(app.screen, KeysScreen)
        assert pane_of(app).grid.cursor_row == 1
