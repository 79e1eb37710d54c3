"""How the app begins: after the first frame, what the tables need is asked for while their screen is imported.

What nobody waits for then, as the cache's figures, waits until the rows are there.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundcheck.screens.app.asked_ahead import AskedAhead
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.start import Place

if TYPE_CHECKING:
    from soundcheck.screens.app.session_stores import SessionStores
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.catalog.tables import Catalog
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.rows.relations import Relations
    from soundcheck.stores.services import Services

_AT_LAST: Final = 3.0
"""Seconds after which the app has begun, whatever became of the rows."""

_SCREEN: Final = "soundcheck.screens.app.tables.screen"


class Beginning:
    """Opens the first place, unless a key was quicker."""

    def __init__(self, app: Shell, stores: SessionStores) -> None:
        self._app = app
        self._stores = stores
        self._over = asyncio.Event()
        self._tables: AskedAhead[Catalog] | None = None
        self._relations: AskedAhead[Relations] | None = None

    def begin(self) -> None:
        """Ask for the project, where it has to be asked, or open the place."""
        app = self._app
        later.run(app, self._tidy, "Taking away what a kill has left")
        if app.start.ask_project:
            from soundcheck.screens.app.project_question import ProjectQuestion

            later.ask(app, ProjectQuestion(app.services.project.root), self._use_project)
        elif app.start.place is Place.TABLES and app.services.credentials.has_database:
            app.watch(app, "services", self._ask_ahead)
            later.run(app, self._open_tables, "Opening the tables")
        else:
            self._open(app.start.place)

    async def _open_tables(self) -> None:
        """The driver first, so that the server is at work while the screen is imported."""
        from soundcheck.screens.app.clients import import_driver

        await asyncio.to_thread(import_driver)
        self._stores.open()
        await asyncio.to_thread(importlib.import_module, _SCREEN)
        self._open(Place.TABLES)

    def _open(self, place: Place) -> None:
        if self._app.current_mode == self._app.DEFAULT_MODE:
            self._app.switch_mode(place)

    def _use_project(self, root: Path | None) -> None:
        """Work on this project from now on; without one, leave."""
        from soundcheck.screens.opening import start_services

        if root is None:
            self._app.exit()
            return
        self._app.services, finished = start_services(root, self._app.services.environ)
        self._app.switch_mode(Place.TABLES if finished else Place.SETUP)

    # ── the tables ──

    def _ask_ahead(self, services: Services) -> None:
        """Ask once, as soon as there is whom to ask; each of the two opens a connection, which the pages then have."""
        database = services.database
        if database is None or self._tables is not None or self._over.is_set():
            return
        from soundcheck.stores.catalog.tables import load_catalog
        from soundcheck.stores.rows.relations import load_relations

        self._tables = AskedAhead(self._app, database, load_catalog)
        self._relations = AskedAhead(self._app, database, load_relations)

    async def catalog(self, database: Database) -> Catalog:
        """The tables: those that were asked for ahead, else asked for now. Raises `DatabaseProblem`."""
        from soundcheck.stores.catalog.tables import load_catalog

        ahead = self._tables
        return await (ahead.taken(database, load_catalog) if ahead is not None else load_catalog(database))

    async def relations(self, database: Database) -> Relations:
        """The same for how they refer to each other."""
        from soundcheck.stores.rows.relations import load_relations

        ahead = self._relations
        return await (ahead.taken(database, load_relations) if ahead is not None else load_relations(database))

    # ── what waits ──

    async def _tidy(self) -> None:
        await self.over()
        from soundcheck.stores.project.leftovers import sweep_leftovers

        await asyncio.to_thread(sweep_leftovers, self._app.services.project)

    def end(self) -> None:
        """What the app opened with is on the screen, or why it is not."""
        self._over.set()
        if not gc.isenabled():
            gc.freeze()  # what a start makes stays: no later search for garbage goes through it
            gc.enable()

    async def over(self) -> None:
        """Until then, or for `_AT_LAST` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), _AT_LAST)
