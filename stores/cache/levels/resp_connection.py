"""A connection of redis-py to an address that our own resolver gave, without retries, and what its errors mean.

redis-py retries ten times unless told not to: a dead server then costs 15 s instead of one deadline.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any, Final

from redis.asyncio.connection import AbstractConnection, Connection
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    RedisError,
    ResponseError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from soundcheck.stores.cache.levels.event_stream import keep_alive_options
from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.shared_level import Fault, LevelFault, refusal
from soundcheck.stores.proven_stream import open_proven
from soundcheck.stores.resolver import ResolveError, Resolver
from soundcheck.stores.stranger import Stranger

_TAKES_DRIVER_INFO: Final = "driver_info" in signature(AbstractConnection.__init__).parameters
_UNNAMED: Final[Mapping[str, Any]] = dict.fromkeys(
    ("driver_info",) if _TAKES_DRIVER_INFO else ("lib_name", "lib_version")
)
"""How redis-py is told to send no CLIENT SETINFO: the first from 7.2 on, the others before."""

_LOOKUP_DEADLINE: Final = 60.0
"""Seconds, never reached: the deadline of the whole call is shorter."""


class LevelConnection(Connection):
    """One TCP connection: RESP2, U+FFFD for what is no UTF-8, no CLIENT SETINFO, no deadline of its own."""

    def __init__(self, address: RespAddress, resolver: Resolver, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            host=address.host,
            port=address.port,
            username=address.user or None,
            password=address.password.reveal() or None,
            db=address.database,
            protocol=2,
            decode_responses=True,
            encoding_errors="replace",
            retry=Retry(NoBackoff(), 0),
            socket_timeout=None,
            socket_connect_timeout=None,
            **_UNNAMED,
        )
        self._resolver = resolver
        self._tls = tls
        self._secret = address.password

    @property
    def is_usable(self) -> bool:
        """Whether it stands, and nothing unasked for has come in."""
        reader = self._reader
        return reader is not None and not reader.at_eof() and not getattr(reader, "_buffer", b"")

    async def open(self) -> None:
        """Connect and authenticate, unless it stands. Raises `RedisError`."""
        if not self.is_connected:
            await self.connect()  # type: ignore[no-untyped-call]

    async def _connect(self) -> None:
        """Open it to the first address that answers. Raises `OSError` or `ResolveError`."""
        problem: OSError = OSError("no address")
        for number in await self._numbers():
            try:
                reader, writer = await open_proven(number, self.port, self._secret, **self._tls_arguments())
            except OSError as failed:
                problem = failed
                continue
            self._reader, self._writer = reader, writer
            raw = self._writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for option in keep_alive_options():
                    raw.setsockopt(*option)
            return
        raise problem

    async def _numbers(self) -> list[str]:
        try:
            return [str(ipaddress.ip_address(self.host))]
        except ValueError:
            found = await self._resolver.resolve(self.host, deadline=_LOOKUP_DEADLINE)
            return [address.number for address in found]

    def _tls_arguments(self) -> Mapping[str, Any]:
        return {} if self._tls is None else {"ssl": self._tls, "server_hostname": self.host}


def fault_of(problem: RedisError | OSError) -> LevelFault:
    """What an exception of redis-py stands for; its own text is passed on only where the server wrote it."""
    causes = tuple(_causes(problem))
    lookup = next((cause for cause in causes if isinstance(cause, ResolveError)), None)
    if lookup is not None:
        return LevelFault(Fault.UNREACHABLE, f"the name {lookup.host} is not known")
    if any(isinstance(cause, InvalidResponse) for cause in causes):
        return LevelFault(Fault.GARBLED, "something answered that does not speak Redis' protocol")
    if isinstance(problem, BusyLoadingError):
        return LevelFault(Fault.UNREACHABLE, "LOADING Redis is loading the dataset in memory")
    if isinstance(problem, ResponseError | AuthenticationError):
        return refusal(_said(problem))
    if isinstance(problem, RedisTimeoutError | TimeoutError):
        return LevelFault(Fault.TIMEOUT, "the connection could not be opened in time")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return LevelFault(Fault.UNREACHABLE, "the TLS handshake failed")
    if stranger := next((cause for cause in causes if isinstance(cause, Stranger)), None):
        return LevelFault(Fault.UNREACHABLE, str(stranger))
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return LevelFault(Fault.UNREACHABLE, "the connection was refused")
    return LevelFault(Fault.UNREACHABLE, "the connection was cut before the answer was complete")


def _said(problem: RedisError) -> str:
    """The server's text as it came: redis-py takes the code word off some of them and keeps it apart."""
    text = str(problem)
    code = getattr(problem, "status_code", None)
    return f"{code} {text}" if isinstance(code, str) and code and not text.startswith(code) else text


def _causes(problem: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = problem
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
