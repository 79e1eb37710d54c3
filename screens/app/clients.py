"""The clients of a session, made after the first frame: here the database's driver is imported, in a thread."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from dataclasses import replace

from soundcheck.stores.services import Services
from soundcheck.wizard.progress import silent


async def open_clients(services: Services, on_start: Callable[[], None], *, stays_down: bool = False) -> Services:
    """The services with clients for all credentials there are; a sleeping local stack is started first.

    `on_start` is called where it was. Returned as they came where nothing is missing. Raises `CouldNotRun` where the
    local stack cannot start, and with `stays_down` where it was stopped on purpose.
    """
    credentials = services.credentials
    database_missing = credentials.has_database and services.database is None
    cache_missing = credentials.has_cache and services.cache is None
    if not database_missing and not cache_missing:
        return services
    await asyncio.to_thread(import_driver)
    urls = (credentials.database_url, credentials.rest_url)
    if services.project.local.is_dir() and any(url is not None and url.is_loopback for url in urls):
        from soundcheck.wizard.setup.local_step import wake_local

        woken = await wake_local(services, silent, on_start, stays_down=stays_down)
        if woken is not services:
            return woken
    return services.using(credentials)


async def renewed_clients(services: Services, on_start: Callable[[], None]) -> Services:
    """The services over the addresses that hold now: those in the files, and our own stack awake wherever it is.

    `on_start` is called where it slept. Returned as they came where no address moved; a client whose own address did
    not move stays. Raises `CouldNotRun` where the local stack cannot start, or was stopped on purpose.
    """
    from soundcheck.stores.credentials import Credentials
    from soundcheck.wizard.discover import discover

    held = services.credentials
    found = (await asyncio.to_thread(discover, services.project, services.environ)).credentials
    moved = found.has_database and found.database_url != held.database_url
    now = Credentials(
        found.database_url or held.database_url,
        found.direct_url if moved else found.direct_url or held.direct_url,
        found.rest_url or held.rest_url,
        found.rest_token or held.rest_token,
    )
    opened = await open_clients(
        replace(services, credentials=now, database=None, cache=None), on_start, stays_down=True
    )
    after = opened.credentials
    if services.database is not None and after.database_url == held.database_url:
        if opened.database is not None:
            await opened.database.close()
        opened = replace(opened, database=services.database)
    if services.cache is not None and (after.rest_url, after.rest_token) == (held.rest_url, held.rest_token):
        if opened.cache is not None:
            await opened.cache.close()
        opened = replace(opened, cache=services.cache)
    same = opened.database is services.database and opened.cache is services.cache
    return services if same else opened


def import_driver() -> None:
    """What would otherwise hold up key presses for the tenth of a second in which the first connection is opened."""
    importlib.import_module("soundcheck.stores.postgres.database")
    importlib.import_module("psycopg")
