"""The relations as a diagram to walk about in: from the live keys, opened from rows and structure, copied two ways."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.diagram.screen import DiagramScreen
from soundcheck.screens.app.diagram.view import ArrowKey, DiagramView, nearest
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.screens.app.tables.related_screen import RelatedScreen
from soundcheck.stores.diagram.layout import Box
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    THREE_SIZES,
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    opened,
    screen_text,
    until,
)

KEYS = """
CREATE TABLE sessions (
    id text PRIMARY KEY, "hostId" text REFERENCES users ON DELETE CASCADE, parent text REFERENCES sessions
);
CREATE TABLE chat_messages (
    id text PRIMARY KEY, "sessionId" text NOT NULL REFERENCES sessions, "userId" text REFERENCES users
);
CREATE TABLE "[/foo]" (a int, b int, "user" text REFERENCES users, PRIMARY KEY (a, b));
ANALYZE;
"""


@pytest.fixture
def related(services: Services, filled_url: PostgresUrl) -> Services:
    execute(filled_url, KEYS)
    return services


def chosen(app: SoundcheckApp) -> str | None:
    found = app.screen.query_one(DiagramView).chosen
    return found[1] if found else None


async def test_m_draws_the_open_table_between_its_neighbours(related: Services, database: CountingDatabase) -> None:
    app = app_over(related)
    async with app.run_test(size=THREE_SIZES[0]) as pilot:
        grid = await opened(pilot, app)
        for size in THREE_SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            before = len(database.asked)
            await pilot.press("m")
            await until(pilot, lambda: isinstance(app.screen, DiagramScreen) and "╭ users" in screen_text(app))
            assert len(database.asked) == before + 1, "the foreign keys alone"
            assert chosen(app) == "users"
            assert "◄" in screen_text(app)
            assert "hostId" in screen_text(app)
            await pilot.press("right")
            await until(pilot, lambda: chosen(app) != "users")
            await pilot.press("left")
            await until(pilot, lambda: chosen(app) == "users")
            await pilot.press("escape")
            await until(pilot, lambda: app.focused is grid)


async def test_the_whole_schema_is_walked_and_a_table_opens_from_it(related: Services) -> None:
    app = app_over(related)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, DiagramScreen) and chosen(app) == "users")
        await pilot.press("a")
        await until(pilot, lambda: "All tables and their relations" in screen_text(app))
        await pilot.press("end")
        await until(pilot, lambda: chosen(app) == "user_settings", "the last of those without relations")
        await until(pilot, lambda: "Without relations" in screen_text(app))
        await pilot.press("home", "right", "right")
        await until(pilot, lambda: chosen(app) == "chat_messages")
        await pilot.press("space")
        await until(pilot, lambda: "chat_messages and its neighbours" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "All tables" in screen_text(app) and chosen(app) == "chat_messages")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "sessionId" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DiagramScreen))
        await pilot.press("left")
        await until(pilot, lambda: chosen(app) != "chat_messages")
        name = chosen(app)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, RelatedScreen) and grid_of(app).columns)
        assert app.screen.pane.table.name == name  # type: ignore[attr-defined]
        await pilot.press("escape", "escape", "escape", "escape")
        await until(pilot, lambda: not isinstance(app.screen, DiagramScreen))


async def test_the_drawing_is_copied_as_text_and_as_mermaid(related: Services) -> None:
    app = app_over(related)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "Columns" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, DiagramScreen) and chosen(app) == "users")
        await pilot.press("c")
        await until(pilot, lambda: "◄" in app.clipboard and "[/foo]" in app.clipboard)
        await pilot.press("M")
        await until(pilot, lambda: app.clipboard.startswith("erDiagram\n"))
        assert 'users |o--o{ sessions : "hostId"' in app.clipboard
        assert '["[/foo]"]' in app.clipboard
        assert "hostile" not in app.clipboard, "no neighbour"


async def test_a_database_that_is_gone_is_said_and_asked_again(related: Services) -> None:
    app = app_over(related)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert related.database is not None
        app.set_reactive(SoundcheckApp.services, replace(related, database=_nowhere(related)))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, DiagramScreen) and "Try again" in screen_text(app))
        app.set_reactive(SoundcheckApp.services, related)
        await pilot.press("r")
        await until(pilot, lambda: "╭ users" in screen_text(app))
        await app.services.close()


def _nowhere(services: Services) -> CountingDatabase:
    assert services.credentials.database_url is not None
    return CountingDatabase(replace(services.credentials.database_url, database="no_such_database"))


def test_an_arrow_leads_to_the_nearest_box_of_its_direction() -> None:
    boxes = [Box(("public", str(n)), x, y, 10, 3) for n, (x, y) in enumerate([(0, 0), (20, 0), (20, 8), (40, 4)])]
    assert nearest(boxes, 0, ArrowKey.RIGHT) == 1
    assert nearest(boxes, 1, ArrowKey.DOWN) == 2
    assert nearest(boxes, 2, ArrowKey.RIGHT) == 3
    assert nearest(boxes, 3, ArrowKey.LEFT) in {1, 2}
    assert nearest(boxes, 0, ArrowKey.LEFT) == 0
    assert nearest(boxes, 0, ArrowKey.UP) == 0
