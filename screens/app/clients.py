"""The clients of a session, made after the first frame: here the drivers are imported, in a thread."""

from __future__ import annotations

import asyncio
import importlib
from typing import Final

from checks.services import Services
from wizard.progress import silent

_DRIVERS: Final = ("stores.connections", "httpx")


async def open_clients(services: Services) -> Services:
    """The services with clients for all credentials there are; a sleeping local stack is started first.

    Returned as they came where nothing is missing. Raises `CouldNotRun` where the local stack cannot start.
    """
    credentials = services.credentials
    database_missing = credentials.has_database and services.database is None
    cache_missing = credentials.has_cache and services.cache is None
    if not database_missing and not cache_missing:
        return services
    await asyncio.to_thread(_import_drivers)
    urls = (credentials.database_url, credentials.rest_url)
    if any(url is not None and url.is_loopback for url in urls):
        from wizard.local_step import wake_local

        woken = await wake_local(services, silent)
        if woken is not services:
            return woken
    return services.using(credentials)


def _import_drivers() -> None:
    """Half a second of imports that would otherwise hold up the first key presses."""
    for name in _DRIVERS:
        importlib.import_module(name)
