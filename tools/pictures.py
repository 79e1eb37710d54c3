"""Draw the README's pictures from the running app: `make pictures`.

Starts a local stack in a temporary folder, walks through set-up, fills the tables with sample data, and exports every
screen as SVG to docs/pictures. Needs no account and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.start import Place, Start
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.project.project import HOME_VARIABLE, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.progress import silent
from soundcheck.wizard.seed.fill import fill
from soundcheck.wizard.seed.plan import SeedPlan
from soundcheck.wizard.step import StepId

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (100, 30)
PATIENCE = 60.0
"""Seconds to wait for a screen to be ready."""


def text_of(app: SoundcheckApp) -> str:
    """What stands on the screen."""
    return "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], app: SoundcheckApp, ready: Callable[[str], bool], what: str) -> None:
    """Wait until the screen is as it should be."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not ready(text_of(app)):
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"{what} did not appear:\n{text_of(app)}")
        await pilot.pause(0.05)
    await pilot.pause(0.4)


def keep(app: SoundcheckApp, name: str, temporary: Path) -> None:
    """Write the screen as a picture, without this machine's folders."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    svg = app.export_screenshot(title="Soundcheck").replace(str(temporary), "~")
    (PICTURES / f"{name}.svg").write_text(svg, "utf-8")
    sys.stdout.write(f"docs/pictures/{name}.svg\n")


async def set_up(services: Services, temporary: Path) -> None:
    """The eight steps on the local stack, a picture of each; and the two that only others see."""
    app = SoundcheckApp(services, Start(Place.SETUP))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, app, lambda s: "How do you want to start?" in s, "Welcome")
        keep(app, "welcome", temporary)
        await pilot.press("down", "down", "enter")
        await until(pilot, app, lambda s: "music-streaming-app" in s, "Accounts")
        keep(app, "accounts", temporary)
        await pilot.press("ctrl+n")
        await until(pilot, app, lambda s: "Paste" in s, "Credentials")
        block = await local_block(services)
        from textual.events import Paste

        app.screen.post_message(Paste(block))
        if app.focused is not None:
            app.focused.post_message(Paste(block))
        await until(pilot, app, lambda s: "write, read" in s, "the layers")
        await until(pilot, app, lambda s: "✓ write, read" in s, "the cache")
        keep(app, "credentials", temporary)
        for step, ready, name in (
            (StepId.ENV, "Write backend/.env", "env"),
            (StepId.DATABASE, "Generate and push", "database"),
        ):
            await pilot.press("ctrl+n")
            await until(pilot, app, lambda s, ready=ready: ready in s, step)  # type: ignore[misc]
            keep(app, name, temporary)
        await pilot.press("ctrl+n")
        await until(pilot, app, lambda s: "✓ prisma db push" in s, "the push")
        await pilot.press("ctrl+n")
        await until(pilot, app, lambda s: "All tests passed!" in s, "the connection test")
        keep(app, "connection", temporary)
        await pilot.press("ctrl+n")
        await until(pilot, app, lambda s: "Redis caching is ready!" in s, "the cache test")
        keep(app, "cache-test", temporary)
        await pilot.press("ctrl+n")
        await until(pilot, app, lambda s: "The browser shows the tables" in s, "Done")
        keep(app, "done", temporary)


async def local_block(services: Services) -> str:
    """What a person would paste."""
    credentials = LocalStack(services.project.local).credentials()
    assert credentials is not None
    return "\n".join(f'{name}="{value.reveal()}"' for name, value in credentials.as_env().items())


async def console(services: Services, temporary: Path) -> None:
    """The tables, one record, the cache and the checks."""
    cache = services.using(services.credentials).cache
    assert cache is not None
    for number in range(40):
        await cache.command("SET", f"user:seed_user_{number:06d}", '{"v":1,"data":{"name":"Ana"}}', "EX", 300)
        await cache.command("GET", f"user:seed_user_{number:06d}")
    await cache.close()
    app = SoundcheckApp(services, Start(Place.TABLES, table="users"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, app, lambda s: "seed_user_000" in s or "seed_u" in s, "the rows")
        await pilot.press("down", "down")
        keep(app, "tables", temporary)
        await pilot.press("m")
        await until(pilot, app, lambda s: "its neighbours" in s and "◄" in s, "the diagram")
        keep(app, "diagram", temporary)
        await pilot.press("escape")
        await until(pilot, app, lambda s: "seed_u" in s, "the rows")
        await pilot.press("enter")
        await until(pilot, app, lambda s: "user:" in s, "the record")
        keep(app, "record", temporary)
        await pilot.press("escape", "3")
        await until(pilot, app, lambda s: "Applications" in s and "Hit rate" in s, "the cache")
        await pilot.pause(3)
        keep(app, "cache", temporary)
        await pilot.press("b")
        await until(pilot, app, lambda s: "user:" in s, "the keys")
        keep(app, "keys", temporary)
        await pilot.press("escape", "4")
        await until(pilot, app, lambda s: "machine 6/6" in s, "the verdict")
        keep(app, "checks", temporary)


async def draw(temporary: Path) -> None:
    """Everything, on a stack of its own."""
    root = temporary / "music-streaming-app"
    (root / "backend").mkdir(parents=True)
    project = open_project(root)
    services = Services(project, SystemClock(), SystemResolver(), environ=dict(os.environ))
    stack = LocalStack(project.local)
    status = await stack.up()
    try:
        assert status.credentials is not None
        await set_up(services, temporary)
        filled = replace(services, project=open_project(root), credentials=Credentials()).using(status.credentials)
        assert filled.database is not None
        await fill(filled.database, SeedPlan.of(300, 1, filled.clock.now()), silent)
        await filled.close()
        await console(replace(filled, database=None, cache=None), temporary)
    finally:
        await stack.down()


def main() -> None:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        os.environ[HOME_VARIABLE] = str(Path(folder) / "home")
        asyncio.run(draw(Path(folder)))


if __name__ == "__main__":
    main()
