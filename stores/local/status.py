"""What stands and what does not, as values to show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.ports import HOST
from soundcheck.stores.local.state_file import DATABASE, ROLE, LocalState
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.upstash.rest_url import RestUrl


class ServerState(StrEnum):
    """`ABSENT` was never set up here; `DOWN` was, and does not run now."""

    UP = "up"
    DOWN = "down"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """The address of the local Valkey, for tools that speak its own protocol. Printed masked."""

    host: str
    port: int
    password: Secret

    def reveal(self) -> str:
        """The URL with its password, percent-encoded."""
        return self._render(quote(self.password.reveal(), safe=""))

    def masked(self) -> str:
        """The URL with `MASK` for the password."""
        return self._render(MASK)

    __str__ = masked

    def _render(self, password: str) -> str:
        return f"redis://:{password}@{self.host}:{self.port}/0"


@dataclass(frozen=True, slots=True)
class PostgresStatus:
    """`pid` is None unless it is up; `url` is the application role's."""

    state: ServerState = ServerState.ABSENT
    url: PostgresUrl | None = None
    pid: int | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class RedisStatus:
    """Valkey behind the gateway."""

    state: ServerState = ServerState.ABSENT
    url: RedisUrl | None = None
    pid: int | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class RestStatus:
    """The gateway. `token` may do everything, `readonly_token` only read."""

    state: ServerState = ServerState.ABSENT
    url: RestUrl | None = None
    token: Secret | None = None
    readonly_token: Secret | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class LocalStatus:
    """All three, and how they run.

    `runs_as` is empty for a normal user ("as root: …" else). `ports_changed`: this `up` had to leave a port to
    somebody else, so what stands in an env file is out of date. `started`: this `up` found one of the three dead.
    """

    folder: Path
    postgres: PostgresStatus = PostgresStatus()
    redis: RedisStatus = RedisStatus()
    rest: RestStatus = RestStatus()
    credentials: Credentials | None = None
    runs_as: str = ""
    ports_changed: bool = False
    started: bool = False

    @property
    def is_up(self) -> bool:
        """Whether all three run and answer."""
        return {self.postgres.state, self.redis.state, self.rest.state} == {ServerState.UP}


def postgres_url(state: LocalState) -> PostgresUrl:
    """The application's URL. The server speaks no TLS, and says so in the only word all drivers agree on."""
    postgres = state.postgres
    return PostgresUrl(ROLE, postgres.password, HOST, postgres.port, DATABASE, (("sslmode", "disable"),))


def rest_url(state: LocalState) -> RestUrl:
    """The gateway's address."""
    return RestUrl("http", HOST, state.gateway.port)


def credentials_of(state: LocalState) -> Credentials:
    """The four values: there is no pooler, so both database URLs are the same."""
    url = postgres_url(state)
    return Credentials(url, url, rest_url(state), state.gateway.token)
