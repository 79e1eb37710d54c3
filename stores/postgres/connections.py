"""At most four connections to one database, opened when they are needed and kept while they are well.

psycopg_pool is not used: it opens connections in the background, so a refused password reaches the caller as a pool
timeout of 30 s without its cause, and is tried again meanwhile, which wakes a sleeping Neon and trips rate limits.

How the driver turns the server's text into Python values and our texts into parameters.

psycopg's own loaders ask the connection for its zone, date style and encoding, and they ask when the rows are fetched:
after the transaction in which our settings held. They also raise for `infinity`, for the year 20000 and for dates
before Christ, turn months into 30 days and read JSON numbers as floats. Those here never look at the connection: the
texts are those of `stores.postgres.session_settings`, and `stores.postgres.server_values` says what becomes of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble, connect_problem
from soundcheck.stores.postgres.server_values import READERS, Reader, read_array
from soundcheck.stores.postgres.session_opening import open_session
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import ResolveError, Resolver

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

MOST: Final = 4
WAKING_AFTER: Final = 0.7
"""Seconds after which a connection that is not there yet is said to wake Neon: an awake one answers sooner."""

ADDRESSES_TRIED: Final = 3
"""A name may have many addresses; a black-holed one costs the whole connect timeout."""


class Connections:
    """The pool. Every connection handed out by `take` comes back through `give_back`.

    `opened` counts all connections opened so far, for tests and for our own footprint. `say` is told, in a sentence
    for people, why a connection takes long.
    """

    def __init__(self, url: PostgresUrl, resolver: Resolver) -> None:
        self.url = url
        self.opened = 0
        self.say: Callable[[str], None] = lambda _: None
        self._resolver = resolver
        self._room = asyncio.Semaphore(MOST)
        self._idle: list[Connection] = []
        self._out: set[Connection] = set()
        self._closed = False

    async def take(self) -> Connection:
        """A connection in no transaction. Waits while all are in use. Raises `DatabaseProblem`."""
        await self._room.acquire()
        try:
            if self._closed:
                raise DatabaseProblem(Trouble.LOST, "The connection to the database was closed.")
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    break
            else:
                connection = await self._open()
        except BaseException:
            self._room.release()
            raise
        self._out.add(connection)
        return connection

    async def give_back(self, connection: Connection) -> None:
        """Keep the connection where it is in no transaction, close it otherwise."""
        from psycopg.pq import TransactionStatus

        self._out.discard(connection)
        self._room.release()
        well = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        if well and not self._closed:
            self._idle.append(connection)
        else:
            await _close(connection)

    async def close_idle(self) -> None:
        """Close what nobody uses: after one connection was lost, the others rarely live."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await _close(connection)

    def shut(self) -> None:
        """Hand out nothing any more."""
        self._closed = True

    async def close(self) -> None:
        """Close all, those in use as well. Idempotent."""
        self.shut()
        await self.close_idle()
        for connection in list(self._out):
            await _close(connection)

    async def _open(self) -> Connection:
        import psycopg

        # The driver logs what it raises as well; without a handler that would go to the terminal of the app.
        driver_log = logging.getLogger("psycopg")
        if not driver_log.handlers:
            driver_log.addHandler(logging.NullHandler())
        waking = None
        if self.url.is_neon:
            said = "Neon is waking the database, which takes up to 7 s."
            waking = asyncio.get_running_loop().call_later(WAKING_AFTER, lambda: self.say(said))
        try:
            connection = await open_session(
                self.url,
                await self._addresses(),
                client_encoding="UTF8",
                cursor_factory=psycopg.AsyncRawCursor,
                context=_Adapting(adapters()),
            )
        except (ResolveError, psycopg.Error, OSError) as problem:
            raise connect_problem(problem, self.url) from None
        finally:
            if waking is not None:
                waking.cancel()
        self.opened += 1
        return connection

    async def _addresses(self) -> list[str]:
        """IPv4 first: a network with half an IPv6 is commoner than one without IPv4."""
        if self.url.host.startswith("/"):
            return []
        found = await self._resolver.resolve(self.url.host)
        return [address.number for address in sorted(found, key=lambda a: a.is_ipv6)][:ADDRESSES_TRIED]


class _Adapting:
    """What psycopg takes its type adapters from."""

    connection = None

    def __init__(self, adapters: Any) -> None:
        self.adapters = adapters


async def _close(connection: Connection) -> None:
    import psycopg

    with contextlib.suppress(psycopg.Error, OSError):
        await connection.close()


if TYPE_CHECKING:
    from psycopg.adapt import AdaptersMap
    from psycopg.pq.abc import PGconn  # noqa: F401

    Buffer = bytes | bytearray | memoryview

_AS_THE_DRIVER_DOES: Final = frozenset({"bool", "int2", "int4", "int8", "oid", "numeric", "uuid"})
"""Types whose only text every setting leaves alone; the driver's compiled loaders give the same values."""


@cache
def adapters() -> AdaptersMap:
    """The map to open every connection with."""
    import psycopg
    from psycopg.adapt import AdaptersMap

    found = AdaptersMap(psycopg.adapters)
    found.register_loader(0, _loader(str))  # every type that is not named below
    for info in psycopg.adapters.types:
        read: Reader = READERS.get(info.name, str)
        if info.name not in _AS_THE_DRIVER_DOES:
            found.register_loader(info.oid, _loader(read))
        if info.array_oid:
            found.register_loader(info.array_oid, _array_loader(read, info.delimiter))
    found.register_dumper(str, _text_dumper())
    return found


@cache
def _loader(read: Reader) -> type[Any]:
    from psycopg.adapt import Loader

    if read is str:

        class TextLoader(Loader):
            def load(self, data: Buffer) -> object:
                return str(data, "utf-8", "surrogateescape")

        return TextLoader

    class ValueLoader(Loader):
        def load(self, data: Buffer) -> object:
            return read(str(data, "utf-8", "surrogateescape"))

    return ValueLoader


@cache
def _array_loader(read: Reader, delimiter: str) -> type[Any]:
    from psycopg.adapt import Loader

    class ArrayLoader(Loader):
        def load(self, data: Buffer) -> object:
            return read_array(str(data, "utf-8", "surrogateescape"), read, delimiter)

    return ArrayLoader


def _text_dumper() -> type[Any]:
    from psycopg import DataError
    from psycopg.adapt import Dumper

    class TextDumper(Dumper):
        """Of no type: the server gives it the one that its place asks for."""

        def dump(self, obj: str) -> bytes:
            if "\x00" in obj:
                raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            return obj.encode("utf-8", "surrogateescape")

    return TextDumper
