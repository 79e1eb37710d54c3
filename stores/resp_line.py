"""Redis' own protocol as far as a question takes whose answer is one line. Pools and levels use redis-py instead."""

from __future__ import annotations

import asyncio
from typing import Final

_MOST: Final = 512


def command(*words: str) -> bytes:
    """A command as it is sent (RESP2)."""
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)


async def first_line(reader: asyncio.StreamReader) -> str:
    """The first line of an answer, "" where it has no end. Raises `IncompleteReadError` where the other side closes."""
    try:
        line = await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError:
        return ""
    return line[:_MOST].decode("utf-8", "replace").rstrip("\r\n")
