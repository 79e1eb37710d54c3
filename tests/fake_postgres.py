"""A server that speaks just enough of PostgreSQL's protocol to refuse: start-up packets, TLS, and an error."""

from __future__ import annotations

import asyncio
import ssl
import struct

from tests.loopback_server import LoopbackServer

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104


class FakePostgres(LoopbackServer):
    """Refuses each log-in with `error` once it may: `waits` holds it back until it is set.

    `errors` are used up one for each log-in, the last one stays. With `tls` it agrees to encryption.
    """

    def __init__(
        self,
        *errors: str,
        severity: str = "FATAL",
        sqlstate: str = "XX000",
        tls: ssl.SSLContext | None = None,
        waits: asyncio.Event | None = None,
    ) -> None:
        super().__init__()
        self.errors = list(errors) or ["the server refuses everything"]
        self.severity = severity
        self.sqlstate = sqlstate
        self.tls = tls
        self.waits = waits
        self.log_ins = 0
        self.asked = asyncio.Event()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Agree to encryption or not, then refuse the log-in."""
        while True:
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            packet = await reader.readexactly(length - 4)
            (code,) = struct.unpack("!i", packet[:4])
            if code == SSL_REQUEST and self.tls is not None:
                writer.write(b"S")
                await writer.drain()
                await writer.start_tls(self.tls)
            elif code in {SSL_REQUEST, GSS_REQUEST}:
                writer.write(b"N")
                await writer.drain()
            else:
                break
        self.log_ins += 1
        self.asked.set()
        if self.waits is not None:
            await self.waits.wait()
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        fields = b"".join(
            kind + value.encode() + b"\0"
            for kind, value in ((b"S", self.severity), (b"V", self.severity), (b"C", self.sqlstate), (b"M", error))
        )
        writer.write(b"E" + struct.pack("!i", len(fields) + 5) + fields + b"\0")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
