"""One PostgreSQL database: at most four connections, reads that cannot write, and one way to cancel.

A read is one round trip: BEGIN READ ONLY, its settings, the statement and ROLLBACK travel as one pipeline of the
extended protocol. That protocol takes one statement at a time, so `COMMIT; DELETE …` is refused as a whole, and the
settings are a SELECT, after which the transaction can no longer be made a writing one.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.connections import Connections
from soundcheck.stores.postgres.lock_holders import (
    HOLDERS,
    LOOK_WITHIN,
    Holder,
    holders_of,
    lock_patience,
    locked_problem,
    look_after,
)
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble, statement_problem
from soundcheck.stores.postgres.session_settings import BEGIN_READING, BEGIN_WRITING, SET, UTC, for_reading, for_writing
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import Resolver

if TYPE_CHECKING:
    from psycopg import AsyncConnection, AsyncCursor

    Connection = AsyncConnection[tuple[Any, ...]]

READ_TIMEOUT: Final = 15.0
"""Seconds a read may take on the server, where the caller names no other limit."""

NETWORK_GRACE: Final = 5.0
"""Seconds beyond the server's own limit after which a silent connection counts as lost."""

AWAKE_FOR: Final = 240.0
"""Seconds after an answer in which Neon is taken to be awake; by default it suspends after 300 s without a query."""

GOODBYE: Final = 0.3
"""Seconds that closing waits for the server to end what still runs."""
_STOP_WITHIN: Final = 5.0
_INVALID_PARAMETER: Final = "22023"


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column of an answer: its name, the type's OID and its plain name ("int4", "text[]"; "" where unknown)."""

    name: str
    type_oid: int
    type_name: str


