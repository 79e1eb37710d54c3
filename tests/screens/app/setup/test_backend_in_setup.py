"""Set-up in the app ends with the backend connected: the engine is offered, and Done shows the lines that were run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from backend_fixture import MakeBackend, backend, music_client, query_engine  # noqa: F401
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from textual.pilot import Pilot

from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.database_pane import DatabasePane
from soundcheck.screens.app.setup.done_pane import ClientBox, DonePane
from soundcheck.stores.prisma.query_engine import QueryEngine
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath, StepId
from tests.screens.app.setup.conftest import app_at_setup, at_step, pane, screen_text, setup_screen, until

pytestmark = pytest.mark.usefixtures("engine_folder")


async def opened(pilot: Pilot[None], services: Services, step: StepId) -> None:
    """The step's pane, once it has looked."""
    await at_step(pilot, StepId.WELCOME)
    state = SetupState(services, Session(path=SetupPath.CREDENTIALS), FoundCredentials()).holding(services.credentials)
    await setup_screen(pilot.app).open(step, state)
    await until(pilot, lambda: not pane(pilot.app).busy, "the look")


@pytest.mark.parametrize("agreed", [True, False])
async def test_the_engine_is_offered_and_put_there_only_with_consent(
    backend: MakeBackend,  # noqa: F811
    query_engine: QueryEngine,  # noqa: F811
    agreed: bool,
) -> None:
    services = backend()
    services.project.env_file.write_text("OTHER=1\n")
    app = app_at_setup(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, services, StepId.DATABASE)
        found = pane(app)
        assert isinstance(found, DatabasePane)
        offer = "[✓] Let the backend's client find a query engine"
        await until(pilot, lambda: found.ready and offer in screen_text(app), "the offer")
        box = found.query_one("#consent-engine", ConsentBox)
        shown = found.query_one("#about-engine", HangingText).plain  # its paths may be long, and wrap
        assert "+ PRISMA_QUERY_ENGINE_BINARY=" in shown
        assert "doctor --undo client.engine" in shown
        if not agreed:
            box.focus()
            await pilot.press("space")
            await until(pilot, lambda: app.focused is box)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: found.next_label == "Next" and found.ready, "the push")
    line = f'PRISMA_QUERY_ENGINE_BINARY="{query_engine.launcher}"\n'
    assert services.project.env_file.read_text() == "OTHER=1\n" + line * agreed


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_done_shows_the_lines_that_were_run_and_copies_them(
    backend: MakeBackend,  # noqa: F811
    query_engine: QueryEngine,  # noqa: F811
    size: tuple[int, int],
) -> None:
    services = backend(query_engine.environ())
    app = app_at_setup(services)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, services, StepId.DONE)
        found = pane(app)
        assert isinstance(found, DonePane)
        box = found.query_one(ClientBox)
        await until(pilot, lambda: box.display and str(box.content), "the lines")
        told = str(box.content).splitlines()
        assert told[0] == "import asyncio, prisma_client"
        assert told[-1] == "→ 0 users"
        box.focus()
        await until(pilot, lambda: "c Copy" in screen_text(app), "the key")
        await pilot.press("c")
        await until(pilot, lambda: bool(app.clipboard), "the copy")
        assert app.clipboard == "\n".join(told[:-1]) + "\n"
        compile(app.clipboard, "copied", "exec")


async def test_done_says_what_the_backend_lacks(backend: MakeBackend) -> None:  # noqa: F811
    services = backend(with_prisma=False)
    app = app_at_setup(replace(services))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, services, StepId.DONE)
        await until(pilot, lambda: "pip install prisma==0.15.0" in screen_text(app), "the line to type")
        await until(pilot, lambda: "lacks httpx" in screen_text(app), "what is missing")
        assert not pane(app).query_one(ClientBox).display
