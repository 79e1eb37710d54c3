"""Everything a check, a step or a screen may reach, in one frozen value; a test replaces any part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from soundcheck.stores.clock import Clock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import Resolver

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.upstash.rest import RestClient


@dataclass(frozen=True, slots=True)
class Services:
    """What the rooms above `stores` work with.

    `credentials` are the ones in use at the moment (the value confirmed on screen is the value every child process
    is handed). `database` and `cache` are None until there are credentials for them. `environ` is the environment
    as it was at start. `tested_cache` is the host of a production cache into which a test may write its key, "" where
    nobody agreed to that.
    """

    project: Project
    clock: Clock
    resolver: Resolver
    credentials: Credentials = field(default_factory=Credentials)
    database: Database | None = None
    cache: RestClient | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    tested_cache: str = ""

    def __post_init__(self) -> None:
        """However they are used, no secret of these credentials is sent unencrypted where nobody agreed to it."""
        from soundcheck.stores.project.plain_lines import guarded

        object.__setattr__(self, "credentials", guarded(self.project, self.credentials))

    def using(self, credentials: Credentials) -> Services:
        """The same services with other credentials and clients of their own; the caller closes what it opened."""
        from soundcheck.stores.postgres.database import Database

        with_them = replace(self, credentials=credentials, database=None, cache=None)
        credentials = with_them.credentials
        url, direct = credentials.database_url, credentials.rest_url
        database = Database(url, self.resolver) if url is not None else None
        token = credentials.rest_token
        if direct is None or token is None:
            return replace(with_them, database=database)
        from soundcheck.stores.upstash.rest import RestClient

        cache = RestClient(direct, token, resolver=self.resolver)
        return replace(with_them, database=database, cache=cache)

    async def close(self) -> None:
        """Close both clients. Idempotent."""
        if self.database is not None:
            await self.database.close()
        if self.cache is not None:
            await self.cache.close()
