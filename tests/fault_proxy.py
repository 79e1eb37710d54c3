"""A TCP proxy that fails in a chosen way, and ports that do not answer at all."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.loopback_server import LoopbackServer


@dataclass(frozen=True)
class Forward:
    """Pass everything on to a port of this machine."""

    port: int


@dataclass(frozen=True)
class Reset:
    """Answer each connection with a reset."""


@dataclass(frozen=True)
class Swallow:
    """Take everything and answer nothing."""


@dataclass(frozen=True)
class CutAfter:
    """Pass everything on, and hang up once the client has sent this many bytes."""

    port: int
    sent: int


@dataclass(frozen=True)
class Say:
    """Answer the first bytes with these, and hang up."""

    words: bytes


@dataclass(frozen=True)
class Slow:
    """Pass everything on, each piece of an answer this many seconds later."""

    port: int
    seconds: float


@dataclass(frozen=True)
class Until:
    """Pass everything on, until `held` is set: from then on take everything and answer nothing, `asked` set by it."""

    port: int
    held: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Until | Forward | Reset | Swallow | CutAfter | Say | Slow


class FaultProxy(LoopbackServer):
    """`fault` may be changed at any time; it holds for new connections."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault
        self.connections = 0
        self.open = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Fail as `fault` says now."""
        self.connections += 1
        self.open += 1
        try:
            await self._fail(self.fault, reader, writer)
        finally:
            self.open -= 1
            writer.transport.abort()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _fail(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match fault:
            case Reset():
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            case Swallow():
                while await reader.read(65536):
                    pass
            case Say(words):
                await reader.read(65536)
                writer.write(words)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
            case Forward(port):
                await _pass_on(reader, writer, port, None)
            case Slow(port, seconds):
                await _pass_on(reader, writer, port, None, later=seconds)
            case CutAfter(port, sent):
                await _pass_on(reader, writer, port, sent)
            case Until(port):
                await _pass_on(reader, writer, port, None, until=fault)


async def _pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    port: int,
    most: int | None,
    *,
    later: float = 0.0,
    until: Until | None = None,
) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", port)

    async def forth() -> None:
        left = most
        while chunk := await reader.read(65536 if left is None else left):
            if until is not None and until.held.is_set():
                until.asked.set()
                continue
            back.write(chunk)
            await back.drain()
            if left is not None:
                left -= len(chunk)
                if left <= 0:
                    return

    async def home() -> None:
        while chunk := await there.read(65536):
            await asyncio.sleep(later)
            writer.write(chunk)
            await writer.drain()

    tasks = [asyncio.create_task(forth()), asyncio.create_task(home())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        back.transport.abort()
        with contextlib.suppress(ConnectionError):
            await back.wait_closed()


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port of this machine where nothing listens, and nothing else will while it is held."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port that answers no connect: its queue is full, so the kernel drops what comes."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(16):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
