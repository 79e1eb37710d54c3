"""The layered probe of a PostgreSQL URL: DNS → TCP → TLS → authentication → query, and one look at the server's state.

Each layer is asked once, in order, and stays readable. Cancelling, or closing the probe, ends a black-holed lookup,
connect or log-in at once. Nothing is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, LiteralString

from soundcheck.stores.clock import Clock, SystemClock
from soundcheck.stores.postgres.session_opening import open_session
from soundcheck.stores.postgres.settings import CONNECT_TIMEOUT, ssl_mode
from soundcheck.stores.postgres.url import DEFAULT_PORT, PostgresUrl
from soundcheck.stores.probe.layer import (
    Fact,
    Layer,
    LayerChain,
    LayerError,
    LayerName,
    LayerNote,
    LayerObserver,
    LayerStep,
    NotNeededError,
    unobserved,
)
from soundcheck.stores.probe.postgres_errors import RETRYABLE, PostgresCode, classify, shorten
from soundcheck.stores.probe.postgres_tls import probe_tls
from soundcheck.stores.probe.tcp import connect_any, hang_up, look_up
from soundcheck.stores.proven_stream import TcpStream
from soundcheck.stores.resolver import Address, Resolver
from soundcheck.stores.secret import MASK
from soundcheck.stores.stranger import Stranger

if TYPE_CHECKING:
    from psycopg import AsyncConnection

WAKING_AFTER: Final = 1.5
"""Seconds after which a silent Neon is most likely waking; it shows nothing else (up to 7 s in all)."""

WITNESS: Final = "neon.tech"
"""A name that is surely there, looked up only where the URL's own was not found."""


@dataclass(frozen=True, slots=True)
class ProbeDeadlines:
    """Seconds each layer may take. Authentication is one attempt, and may be tried twice."""

    dns: float = 5.0
    tcp: float = 5.0
    tls: float = 5.0
    authentication: float = float(CONNECT_TIMEOUT)
    query: float = 5.0
    ping: float = 5.0
    pause: float = 1.0
    """Before the second attempt."""

    @property
    def whole_authentication(self) -> float:
        """Both attempts and the moment between them."""
        return 2 * self.authentication + self.pause + 1