ResultSet = tuple[tuple[ColumnInfo, ...], tuple[tuple[Any, ...], ...]]
"""Columns and rows."""


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
        self._connections = Connections(url, resolver)
        self.zone = UTC
        """The time zone in which times are shown and filters are read. UTC again where the server does not have it."""
        self._answered = -math.inf
        """When the server last answered, by the monotonic clock."""
        self._running: dict[asyncio.Task[Any], Connection] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    @property
    def connections_opened(self) -> int:
        """All connections opened so far."""
        return self._connections.opened

    @property
    def may_be_asleep(self) -> bool:
        """Whether a statement might wake it: only Neon sleeps, and only after some minutes without one."""
        return self.url.is_neon and time.monotonic() - self._answered > AWAKE_FOR

    def tell(self, say: Callable[[str], None]) -> None:
        """Call `say` with a sentence for people when opening a connection takes long, as while Neon wakes."""
        self._connections.say = say

    async def fetch(
        self,
        query: str,
        params: Sequence[object] = (),
        *,
        timeout: float = READ_TIMEOUT,
        settings: Mapping[str, str] | None = None,
    ) -> Rows:
        """Run one reading statement with `$1`-style parameters, under `settings` of its own (names are the server's).

        `timeout` is in seconds, a `lock_timeout` among the settings in milliseconds; the server holds both. Cancelling
        the task cancels the statement on the server; this returns at once and the connection is put in order behind
        it. A lost connection is replaced once, silently. A wait for a lock ends sooner than slow work, and its problem
        names the holder. Raises `DatabaseProblem`.
        """
        try:
            return await self._fetch(query, params, timeout, settings or {}, self.zone)
        except DatabaseProblem as problem:
            if not _is_unknown_zone(problem):
                raise
        self.zone = UTC  # a zone that was remembered from another server
        return await self._fetch(query, params, timeout, settings or {}, self.zone)

    async def choose_zone(self, zone: str) -> None:
        """Read and show times in this zone from now on. Raises `UsageError` where the server has no such zone."""
        try:
            await self._fetch("SELECT 1", (), READ_TIMEOUT, {}, zone)
        except DatabaseProblem as problem:
            if not _is_unknown_zone(problem):
                raise
            raise UsageError(
                f"The server has no time zone {zone!r}.", "Use a name such as Europe/Berlin, or UTC."
            ) from None
        self.zone = zone

    @asynccontextmanager
    async def write_connection(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction of its own: committed at the end, rolled back by an exception.

        The caller stands behind the guard. Errors of the driver come out as `DatabaseProblem`.
        """
        import psycopg

        connection = await self._begin_writing()
        try:
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(psycopg.Error):
                    await connection.rollback()
                raise
            await connection.commit()
        except psycopg.Error as error:
            raise statement_problem(error, self.url) from None
        finally:
            await self._connections.give_back(connection)

    async def close(self) -> None:
        """Cancel what runs, on the server as well (`GOODBYE` at most), and close every connection. Idempotent."""
        self._connections.shut()
        for reading, connection in self._running.items():
            self._behind(self._stop(connection, reading))
        if self._stopping:
            await asyncio.wait(self._stopping, timeout=GOODBYE)
        left = dict(self._running)
        for reading, connection in left.items():
            connection.pgconn.finish()  # else the driver would wait for a server that does not answer any more
            reading.cancel()
        for task in self._stopping:
            task.cancel()
        await asyncio.gather(*left, *self._stopping, return_exceptions=True)
        await self._connections.close()

    async def _fetch(
        self, query: str, params: Sequence[object], timeout: float, settings: Mapping[str, str], zone: str
    ) -> Rows:
        limit = settings.get("lock_timeout")
        patience = lock_patience(timeout) if limit is None else int(limit) / 1000
        chosen = {"lock_timeout": str(round(patience * 1000)), **settings}
        local = for_reading(chosen, timeout=timeout, zone=zone, schema=self.url.param("schema") or None)
        started = time.monotonic()
        try:
            columns, rows = await self._try_read(query, params, local, timeout, patience)
        except _Lost:
            await self._connections.close_idle()
            try:
                columns, rows = await self._try_read(query, params, local, timeout, patience)
            except _Lost as lost:
                raise lost.problem from None
        self._answered = time.monotonic()
        return Rows(columns, rows, (self._answered - started) * 1000)

    async def _try_read(
        self, query: str, params: Sequence[object], settings: Sequence[object], timeout: float, patience: float
    ) -> ResultSet:
        connection = await self._connections.take()
        reading = asyncio.create_task(self._read(connection, query, params, settings))
        self._running[reading] = connection
        reading.add_done_callback(self._running.pop)
        first = look_after(patience)
        looking: asyncio.Task[tuple[Holder, ...]] | None = None
        try:
            await asyncio.wait([reading], timeout=timeout + NETWORK_GRACE if first is None else first)
            if not reading.done() and first is not None:
                looking = asyncio.create_task(self._lock_holders(query))
                await asyncio.wait([reading], timeout=timeout + NETWORK_GRACE - first)
            if reading.done():
                return await _answer(reading, looking)
        except asyncio.CancelledError:
            self._behind(self._stop(connection, reading))
            raise
        finally:
            if looking is not None:
                looking.cancel()
        await _abandon(connection, reading)
        raise DatabaseProblem(
            Trouble.TIMEOUT, f"{self.url.endpoint} has not answered for {timeout:g} s.", "Check your network."
        )

    async def _lock_holders(self, query: str) -> tuple[Holder, ...]:
        """Who is in front of this statement, which runs on another connection; nobody where that cannot be asked."""
        try:
            _, rows = await self._try_read(HOLDERS, [query], for_reading({}, timeout=LOOK_WITHIN), LOOK_WITHIN, 0.0)
        except (DatabaseProblem, _Lost):
            return ()
        return holders_of(rows)

    async def _read(
        self,
        connection: Connection,
        query: str,
        params: Sequence[object],
        settings: Sequence[object],
    ) -> ResultSet:
        """The statement on this connection, which is given back whatever happens. Raises `_Lost` where it broke."""
        import psycopg

        try:
            return await _read_only(connection, query, params, settings)
        except psycopg.Error as error:
            problem = statement_problem(error, self.url)
            if connection.closed or connection.broken:
                raise _Lost(problem) from None
            with contextlib.suppress(psycopg.Error):
                await connection.rollback()
            raise problem from None
        except UnicodeError:
            raise DatabaseProblem(Trouble.VALUE, "A value is not text in the database's own encoding.") from None
        finally:
            await self._connections.give_back(connection)

    async def _stop(self, connection: Connection, reading: asyncio.Task[Any]) -> None:
        """Cancel on the server until the reading ends; after some seconds close the connection under it.

        The request is repeated: one that arrives before the statement does nothing.
        """
        import psycopg

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_WITHIN):
                while not reading.done() and not connection.closed:
                    with contextlib.suppress(psycopg.Error, OSError):
                        await connection.cancel_safe(timeout=2.0)
                    await asyncio.wait([reading], timeout=0.25)
        await _abandon(connection, reading)

    def _behind(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _begin_writing(self) -> Connection:
        """A connection in a transaction with our settings: a kept one may have died, and a write is never repeated."""
        import psycopg

        settings = for_writing(zone=self.zone, schema=self.url.param("schema") or None)
        for _ in range(2):
            connection = await self._connections.take()
            try:
                async with connection.pipeline():
                    await connection.execute(BEGIN_WRITING)
                    await connection.execute(SET, settings)
            except psycopg.Error as error:
                lost = connection.closed or connection.broken
                await connection.close()
                await self._connections.give_back(connection)
                if not lost:
                    raise statement_problem(error, self.url) from None
                await self._connections.close_idle()
            except BaseException:
                await self._connections.give_back(connection)
                raise
            else:
                return connection
        raise DatabaseProblem(Trouble.LOST, f"{self.url.endpoint} closes every connection.", "Run soundcheck doctor.")


class _Lost(Exception):
    """The connection broke under a statement."""

    def __init__(self, problem: DatabaseProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _is_unknown_zone(problem: DatabaseProblem) -> bool:
    return problem.sqlstate == _INVALID_PARAMETER and "TimeZone" in problem.message


async def _answer(reading: asyncio.Task[ResultSet], looking: asyncio.Task[tuple[Holder, ...]] | None) -> ResultSet:
    """What the statement brought. A limit that it ran into while it waited for a lock says who holds that."""
    try:
        return reading.result()
    except DatabaseProblem as problem:
        if looking is None or problem.trouble not in {Trouble.LOCKED, Trouble.TIMEOUT}:
            raise
        await asyncio.wait([looking], timeout=LOOK_WITHIN)
        holders = looking.result() if looking.done() else ()
        if not holders and problem.trouble is Trouble.TIMEOUT:
            raise
        raise locked_problem(holders, problem.sqlstate) from None


async def _abandon(connection: Connection, reading: asyncio.Task[Any]) -> None:
    """Drop the connection where its reading still waits; the driver itself would wait for another 10 s."""
    if not reading.done():
        connection.pgconn.finish()
        reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def _read_only(
    connection: Connection, query: str, params: Sequence[object], settings: Sequence[object]
) -> ResultSet:
    from psycopg.pq import ExecStatus

    async with connection.pipeline():
        await connection.execute(BEGIN_READING)
        await connection.execute(SET, settings)
        cursor = connection.cursor()
        # As bytes: the driver would encode a text as the connection has it outside of this transaction.
        await cursor.execute(query.encode("utf-8", "surrogateescape"), params)
        await connection.execute(b"ROLLBACK")
    # Not by the driver's `description`, which decodes the columns' names and refuses bytes that are not UTF-8.
    if cursor.pgresult is None or cursor.pgresult.status != ExecStatus.TUPLES_OK:
        return (), ()
    return _columns(connection, cursor), tuple(await cursor.fetchall())


def _columns(connection: Connection, cursor: AsyncCursor[tuple[Any, ...]]) -> tuple[ColumnInfo, ...]:
    types, answer = connection.adapters.types, cursor.pgresult
    found = []
    for place in range(answer.nfields if answer is not None else 0):
        assert answer is not None  # noqa: S101 - it has fields
        oid, name = answer.ftype(place), answer.fname(place) or b""
        info = types.get(oid)
        is_array = info is not None and oid == info.array_oid
        type_name = "" if info is None else f"{info.name}[]" if is_array else info.name
        found.append(ColumnInfo(name.decode("utf-8", "surrogateescape"), oid, type_name))
    return tuple(found)
