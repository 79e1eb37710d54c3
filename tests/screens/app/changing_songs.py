"""A table that somebody else changes while the app is open, and the ways by which a user comes back to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.coming_back import AT_MOST_EVERY
from soundcheck.screens.app.tables.table_list import TableList
from tests.screens.app.driving import FixedClock, grid_of, is_asking, opened, screen_text, until

SONGS = """
CREATE TYPE mood AS ENUM ('calm', 'loud');
CREATE TABLE songs (id int PRIMARY KEY, title text, plays int NOT NULL, mood mood, gone text);
INSERT INTO songs SELECT g, 'song ' || g, g % 7, 'calm', 'x' FROM generate_series(1, 120) g;
CREATE INDEX songs_plays ON songs (plays);
ANALYZE songs;
"""

Return = Callable[[Pilot[None], SoundcheckApp], Awaitable[None]]


async def by_the_refresh_key(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await pilot.press("ctrl+r")


async def by_the_list(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(app.focused, TableList))
    await pilot.press("ctrl+r")


def a_minute_later(app: SoundcheckApp) -> None:
    """Coming back reads again at most once a minute."""
    clock = app.services.clock
    assert isinstance(clock, FixedClock)
    clock.seconds += AT_MOST_EVERY


async def by_the_terminal(pilot: Pilot[None], app: SoundcheckApp) -> None:
    a_minute_later(app)
    app.app_focus = False
    await pilot.pause()
    app.app_focus = True


async def by_the_place(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await pilot.press("4")
    await until(pilot, lambda: app.current_mode == "checks")
    a_minute_later(app)
    await pilot.press("2")


async def ready(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await opened(pilot, app, focus=False)
    await until(pilot, lambda: app.focused is grid_of(app), "focus")
    await settled(pilot, app)


async def settled(pilot: Pilot[None], app: SoundcheckApp) -> None:
    await until(pilot, lambda: not is_asking(app), "all answers")


def is_said(app: SoundcheckApp, words: str) -> bool:
    return words in " ".join(screen_text(app).replace("│", " ").split())
