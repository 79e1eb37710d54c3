"""One PostgreSQL database: at most four connections, reads that cannot write, and one way to cancel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stores.postgres_url import PostgresUrl
from stores.resolver import Resolver

if TYPE_CHECKING:
    from psycopg import AsyncConnection

READ_TIMEOUT: Final = 15.0
"""Seconds a read may take on the server, where the caller names no other limit."""


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column of an answer: its name, the type's OID and its plain name ("int4", "text[]"; "" where unknown)."""

    name: str
    type_oid: int
    type_name: str


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer. `elapsed_ms` is from handing over the statement to the last row, a new connection included."""

    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[Any, ...], ...]
    elapsed_ms: float


class Database:
    """The pool. Nothing is opened before the first statement; `close` may be called any number of times."""

    def __init__(self, url: PostgresUrl, resolver: Resolver) -> None:
        self.url = url
        self._resolver = resolver

    async def fetch(
        self,
        query: str,
        params: Sequence[object] = (),
        *,
        timeout: float = READ_TIMEOUT,
        settings: Mapping[str, str] | None = None,
    ) -> Rows:
        """Run one reading statement with `$1`-style parameters. Raises `DatabaseProblem`."""
        raise NotImplementedError

    def write_connection(self) -> AbstractAsyncContextManager[AsyncConnection[tuple[Any, ...]]]:
        """A connection inside a transaction of its own: committed at the end, rolled back by an exception."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        raise NotImplementedError
