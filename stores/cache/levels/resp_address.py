"""Where Redis speaks its own protocol: `redis://` or `rediss://`, with the password apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.upstash.rest_url import RestUrl

DEFAULT_PORT: Final = 6379


@dataclass(frozen=True, slots=True)
class RespAddress:
    """Host, port and credentials; printed masked. `user` is empty where only a password is asked for."""

    host: str
    port: int
    password: Secret
    user: str = ""
    tls: bool = True
    database: int = 0

    @classmethod
    def parse(cls, text: str) -> RespAddress | None:
        """Read a URL; None for what is none. Query parameters are ignored."""
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname, parts.port
            database = int(parts.path.strip("/") or 0)
        except ValueError:
            return None
        if parts.scheme not in {"redis", "rediss"} or not host or database < 0:
            return None
        return cls(
            host=host,
            port=DEFAULT_PORT if port is None else port,
            password=Secret(unquote(parts.password or "")),
            user=unquote(parts.username or ""),
            tls=parts.scheme == "rediss",
            database=database,
        )

    @classmethod
    def beside(cls, url: RestUrl, token: Secret) -> RespAddress:
        """The address that Upstash's own databases have: the same host, TLS, and the token as the password.

        Holds for databases of today (upstash/docs `redis/howto/connectclient`); older ones have a password of their
        own, which refuses the token, so try and see.
        """
        return cls(url.host, DEFAULT_PORT, token, user="default")

    def __str__(self) -> str:
        scheme = "rediss" if self.tls else "redis"
        return f"{scheme}://{self.user}:{MASK}@{self.host}:{self.port}/{self.database}"
