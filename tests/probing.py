"""All layers of one address, run to their end."""

from __future__ import annotations

import contextlib
from typing import Any

from soundcheck.stores.credentials import RestUrl
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.layer import Layer
from soundcheck.stores.probe.postgres import PostgresProbe
from soundcheck.stores.probe.rest import RestProbe
from soundcheck.stores.resolver import Resolver
from soundcheck.stores.secret import Secret


async def probe_postgres(url: PostgresUrl, resolver: Resolver, **options: Any) -> tuple[Layer, ...]:
    async with contextlib.aclosing(PostgresProbe(url, resolver, **options)) as probe:
        return await probe.run()


async def probe_rest(url: RestUrl, token: Secret, resolver: Resolver, **options: Any) -> tuple[Layer, ...]:
    async with contextlib.aclosing(RestProbe(url, token, resolver, **options)) as probe:
        return await probe.run()
