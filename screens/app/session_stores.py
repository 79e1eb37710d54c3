"""The clients of a session: opened after the first frame, renewed when an address moved, closed at the end."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from soundcheck.screens.app.parts import later
from soundcheck.stores.errors import SoundcheckError

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.credentials import Credentials
    from soundcheck.stores.services import Services

_GOODBYE: Final = 0.5
"""Seconds that leaving may wait for open connections."""


class SessionStores:
    """Puts clients into the app's services. Those that the app was given are closed by whoever made them."""

    def __init__(self, app: Shell) -> None:
        self._app = app
        self._opened: list[Services] = []

    def open(self) -> None:
        """Open what is missing; our own stack is started first. What goes wrong stands in the banner."""
        later.run(self._app, self._open, "Opening the stores", group="clients", exclusive=True)

    async def _open(self) -> None:
        from soundcheck.screens.app.clients import open_clients

        known = self._app.services
        try:
            opened = await open_clients(known, self._say_started)
        except SoundcheckError as problem:
            self._app.banner = problem.message
            return
        if opened is not known:
            self._use(opened)

    async def renew(self) -> bool:
        """As `Shell.renew_clients`; what was opened here and no screen uses any more is closed."""
        from soundcheck.screens.app.clients import renewed_clients

        before = self._app.services
        if self._app.start.just_looking:
            return False
        now = await renewed_clients(before, self._say_started)
        if now is before or self._app.services is not before:
            return self._app.services is not before
        self._use(now)
        later.once_drawn(self._app, self._let_go, before, now)
        return True

    def follow_moved(self) -> None:
        """The same in a worker."""
        later.run(self._app, self._follow, "Looking where the stores are", group="clients", exclusive=True)

    async def _follow(self) -> None:
        try:
            await self.renew()
        except SoundcheckError as problem:
            self._app.banner = problem.message

    def adopt(self, services: Services) -> None:
        """Use services that somebody else opened, and close them at the end."""
        self._use(services)

    def expect(self, credentials: Credentials) -> None:
        """Use these from now on; clients for what is new are opened when a place needs them."""
        services, held = self._app.services, self._app.services.credentials
        same_database = held.database_url == credentials.database_url
        same_cache = (held.rest_url, held.rest_token) == (credentials.rest_url, credentials.rest_token)
        if same_database and same_cache:
            return
        self._app.services = replace(
            services,
            credentials=credentials,
            database=services.database if same_database else None,
            cache=services.cache if same_cache else None,
        )

    async def close(self) -> None:
        """Close all at once, without waiting long for a network that is gone."""
        closing = asyncio.gather(*(services.close() for services in self._opened), return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing, _GOODBYE)

    def _use(self, services: Services) -> None:
        """With the project as it is by now: opening takes a while, and the profile may have changed meanwhile."""
        self._opened.append(services)
        project = self._app.services.project
        self._app.services = replace(services, project=project) if project.root == services.project.root else services

    def _say_started(self) -> None:
        self._app.notify("Started the local stack again. To stop it: `soundcheck local down`.", markup=False)

    def _let_go(self, before: Services, now: Services) -> None:
        """Close what was opened here and no screen uses any more."""
        databases, caches = ({one.database for one in self._opened}, {one.cache for one in self._opened})
        gone = replace(
            before,
            database=before.database if before.database in databases - {now.database} else None,
            cache=before.cache if before.cache in caches - {now.cache} else None,
        )
        later.run(self._app, gone.close, "Closing what moved")
