"""A line of a given length: a proxy on loopback that hands each byte on after half a round trip, both ways."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Bytes in order, each piece `seconds` after it came; nothing waits for the piece before it."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    task = asyncio.create_task(deliver())
    try:
        while data := await reader.read(65536):
            pieces.put_nowait((loop.time() + seconds, data))
        pieces.put_nowait((loop.time() + seconds, b""))
        await task
    except (ConnectionError, asyncio.CancelledError):
        task.cancel()
        writer.close()


@contextlib.asynccontextmanager
async def slow_line(port: int, round_trip: float) -> AsyncIterator[int]:
    """A port on loopback that leads to `port` over a line of `round_trip` seconds; a connect takes one as well."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip)  # the handshake of TCP
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        half = round_trip / 2
        await asyncio.gather(_carry(reader, far_writer, half), _carry(far_reader, writer, half))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