class PostgresProbe:
    """One URL, asked layer by layer. Close it: that ends what is under way and hangs up."""

    def __init__(
        self,
        url: PostgresUrl,
        resolver: Resolver,
        *,
        is_local: bool = False,
        clock: Clock | None = None,
        deadlines: ProbeDeadlines | None = None,
        observer: LayerObserver = unobserved,
    ) -> None:
        """`is_local` says that the URL is the local stack's, which has no TLS and needs none."""
        self.url = url
        self._resolver = resolver
        self._is_local = is_local
        self._deadlines = deadlines or ProbeDeadlines()
        self._observer = observer
        self._addresses: tuple[Address, ...] = ()
        self._address: Address | None = None
        self._stream: TcpStream | None = None
        self._connection: AsyncConnection[Any] | None = None
        limits = self._deadlines
        self._chain = LayerChain(
            (
                LayerStep(LayerName.DNS, 2 * limits.dns + 1, self._dns),
                LayerStep(LayerName.TCP, limits.tcp, self._tcp),
                LayerStep(LayerName.TLS, limits.tls, self._tls),
                LayerStep(LayerName.AUTHENTICATION, limits.whole_authentication, self._authenticate),
                LayerStep(LayerName.QUERY, limits.query, self._query),
            ),
            clock or SystemClock(),
            observer,
        )

    async def layer(self, name: LayerName) -> Layer:
        """One layer's result, together with what it rests on."""
        return await self._chain.layer(name)

    async def run(self) -> tuple[Layer, ...]:
        """All layers, in order."""
        return await self._chain.run()

    async def fetch_one(self, query: LiteralString, params: Sequence[object] = ()) -> Mapping[str, Any]:
        """One row of a read, by column name, over the probe's own connection. Raises `LayerError`.

        Only after the query layer passed; one caller at a time waits for another.
        """
        import psycopg
        from psycopg.rows import dict_row

        if self._connection is None:
            raise LayerError("not_reached")
        try:
            async with asyncio.timeout(self._deadlines.query):
                async with self._connection.cursor(row_factory=dict_row) as cursor:
                    await cursor.execute(query, params)
                    return await cursor.fetchone() or {}
        except TimeoutError:
            raise LayerError(PostgresCode.TIMEOUT, f"no answer within {self._deadlines.query:g} s") from None
        except psycopg.Error as problem:
            raise LayerError(classify(str(problem)), self._masked(str(problem))) from None

    async def aclose(self) -> None:
        """End what is under way and hang up. Idempotent."""
        await self._chain.aclose()
        stream, self._stream = self._stream, None
        await hang_up(stream)
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _dns(self) -> Mapping[str, Fact]:
        self._addresses, facts = await look_up(self._resolver, self.url.host, WITNESS, deadline=self._deadlines.dns)
        return facts

    async def _tcp(self) -> Mapping[str, Fact]:
        port = self.url.port or DEFAULT_PORT
        self._address, self._stream = await connect_any(self._addresses, port, self.url.password)
        return {"address": self._address.number, "port": port, "ipv6": self._address.is_ipv6}

    async def _tls(self) -> Mapping[str, Fact]:
        try:
            if self._is_local:
                raise NotNeededError("the local stack speaks on this machine only", {"encrypted": False})
            return await probe_tls(self.url, self._next_stream)
        finally:
            stream, self._stream = self._stream, None
            await hang_up(stream)

    async def _next_stream(self) -> TcpStream:
        """The stream of the TCP layer first, a new one after it."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            return stream
        _, stream = await connect_any(
            [a for a in (self._address,) if a], self.url.port or DEFAULT_PORT, self.url.password
        )
        return stream

    async def _authenticate(self) -> Mapping[str, Fact]:
        if ssl_mode(self.url) is None:
            raise LayerError(PostgresCode.BAD_SSLMODE, f"sslmode={self.url.param('sslmode')}")
        waking = asyncio.create_task(self._say_waking()) if self.url.is_neon else None
        try:
            return await self._log_in_twice_at_most()
        finally:
            if waking is not None:
                waking.cancel()

    async def _say_waking(self) -> None:
        await asyncio.sleep(WAKING_AFTER)
        self._observer(LayerNote(LayerName.AUTHENTICATION, "Neon is waking; this can take up to 7 s."))

    async def _log_in_twice_at_most(self) -> Mapping[str, Fact]:
        try:
            self._connection = await self._log_in()
            attempts = 1
        except LayerError as failure:
            slow_elsewhere = failure.code == PostgresCode.TIMEOUT and not self.url.is_neon
            if failure.code not in RETRYABLE or slow_elsewhere:
                raise
            self._observer(LayerNote(LayerName.AUTHENTICATION, "Not ready yet; trying once more."))
            await asyncio.sleep(self._deadlines.pause)
            self._connection = await self._log_in()
            attempts = 2
        info = self._connection.info
        return {"user": info.user, "database": info.dbname, "attempts": attempts, "encrypted": info.pgconn.ssl_in_use}

    async def _log_in(self) -> AsyncConnection[Any]:
        import psycopg

        number = self._address.number if self._address else None
        try:
            async with asyncio.timeout(self._deadlines.authentication):
                return await open_session(self.url, [number] if number else [])
        except TimeoutError:
            raise LayerError(PostgresCode.TIMEOUT, f"no answer within {self._deadlines.authentication:g} s") from None
        except Stranger as problem:
            raise LayerError(PostgresCode.NOT_OURS, str(problem)) from None
        except psycopg.Error as problem:
            # From None: libpq's own text can repeat the password.
            raise LayerError(classify(str(problem)), self._masked(str(problem))) from None

    async def _query(self) -> Mapping[str, Fact]:
        """One question, timed. The version was told at the log-in; only a pooler that hides it is asked once more."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        await self.fetch_one("select 1 as one")
        trip = round((loop.time() - started) * 1000, 2)
        told = self._connection.info.parameter_status("server_version") if self._connection else None
        if not told:
            row = await self.fetch_one("select current_setting('server_version') as server_version")
            told = str(row.get("server_version", ""))
        return {"server_version": told, "round_trip_ms": trip}

    def _masked(self, text: str) -> str:
        """What the server said, short and without the password."""
        said = shorten(text)
        if self.url.password and (secret := self.url.password.reveal()):
            said = said.replace(secret, MASK)
        return said
