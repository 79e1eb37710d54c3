"""A server on a free port of this machine for the time of a test: what the fakes that speak a protocol stand on."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Self

_GONE = (
    ConnectionError,
    ssl.SSLError,
    asyncio.IncompleteReadError,
    asyncio.CancelledError,
    TimeoutError,
)
"""What ends a conversation and nothing else: the other side left, or the test is over."""


class LoopbackServer:
    """Listens on 127.0.0.1 at `port` while it is entered. Leaving hangs up on everybody and waits until they are gone.

    `tls` encrypts from the first byte on.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self._listens_with = tls
        self._conversations: set[asyncio.Task[None]] = set()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first byte on; it is aborted when this ends."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._listens_with)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.cut()
        await self._server.wait_closed()

    async def cut(self) -> None:
        """Hang up on every connection that stands."""
        standing = tuple(self._conversations)
        for conversation in standing:
            conversation.cancel()
        await asyncio.gather(*standing, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.current_task()
        assert conversation is not None
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)
        with contextlib.suppress(*_GONE):
            await self.converse(reader, writer)
        writer.transport.abort()
