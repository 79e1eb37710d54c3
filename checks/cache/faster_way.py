"""Which way to Redis is the faster one from here, measured with a bounded number of commands, in one sentence."""

from __future__ import annotations

from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.services import Services

PRICE: Final = 12
"""Commands: six for each way (stores/cache/measured/fastest.py)."""


async def faster_way(services: Services) -> str:
    """Measure REST, and Redis' own protocol where its credentials are known. Raises `CouldNotRun` without a cache.

    Our own stack tells its address; Upstash's own databases take the REST token as the password.
    """
    from soundcheck.stores.cache.levels.resp_address import RespAddress
    from soundcheck.stores.cache.measured.fastest import fastest, ways

    url, token = services.credentials.rest_url, services.credentials.rest_token
    if url is None or token is None:
        raise CouldNotRun("There are no credentials for a cache.", "Run `soundcheck setup` to set one up.")
    address: RespAddress | None = None
    if url.is_loopback and services.project.local.is_dir():
        from soundcheck.stores.local.stack import LocalStack

        local = LocalStack(services.project.local)
        redis = (await local.status()).redis.url if local.owns_rest(url) else None
        address = RespAddress.parse(redis.reveal()) if redis is not None else None
    found = ways(url, token, address, resolver=services.resolver)
    level, choice = await fastest(found)
    await level.close()
    alone = "" if len(found) > 1 else " Redis' own protocol was not tried: its address is not known here."
    return f"{choice.reason}{alone} Measured with {choice.commands} commands."
