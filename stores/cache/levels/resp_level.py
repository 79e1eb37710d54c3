"""L2 over Redis' own protocol: redis-py's connections with hiredis, a few of them, no retries, hard deadlines."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from soundcheck.stores.cache.coalescing import Coalescer
from soundcheck.stores.cache.levels.reconnecting import FIRST_PAUSE, LineLost, Listeners
from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Done, Fault, Found, LevelFault
from soundcheck.stores.cache.versioned_writes import RedisCommand
from soundcheck.stores.resolver import Resolver, SystemResolver

if TYPE_CHECKING:
    from soundcheck.stores.cache.levels.resp_connection import LevelConnection


class RespLevel:
    """`SharedLevel` over RESP2, with TLS for `rediss://`. For one event loop.

    `tls` replaces the default certificate store; `first_pause` is the seconds before a lost channel is tried again.
    At most as many connections as requests in flight, and one for each channel that is listened to.
    """

    name = "RESP"

    def __init__(
        self,
        address: RespAddress,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.commands_used = 0
        self._address = address
        self._resolver = resolver if resolver is not None else SystemResolver()
        self._tls = tls
        self._idle: list[LevelConnection] = []
        self._is_closed = False
        self._calls = Coalescer(self._send)
        self._listeners = Listeners(self._subscribe, first_pause=first_pause)

    async def read(self, keys: Sequence[str], *, deadline: float) -> Found | LevelFault:
        """MGET of `keys`, merged with what others read at this moment."""
        return await self._calls.read(keys, deadline)

    async def run(self, commands: Sequence[Sequence[str | int]], *, deadline: float) -> tuple[Done, ...] | LevelFault:
        """The commands in order, in one request; one refused command makes the whole answer a fault."""
        return await self._calls.run(commands, deadline)

    def listen(self, channel: str) -> AsyncIterator[ChannelEvent]:
        """The messages of a channel until the iterator is closed; reconnects by itself, and says so."""
        return self._listeners.listen(channel)

    async def close(self) -> None:
        """Let go of every connection. Idempotent."""
        self._is_closed = True
        await self._listeners.close()
        await self._calls.close()
        while self._idle:
            await _let_go(self._idle.pop())

    async def _send(self, commands: list[RedisCommand], deadline: float) -> list[Done | LevelFault]:
        from redis.exceptions import RedisError

        from soundcheck.stores.cache.levels.resp_connection import fault_of

        replies: list[Done | LevelFault] = []
        try:
            async with asyncio.timeout(deadline):
                replies += await self._exchange(commands)
        except TimeoutError:
            return [LevelFault(Fault.TIMEOUT, f"no answer within {deadline:g} s")] * len(commands)
        except (RedisError, OSError) as problem:
            return [fault_of(problem)] * len(commands)
        return replies

    async def _exchange(self, commands: list[RedisCommand]) -> list[Done | LevelFault]:
        """Raises `RedisError` or `OSError`; a connection that failed, or was left in the middle, is not used again."""
        connection = await self._place()
        is_whole = False
        try:
            await connection.open()
            self.commands_used += len(commands)
            await connection.send_packed_command(connection.pack_commands(map(_encoded, commands)), check_health=False)
            replies = [await _reply(connection) for _ in commands]
            is_whole = True
        finally:
            if is_whole and not self._is_closed:
                self._idle.append(connection)
            else:
                await connection.disconnect(nowait=True)
        return replies

    async def _place(self) -> LevelConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            await connection.disconnect(nowait=True)
        return self._new()

    def _new(self) -> LevelConnection:
        from soundcheck.stores.cache.levels.resp_connection import LevelConnection

        if self._address.tls and self._tls is None:
            self._tls = ssl.create_default_context()  # reads all certificates of the system: once
        return LevelConnection(self._address, self._resolver, self._tls if self._address.tls else None)

    @asynccontextmanager
    async def _subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        from redis.exceptions import RedisError

        from soundcheck.stores.cache.levels.resp_connection import fault_of

        connection = self._new()
        try:
            await connection.open()
            self.commands_used += 1
            await connection.send_command(*_encoded(("SUBSCRIBE", channel)), check_health=False)
            await connection.read_response(timeout=math.inf)
            yield _messages(connection)
        except (RedisError, OSError) as problem:
            raise LineLost(fault_of(problem).message) from None
        finally:
            await connection.disconnect(nowait=True)


async def _messages(connection: LevelConnection) -> AsyncIterator[str]:
    while True:
        event = await connection.read_response(timeout=math.inf)
        if isinstance(event, list) and len(event) == 3 and event[0] == "message" and isinstance(event[2], str):
            yield event[2]


async def _reply(connection: LevelConnection) -> Done | LevelFault:
    """One reply. An error of one command leaves the connection, and the replies after it, as they are."""
    from redis.exceptions import ResponseError

    from soundcheck.stores.cache.levels.resp_connection import fault_of

    try:
        return Done(await connection.read_response(timeout=math.inf))
    except ResponseError as problem:
        return fault_of(problem)


def _encoded(command: RedisCommand) -> tuple[bytes, ...]:
    """The words as bytes; half of a surrogate pair, which is no character, becomes U+FFFD."""
    words = [word if isinstance(word, str) else str(word) for word in command]
    try:
        return tuple([word.encode() for word in words])
    except UnicodeEncodeError:
        return tuple([word.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() for word in words])


async def _let_go(connection: LevelConnection) -> None:
    try:
        async with asyncio.timeout(1.0):
            await connection.disconnect()
    except (TimeoutError, OSError):
        await connection.disconnect(nowait=True)
