"""The four values that the whole set-up is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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


APPLICATION_ONLY: Final = ("connection_limit", "pool_timeout", "pgbouncer")
"""Parameters that mean something to the application's pool and nothing to a push over the direct URL."""


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
    def direct_follows(self) -> bool:
        """Whether the direct URL is what would be derived from `database_url`, so that it changes along with that.

        What set-up adds to one of the two alone makes no difference, as the application's pool.
        """
        if self.direct_url is None or self.database_url is None:
            return self.direct_url is None
        return _without_settings(self.direct_url) == _without_settings(self.database_url.direct())

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

    def read_otherwise(self) -> Credentials | None:
        """The same with passwords in their other reading; None where each has only one. See `PostgresUrl`."""
        urls = [url.read_otherwise() if url is not None else None for url in (self.database_url, self.direct_url)]
        if urls == [None, None]:
            return None
        return replace(self, database_url=urls[0] or self.database_url, direct_url=urls[1] or self.direct_url)

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


def _without_settings(url: PostgresUrl) -> PostgresUrl:
    """The URL as it is compared with its pair: less what belongs to a pool, with the sslmode that set-up adds."""
    mode = None if url.is_loopback else url.param("sslmode") or "require"
    bare = url.with_params({**dict.fromkeys(APPLICATION_ONLY), "sslmode": mode})
    return replace(bare, params=tuple(sorted(bare.params)))
