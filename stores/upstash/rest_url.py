"""Where Redis is spoken to over REST. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from soundcheck.stores.addressing import LOOPBACK_NUMBER, UrlProblem


@dataclass(frozen=True, slots=True)
class RestUrl:
    """The address of an Upstash REST endpoint: scheme, host and port, nothing else. It holds no secret."""

    scheme: str
    host: str
    port: int | None
    is_guarded: bool = field(default=False, compare=False, repr=False)
    """Whether the token must not be sent unencrypted: see `stores.project.plain_lines`. No part of the address."""

    @classmethod
    def parse(cls, text: str) -> RestUrl:
        """Read `https://name.upstash.io`; raises `UrlProblem` (`scheme`, `host`, `port`, `userinfo`)."""
        text = text.strip()
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise UrlProblem("port", "the part after the host's colon is not a port number") from None
        if parts.scheme.lower() not in {"https", "http"}:
            raise UrlProblem("scheme", "the REST address does not start with https://")
        if not parts.hostname:
            raise UrlProblem("host", "the REST address names no host")
        if parts.username or parts.password or "@" in parts.netloc:
            raise UrlProblem("userinfo", "the REST address must not hold a user or password")
        return cls(parts.scheme.lower(), parts.hostname, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")

    @property
    def effective_port(self) -> int:
        """The port in use, the scheme's own where none stands."""
        return self.port or (443 if self.scheme == "https" else 80)

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine."""
        return self.host in {"localhost", "::1"} or LOOPBACK_NUMBER.fullmatch(self.host) is not None
