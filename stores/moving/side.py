"""One side of a move: transactions in which the same value always has the same text, on any server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.postgres.connections import Connections
from soundcheck.stores.postgres.problem import statement_problem
from soundcheck.stores.postgres.session_settings import SET, for_moving
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import Resolver

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

_KEEP_ALIVE: Final = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "6"}
"""Seconds and times: a peer that is gone is noticed after a minute and a half, however long a statement may take."""


class MoveSide:
    """A database as the source or the target of a move, past any pooler. `close` is idempotent."""

    def __init__(self, url: PostgresUrl, resolver: Resolver) -> None:
        direct = url.direct()
        missing = {name: value for name, value in _KEEP_ALIVE.items() if direct.param(name) is None}
        self.url = direct
        self._connections = Connections(direct.with_params(missing), resolver)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A transaction that only reads, and sees the database as it is now for as long as it lasts."""
        async with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction that is committed at the end and rolled back by an exception. The caller passed the guard."""
        async with self._transaction("BEGIN") as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncIterator[Connection]:
        import psycopg

        connection = await self._connections.take()
        try:
            await connection.execute(begin)
            await connection.execute(SET, for_moving(schema=self.url.param("schema")))
            yield connection
            await connection.execute("COMMIT")
        except psycopg.Error as error:
            raise statement_problem(error, self.url) from None
        finally:
            # A connection that is still in its transaction is closed, and with it the transaction.
            await self._connections.give_back(connection)

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()
