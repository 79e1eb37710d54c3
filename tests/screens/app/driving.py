"""Driving the app in a test: a clock that stands still, a database that counts, and waiting for the thing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from textual.app import App
from textual.pilot import Pilot

from soundcheck.checks.check import Check, Registry
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.start import Place, Start
from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.stores.postgres.database import Database, Rows
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
USERS = 330

TABLES = """
CREATE TABLE users (
    id text PRIMARY KEY, name varchar(100), email varchar(255) NOT NULL UNIQUE, password varchar(255) NOT NULL,
    avatar text, plays int, "createdAt" timestamp(3) NOT NULL
);
INSERT INTO users SELECT
    'cm' || lpad(i::text, 6, '0'),
    (ARRAY['Ana Ruiz', '李小龍', 'Zoë', '', NULL, 'NULL'])[1 + i % 6],
    'user' || i || '@mail.example', '$2b$12$hash-of-user-' || i,
    CASE WHEN i % 3 = 0 THEN '' END, i * 7,
    timestamp '2026-11-22 11:00' - i * interval '1 hour'
FROM generate_series(1, 330) i;
CREATE TABLE hostile (id int PRIMARY KEY, "[b]name[/b]" text, big text, meta jsonb);
INSERT INTO hostile VALUES
    (1, '[/foo]', repeat('x', 1000000), '{"mood": {"calm": [1, null]}}'),
    (2, '[b +', E'\\x1b[31mred\\x1b[0m\\x07', NULL),
    (3, '[red]x[/]', E'tab\\tand\\rreturn\\nline', '[]'),
    (4, E'\\u202Eabc', '👩‍🎤 李小龍 محمد', NULL);
CREATE TABLE user_settings (id text PRIMARY KEY, "userId" text);
INSERT INTO user_settings VALUES ('s1', 'cm000001');
CREATE TABLE empty (id int PRIMARY KEY, note text);
CREATE VIEW names AS SELECT name FROM users;
ANALYZE;
"""

THREE_SIZES = ((80, 24), (120, 40), (60, 20))
"""The smallest terminal that shows everything, a comfortable one, and a small window."""

at_three_sizes = pytest.mark.parametrize("size", THREE_SIZES)


def execute(url: PostgresUrl, statements: str) -> None:
    """Change the database beside the app."""
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute(statements.encode())


class FixedClock:
    """Time stands still unless a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.seconds


class CountingDatabase(Database):
    """The real one, which also remembers what it was asked."""

    def __init__(self, url: PostgresUrl) -> None:
        super().__init__(url, SystemResolver())
        self.asked: list[str] = []

    async def fetch(self, query: str, params: Any = (), **options: Any) -> Rows:
        self.asked.append(query)
        return await super().fetch(query, params, **options)

    def data_queries(self, table: str) -> list[str]:
        """Those that read rows of a table, not the catalog."""
        return [query for query in self.asked if f'"{table}"' in query]


def app_over(
    services: Services, place: Place = Place.TABLES, *, checks: Iterable[Check] = (), **start: Any
) -> SoundcheckApp:
    app = SoundcheckApp(services, Start(place, **start))
    app.registry = Registry(checks)
    app.animation_level = "none"
    return app


PATIENCE = 30
"""Seconds. Only a failure waits as long; a machine with other work on it is several times slower than alone."""


async def until(pilot: Pilot[Any], holds: Callable[[], object], what: str = "it") -> None:
    """Go on as soon as a condition holds; fail after `PATIENCE` seconds, with the screen.

    The app goes on by itself meanwhile. At most a quarter of the time is spent on looking.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        began = loop.time()
        if holds():
            break
        now = loop.time()
        if pilot.app._exception is not None:
            raise pilot.app._exception
        if now >= deadline:
            raise AssertionError(f"{what} did not happen within {PATIENCE} s; the screen:\n{screen_text(pilot.app)}")
        await asyncio.sleep(max(0.005, 3 * (now - began)))
    await pilot.pause()


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, as text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in lines[:height])


def grid_of(app: SoundcheckApp) -> Grid:
    return app.screen.query_one(Grid)


def pane_of(app: SoundcheckApp) -> GridPane:
    return app.screen.query_one(GridPane)


def is_asking(app: SoundcheckApp) -> bool:
    """Whether somebody waits for an answer: each question is asked by a worker."""
    return any(not worker.is_finished for worker in app.workers)


async def to_column(pilot: Pilot[Any], grid: Grid, name: str) -> None:
    """Press left or right until the cursor is there."""
    assert grid.column is not None
    there = [column.name for column in grid.columns].index(name)
    await pilot.press(*(["right" if there > grid.cursor_column else "left"] * abs(there - grid.cursor_column)))
    assert grid.column is not None
    assert grid.column.name == name


async def opened(pilot: Pilot[Any], app: SoundcheckApp, *, focus: bool = True) -> Grid:
    """The first table is open and has rows; its grid has the focus."""
    await until(pilot, lambda: app.screen.query(Grid) and len(grid_of(app).window), "rows")
    if focus:
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is grid_of(app), "focus")
        await until(pilot, lambda: len(grid_of(app).window), "rows")
    return grid_of(app)
