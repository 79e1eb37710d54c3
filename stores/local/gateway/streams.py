"""`/subscribe`, `/psubscribe` and `/monitor` as server-sent events, each over a connection of its own to Valkey.

Lines as in upstash/docs `redis/features/restapi`: `data: subscribe,chat,1`, then `data: message,chat,hello`; for a
pattern `data: pmessage,c*,chat,hello`, which `@upstash/redis` reads; for `/monitor` first `data: "OK"`, then the
commands as Redis tells them. An empty line ends each event, and a line break inside a message begins a further
`data:` line, as the standard of server-sent events has it. Comments keep an idle stream alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import unquote_to_bytes

from soundcheck.stores.local.gateway.answer import ErrorReply
from soundcheck.stores.local.gateway.http_exchange import Receive, Send
from soundcheck.stores.local.gateway.request import RawCommand
from soundcheck.stores.local.gateway.valkey import ValkeyDown
from soundcheck.stores.local.gateway.valkey_connection import ValkeyConnection, parsed

STREAMS: Final = frozenset({b"subscribe", b"psubscribe", b"monitor"})
KEEP_ALIVE: Final = 15.0
"""Seconds without an event after which a comment is sent."""

SEND_DEADLINE: Final = 30.0
"""Seconds that a client may leave its stream unread: for one that never reads, Valkey would keep every event."""

GOODBYE: Final = 0.5
"""Seconds for the end of a response to leave."""

_COMMENT: Final = b": keep-alive\n\n"
_LINE_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_CALLER: Final = re.compile(rb"^(\+\d+\.\d+ \[\d+ )[^\]]*\]")
"""The address in a line of MONITOR, which is the gateway's; Upstash shows zeros."""


def stream_command(path: bytes) -> RawCommand | None:
    """The command of a stream's path, None for any other path. The channels are segments, percent-encoded."""
    name, *rest = path[1:].removesuffix(b"/").split(b"/")
    if name.lower() not in STREAMS:
        return None
    return [name.upper(), *(unquote_to_bytes(part) for part in rest)]


class ServerSentStream:
    """One stream, from its confirmation on. Close it."""

    def __init__(self, line: ValkeyConnection, first: bytes) -> None:
        self._line = line
        self._first = first

    @classmethod
    async def open(cls, line: ValkeyConnection, command: RawCommand) -> ServerSentStream | ErrorReply:
        """Send the command; Valkey's error, or the stream. Raises `ValkeyDown`."""
        line.write([command])
        first = await line.reply()
        answer = parsed(first)
        if isinstance(answer, ErrorReply):
            return answer
        return cls(line, b'+"OK"\r\n' if command[0] == b"MONITOR" else first)

    async def events(self) -> AsyncIterator[bytes]:
        """The events as they are sent, until Valkey is gone."""
        raw = self._first
        while True:
            yield _event(raw)
            raw = await self._line.reply()

    def close(self) -> None:
        """End the subscription."""
        self._line.close()


def _event(raw: bytes) -> bytes:
    if raw.startswith(b"+"):
        text = _CALLER.sub(rb"\g<1>0.0.0.0:0]", raw)[1:-2]
    else:
        answer = parsed(raw)
        items = answer if isinstance(answer, list) else [answer]
        text = b",".join([item if isinstance(item, bytes) else str(item).encode() for item in items])
    lines = _LINE_BREAK.split(text.decode("utf-8", "replace").encode())
    return b"".join([b"data: " + line + b"\n" for line in lines]) + b"\n"


async def send_events(stream: ServerSentStream, receive: Receive, send: Send, stopping: asyncio.Event) -> None:
    """Send until the client has gone, Valkey has gone, or the gateway stops; then the response ends."""
    ways = (_pump(stream, send), _until_gone(receive), stopping.wait())
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pump(stream: ServerSentStream, send: Send) -> None:
    events = stream.events()
    coming = asyncio.ensure_future(anext(events))
    try:
        while True:
            done, _ = await asyncio.wait([coming], timeout=KEEP_ALIVE)
            body = coming.result() if done else _COMMENT
            if done:
                coming = asyncio.ensure_future(anext(events))
            async with asyncio.timeout(SEND_DEADLINE):
                await send({"type": "http.response.body", "body": body, "more_body": True})
    except (ValkeyDown, TimeoutError):
        return
    finally:
        coming.cancel()
        with contextlib.suppress(asyncio.CancelledError, ValkeyDown, StopAsyncIteration):
            await coming


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
