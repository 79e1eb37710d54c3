"""One subscription over REST: server-sent events out of `POST /subscribe/<channel>`.

Format: `data: subscribe,chat,1` once, then `data: message,chat,hello` for each message (upstash/docs
`redis/features/restapi`). Whether an empty line ends each event, as the standard has it, is not shown there, so both
are read. A line that falls silent for good is found by TCP's own keep-alive: it costs no command.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from soundcheck.stores.cache.levels.reconnecting import LineLost
from soundcheck.stores.cache.levels.shared_level import refusal
from soundcheck.stores.resolver import ResolveError

if TYPE_CHECKING:
    import httpx

_MOST_LINE: Final = 11 * 2**20
"""Bytes without a line break, over any message that the vendor takes."""

_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPALIVE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""Seconds, seconds under macOS' name, seconds, and probes: a dead line is noticed within 35 s."""


def keep_alive_options() -> list[tuple[int, int, int]]:
    """Socket options by which the system itself notices a dead line; those that it knows."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in _KEEP_ALIVE.items():
        if (option := getattr(socket, name, None)) is not None:
            options.append((socket.IPPROTO_TCP, option, value))
    return options


class EventReader:
    """Bytes of an event stream in, messages of one channel out."""

    def __init__(self, channel: str) -> None:
        self._message = f"message,{channel},".encode()
        self._confirmation = f"subscribe,{channel},".encode()
        self._rest = b""
        self._event: list[bytes] = []
        self._ends_with_empty_line = False
        self.is_subscribed = False

    def feed(self, data: bytes) -> list[str]:
        """The messages that are complete now. Raises `LineLost` for what is no event stream."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MOST_LINE:
            raise LineLost("a line of the event stream is too long")
        messages: list[str] = []
        for line in lines:
            stripped = line.removesuffix(b"\r")
            if not stripped:
                self._ends_with_empty_line = True
                messages += self._complete()
            elif stripped.startswith(b"data:"):
                self._event.append(stripped[5:].removeprefix(b" "))
                if not self._ends_with_empty_line:
                    messages += self._complete()
        return messages

    def _complete(self) -> list[str]:
        event, self._event = b"\n".join(self._event), []
        if event.startswith(self._confirmation):
            self.is_subscribed = True
        elif event.startswith(self._message):
            return [event[len(self._message) :].decode("utf-8", "replace")]
        return []


@asynccontextmanager
async def subscription(
    client: httpx.AsyncClient, url: str, token: str, channel: str
) -> AsyncIterator[AsyncIterator[str]]:
    """A channel, subscribed once entered. Raises `LineLost`, entered or not, when the line cannot be had or breaks."""
    import httpx

    path = quote(channel.encode("utf-8", "replace"), safe="")
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    try:
        async with client.stream("POST", f"{url}/subscribe/{path}", headers=headers) as response:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.status_code != httpx.codes.OK or kind != "text/event-stream":
                raise LineLost(await _refused(response))
            reader = EventReader(channel)
            chunks = aiter(response.aiter_raw())
            early: list[str] = []
            while not reader.is_subscribed:
                early += reader.feed(await anext(chunks, b"") or _ended())
            yield _messages(reader, chunks, early)
    except ResolveError as problem:
        raise LineLost(f"the name {problem.host} is not known") from None
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise LineLost(type(problem).__name__) from None


async def _messages(reader: EventReader, chunks: AsyncIterator[bytes], early: list[str]) -> AsyncIterator[str]:
    for text in early:
        yield text
    async for chunk in chunks:
        for text in reader.feed(chunk):
            yield text


def _ended() -> bytes:
    raise LineLost("the event stream ended")


async def _refused(response: httpx.Response) -> str:
    """Why there is no stream, from at most a few bytes of the answer."""
    start = b""
    async with asyncio.timeout(2.0):
        async for chunk in response.aiter_raw():
            start += chunk
            if len(start) > 4000:
                break
    try:
        text = json.loads(start)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return f"answered HTTP {response.status_code} with something that is no event stream"
    return refusal(text).message if isinstance(text, str) else "refused"
