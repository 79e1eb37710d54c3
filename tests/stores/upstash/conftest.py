"""Small servers that answer as no Upstash would."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from soundcheck.stores.upstash.rest_url import RestUrl

Behave = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class FakeServer:
    """Reads whole requests, keeps them, and lets `behave` write what it likes."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> RestUrl:
        return RestUrl("http", "127.0.0.1", self.port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length")
                    ),
                    0,
                )
                request = head + await reader.readexactly(length)
                self.requests.append(request)
                await self.behave(request, writer)
                if writer.is_closing():
                    break
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def http(body: bytes | str, status: str = "200 OK", kind: str = "application/json", **headers: str) -> bytes:
    """A complete response."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + data


def answering(response: bytes) -> Behave:
    """Always the same response."""

    async def behave(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(response)

    return behave


def answering_json(value: object, status: str = "200 OK") -> Behave:
    return answering(http(json.dumps(value), status))


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[FakeServer]]]:
    """Starts fake servers on loopback."""
    async with AsyncExitStack() as stack:

        async def start(behave: Behave, tls: ssl.SSLContext | None = None) -> FakeServer:
            fake = FakeServer(behave)
            server = await stack.enter_async_context(await asyncio.start_server(fake.serve, "127.0.0.1", 0, ssl=tls))
            fake.port = server.sockets[0].getsockname()[1]
            return fake

        yield start


@pytest.fixture
def reply_with() -> Callable[..., Behave]:
    """`reply_with("text", status, kind)` as a behaviour."""
    return lambda *args, **kwargs: answering(http(*args, **kwargs))


@pytest.fixture
def reply_json() -> Callable[..., Behave]:
    """`reply_json(value, status)` as a behaviour."""
    return answering_json
