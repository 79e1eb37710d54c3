"""A connection to Valkey for one caller alone: for what would change or hold up the shared one, and for raw replies."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import hiredis

from soundcheck.stores.local.gateway.answer import ErrorReply, RespReply
from soundcheck.stores.local.gateway.request import RawCommand
from soundcheck.stores.local.gateway.valkey import CONNECT_DEADLINE, ValkeyDown, packed, refuse_stranger
from soundcheck.stores.secret import Secret

_MOST_LINE: Final = 64 * 2**20
"""Bytes. MONITOR tells a command in one line, and a request may have 10 MB, each byte of it escaped as four."""


class ValkeyConnection:
    """One connection, authenticated. Raises `ValkeyDown` when it breaks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int, password: Secret, state_file: Path | None = None) -> ValkeyConnection:
        """Connect and authenticate. Raises `ValkeyDown`."""
        try:
            async with asyncio.timeout(CONNECT_DEADLINE):
                line = cls(*await asyncio.open_connection(host, port, limit=_MOST_LINE))
                try:
                    refuse_stranger(state_file, port)
                    if password:
                        line.write([[b"AUTH", password.reveal().encode()]])
                        if (await line.reply()).startswith(b"-"):
                            raise ValkeyDown("it refused the gateway's password")
                except BaseException:
                    line.close()
                    raise
                return line
        except TimeoutError:
            raise ValkeyDown(f"no answer within {CONNECT_DEADLINE:g} s") from None
        except OSError as problem:
            raise ValkeyDown(problem.strerror or "it cannot be reached") from None

    def write(self, commands: list[RawCommand]) -> None:
        """Send the commands in one piece."""
        self._writer.write(packed(commands))

    async def reply(self) -> bytes:
        """The next reply, byte for byte."""
        try:
            line = await self._reader.readuntil(b"\r\n")
            size = int(line[1:]) if line[:1] in b"$*" else -1
            if size < 0:
                return line
            if line.startswith(b"$"):
                return line + await self._reader.readexactly(size + 2)
            return line + b"".join([await self.reply() for _ in range(size)])
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            raise ValkeyDown("the connection was cut") from None

    def close(self) -> None:
        """Drop the connection."""
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._writer.transport.abort()


def parsed(raw: bytes) -> RespReply:
    """A whole reply as a value."""
    reader = hiredis.Reader(replyError=ErrorReply)
    reader.feed(raw)
    answer: RespReply = reader.gets()
    return answer
