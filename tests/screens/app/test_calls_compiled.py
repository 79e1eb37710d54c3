"""Where the project has a generated client, the page of spellings says that it compiles the calls."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from backend_fixture import music_client  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.screens.app.sql.spelled_screen import SpellingBox
from soundcheck.stores.prisma.own_client import client_digest, note_own_client
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, until


async def test_the_calls_are_compiled_by_the_project_s_own_client(
    services: Services,
    music_client: Path,  # noqa: F811
) -> None:
    root = services.project.root
    shutil.copytree(music_client, root, dirs_exist_ok=True)
    here = replace(services, project=replace(services.project, schema=root / "prisma" / "schema.prisma"))
    note_own_client(here.project, root / "prisma_client", client_digest(root / "prisma_client"))
    app = app_over(here)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        calls = [box for box in app.screen.query(SpellingBox) if box.spelling.is_call]
        assert len(calls) == 3
        await until(pilot, lambda: all(str(box.border_subtitle) == "compiled by your client" for box in calls))
        others = [box for box in app.screen.query(SpellingBox) if not box.spelling.is_call]
        assert not any(box.border_subtitle for box in others)


async def test_a_client_that_somebody_else_wrote_waits_for_trust(
    services: Services,
    music_client: Path,  # noqa: F811
) -> None:
    root = services.project.root
    shutil.copytree(music_client, root, dirs_exist_ok=True)
    ran = root.parent / "ran"
    init = root / "prisma_client" / "__init__.py"
    init.write_text(f"open({str(ran)!r}, 'w')\n" + init.read_text())
    here = replace(services, project=replace(services.project, schema=root / "prisma" / "schema.prisma"))
    app = app_over(here)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        calls = [box for box in app.screen.query(SpellingBox) if box.spelling.is_call]
        await until(pilot, lambda: all(str(box.border_subtitle).startswith("not compiled: t ") for box in calls))
        await pilot.press("t")
        await until(pilot, lambda: "the generated client (prisma_client)" in screen_text(app))
        await pilot.press("enter")  # the cursor stands on no
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        assert not ran.exists()
        await pilot.press("t")
        await until(pilot, lambda: "the generated client (prisma_client)" in screen_text(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: all(str(box.border_subtitle) == "compiled by your client" for box in calls))
        assert ran.exists()


async def test_a_client_of_the_blocking_kind_is_called_without_await(
    services: Services,
    music_client: Path,  # noqa: F811
) -> None:
    """Its schema is newer than the client, so nothing is compiled, and that is no error."""
    root = services.project.root
    shutil.copytree(music_client, root, dirs_exist_ok=True)
    schema = root / "prisma" / "schema.prisma"
    schema.write_text(schema.read_text().replace('"asyncio"', '"sync"'))
    app = app_over(replace(services, project=replace(services.project, schema=schema)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        calls = [box.spelling.text for box in app.screen.query(SpellingBox) if box.spelling.is_call]
        assert [call.startswith("db.user.") for call in calls] == [True] * 3
