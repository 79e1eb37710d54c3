"""Schema and database compared where one looks at a table: on request, kept, cancelled by Esc, never in the way."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest
from engine_fixture import engine_folder  # noqa: F401
from textual.containers import VerticalScroll

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.structure.drift_screen import DriftScreen
from soundcheck.screens.app.structure.gap_pane import GapPane
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.stores.prisma.install import ENGINE_VARIABLE
from soundcheck.stores.resolver import Address, SystemResolver
from soundcheck.stores.services import Services
from tests.screens.app.driving import CountingDatabase, app_over, opened, screen_text, until

SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
model users {
  id        String   @id
  name      String?  @db.VarChar(100)
  nick      String?
  email     String   @unique @db.VarChar(255)
  password  String   @db.VarChar(255)
  avatar    String?
  createdAt DateTime @db.Timestamp(3)
}
"""


@pytest.fixture
def with_schema(services: Services, tmp_path: Path) -> Services:
    """The same tables, of which the schema wants one, and that one a little different."""
    schema = services.project.root / "prisma" / "schema.prisma"
    schema.parent.mkdir()
    schema.write_text(SCHEMA)
    return replace(
        services, project=replace(services.project, schema=schema), environ={"PATH": os.environ.get("PATH", "")}
    )


def page(app: SoundcheckApp) -> str:
    """All that the scrolled page holds."""
    return "\n".join(str(part.content) for part in app.screen.query("GapPane Static"))  # type: ignore[attr-defined]


@pytest.mark.usefixtures("engine_folder")
@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_d_says_what_a_push_would_do_to_this_table_and_asks_once(
    with_schema: Services, database: CountingDatabase, size: tuple[int, int]
) -> None:
    app = app_over(with_schema)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "d compares this table" in page(app))
        assert "Columns, 7" in "\n".join(str(part.content) for part in app.screen.query("#structure Static"))  # type: ignore[attr-defined]
        await pilot.press("d")
        await until(pilot, lambda: "2 differences" in page(app))
        text = page(app)
        assert "1 would be lost" in text
        assert "- drop column users.plays   lost; asked for as users.plays" in text
        assert "+ add column users.nick" in text
        assert 'ADD COLUMN     "nick"' in text
        assert "hostile" not in text, "other tables have their own page"
        assert "prisma/schema.prisma" in text
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, StructureScreen))
        with_schema.project.schema.write_text("")  # type: ignore[union-attr]
        with_schema.project.schema.write_text(SCHEMA)  # type: ignore[union-attr]
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "2 differences" in page(app))
        with_schema.project.schema.write_text(SCHEMA + "model more {\n  id Int @id\n}\n")  # type: ignore[union-attr]
        await pilot.press("escape", "t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "d compares this table" in page(app))


@pytest.mark.usefixtures("engine_folder")
async def test_the_whole_database_is_compared_and_copied(with_schema: Services) -> None:
    app = app_over(with_schema)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen))
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DriftScreen) and "2 differences" in page(app))
        text = page(app)
        assert "Would be lost" in text
        assert "· hostile" in text, "tables outside the schema stay"
        assert "Setup shows and pushes them" in text
        await pilot.press("c")
        await until(pilot, lambda: "add column users.nick" in app.clipboard)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen))


@pytest.mark.usefixtures("engine_folder")
async def test_with_migrations_push_does_nothing_and_the_difference_is_still_shown(with_schema: Services) -> None:
    migration = with_schema.project.root / "prisma" / "migrations" / "1_init" / "migration.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text("")
    app = app_over(with_schema)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: app.screen.query(GapPane))
        await pilot.press("d")
        await until(pilot, lambda: "push does nothing here" in page(app))
        assert "add column users.nick" in page(app)
        assert "npx prisma@6 migrate deploy" in page(app)


@pytest.mark.usefixtures("engine_folder")
async def test_a_project_without_a_schema_is_told_that_it_was_compared_with_another(with_schema: Services) -> None:
    app = app_over(replace(with_schema, project=replace(with_schema.project, schema=None)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DriftScreen) and "no Prisma schema" in page(app))
        assert "Against Soundcheck's own schema" in page(app)


async def test_without_the_engine_the_page_says_which_key_installs_it(
    with_schema: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, str(tmp_path / "no-engine"))
    app = app_over(with_schema)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: app.screen.query(GapPane))
        assert "Install engine" not in screen_text(app)
        await pilot.press("d")
        await until(pilot, lambda: "i installs it from npm" in page(app))
        await until(pilot, lambda: "Install engine" in screen_text(app))
        assert app.screen.query_one("#structure", VerticalScroll).children


class NeverAnswers(SystemResolver):
    """A lookup into a black hole, which says when it began."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.usefixtures("engine_folder")
async def test_escape_stops_a_comparison_that_hangs_and_stays_on_the_page(with_schema: Services) -> None:
    resolver = NeverAnswers()
    app = app_over(replace(with_schema, resolver=resolver))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: app.screen.query(GapPane))
        await pilot.press("d")
        await until(pilot, lambda: "esc Cancel" in page(app) and resolver.asked.is_set())
        await pilot.press("escape")
        await until(pilot, lambda: "Stopped." in page(app))
        assert isinstance(app.screen, StructureScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, StructureScreen))
