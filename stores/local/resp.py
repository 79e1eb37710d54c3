"""A few lines of RESP2, enough to ask our own Valkey whether it is ready and to shut it down."""

from __future__ import annotations

import asyncio

from stores.local.ports import HOST
from stores.secret import Secret


async def ask(port: int, password: Secret, *command: str, deadline: float = 1.0) -> str:
    """The first line of the answer to one command, after AUTH.

    Raises `OSError` (refused, closed) or `TimeoutError`; a refused password raises `PermissionError`, an `OSError`.
    """
    async with asyncio.timeout(deadline):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(_encoded("AUTH", password.reveal()))
            if not (await _line(reader)).startswith("+"):
                raise PermissionError("the server does not take our password")
            writer.write(_encoded(*command))
            return await _line(reader)
        finally:
            writer.close()


async def _line(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    if not line:
        raise ConnectionResetError("closed")
    return line.decode("utf-8", "replace").strip()


def _encoded(*parts: str) -> bytes:
    pieces = [f"*{len(parts)}\r\n".encode()]
    for part in parts:
        data = part.encode()
        pieces.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(pieces)
