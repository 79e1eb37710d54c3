"""The four values that the whole set-up is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

DATABASE_URL: Final = "DATABASE_URL"
DIRECT_URL: Final = "DIRECT_URL"
REST_URL: Final = "UPSTASH_REDIS_REST_URL"
REST_TOKEN: Final = "UPSTASH_REDIS_REST_TOKEN"  # noqa: S105 - the variable's name
ENV_NAMES: Final = (DATABASE_URL, DIRECT_URL, REST_URL, REST_TOKEN)
"""The names under which backends read them, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was found or pasted so far; each part may still be missing.

    `database_url` is what the application uses (pooled on Neon), `direct_url` what push, diff and pull use. Where
    `direct_url` is missing it is derived: see `direct`.
    """

    database_url: PostgresUrl | None = None
    direct_url: PostgresUrl | None = None
    rest_url: RestUrl | None = None
    rest_token: Secret | None = None

    @property
    def direct(self) -> PostgresUrl | None:
        """The URL past the pooler: given, else derived from `database_url`."""
        if self.direct_url is not None:
            return self.direct_url
        return self.database_url.direct() if self.database_url else None

    @property
    def has_database(self) -> bool:
        """Whether there is anything to connect to PostgreSQL with."""
        return self.database_url is not None

    @property
    def has_cache(self) -> bool:
        """Whether both halves of the REST credentials are there."""
        return self.rest_url is not None and self.rest_token is not None

    @property
    def is_complete(self) -> bool:
        """Whether database and cache can both be tried."""
        return self.has_database and self.has_cache

    def over(self, older: Credentials) -> Credentials:
        """These in place of older ones, part by part; a new database URL takes the old direct one with it."""
        return Credentials(
            self.database_url or older.database_url,
            self.direct_url or (None if self.database_url else older.direct_url),
            self.rest_url or older.rest_url,
            self.rest_token or older.rest_token,
        )

    def secrets(self) -> Iterator[Secret]:
        """Every secret in it, for the redactor."""
        for url in (self.database_url, self.direct_url):
            if url is not None:
                yield from url.secrets()
        if self.rest_token:
            yield self.rest_token

    def as_env(self) -> dict[str, Secret]:
        """The variables as they are written and exported, missing parts left out; whole URLs count as secret."""
        direct = self.direct
        values = {
            DATABASE_URL: Secret(self.database_url.reveal()) if self.database_url else None,
            DIRECT_URL: Secret(direct.reveal()) if direct else None,
            REST_URL: Secret(str(self.rest_url)) if self.rest_url else None,
            REST_TOKEN: self.rest_token,
        }
        return {name: value for name, value in values.items() if value is not None}
