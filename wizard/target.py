"""What is about to be written to: a database or a cache, with the name that is typed before it is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Self

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.upstash.rest_url import RestUrl


@dataclass(frozen=True, slots=True)
class Target:
    """One store. `name` is the one in its address: a database's own, a cache's host.

    There is none without a name, which nobody could be asked for: raises `CouldNotRun`. `server_name` is what the
    server itself calls the database, where it was asked; behind a pooler it may differ.
    """

    endpoint: str
    name: str
    server_name: str = ""
    what: str = "database"

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise CouldNotRun(
                f"The address of {self.endpoint} does not name the {self.what}.",
                "Write its name into the address, as in postgresql://user@host/neondb.",
            )

    @classmethod
    def of_database(cls, url: PostgresUrl, server_name: str = "") -> Self:
        """The database of an address."""
        return cls(f"{url.endpoint}/{url.database}", url.database, server_name)

    @classmethod
    def of_cache(cls, url: RestUrl) -> Self:
        """The cache of an address."""
        return cls(f"{url.host}:{url.effective_port}", url.host, what="cache")

    def __str__(self) -> str:
        """The endpoint as it is shown, with the server's name of the database where that is another."""
        if not self.server_name or self.server_name == self.name:
            return self.endpoint
        return f"{self.endpoint} (the server calls it {self.server_name})"


def same_name(typed: str, name: str) -> bool:
    """Whether a name was typed: spaces around it and the way an accent is encoded make no other name of it."""
    return _plain(typed) == _plain(name) != ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
