"""A `Database` that keeps what it was asked: to count round trips, and to explain what was sent."""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.stores.postgres.database import Database, Rows
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver


class Recording(Database):
    """Keeps what was sent; each is one round trip."""

    def __init__(self, url: PostgresUrl) -> None:
        super().__init__(url, SystemResolver())
        self.sent: list[tuple[str, Sequence[object]]] = []

    async def fetch(self, query: str, params: Sequence[object] = (), **how: object) -> Rows:
        self.sent.append((query, params))
        return await super().fetch(query, params, **how)  # type: ignore[arg-type]
