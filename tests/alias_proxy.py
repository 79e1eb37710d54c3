"""What a pooler with an alias looks like: an address names one database, and the server behind it has another."""

from __future__ import annotations

import asyncio
import struct

from tests.loopback_server import LoopbackServer

PROTOCOL = 196608


class AliasProxy(LoopbackServer):
    """Passes everything on to a port of this machine, and asks there for `real` whichever database was asked for."""

    def __init__(self, port: int, real: str) -> None:
        super().__init__()
        self._behind = port
        self._real = real

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session: the first packet with another name in it, then both ways as it comes."""
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)
        try:
            length, code = struct.unpack("!ii", await reader.readexactly(8))
            packet = await reader.readexactly(length - 8)
            if code == PROTOCOL:
                words = packet.rstrip(b"\0").split(b"\0")
                given = dict(zip(words[::2], words[1::2], strict=True)) | {b"database": self._real.encode()}
                packet = b"".join(name + b"\0" + value + b"\0" for name, value in given.items()) + b"\0"
            back.write(struct.pack("!ii", len(packet) + 8, code) + packet)
            await asyncio.wait(
                [asyncio.ensure_future(_pipe(reader, back)), asyncio.ensure_future(_pipe(there, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            back.transport.abort()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while chunk := await source.read(65536):
        sink.write(chunk)
        await sink.drain()
