"""One HTTP exchange under ASGI: what of a request matters to the gateway, and a response in one piece."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, NamedTuple, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
AsgiMessage: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[AsgiMessage]]
Send: TypeAlias = Callable[[AsgiMessage], Awaitable[None]]

MAX_REQUEST: Final = 10 * 1024 * 1024
"""Bytes of a body, as on Upstash's free plan. Not more than this is ever held of one request."""

_JSON: Final = b"application/json"


class CallerGone(Exception):
    """The caller hung up, or was cut off, before its request was complete: nothing of it may be run."""


class Response(NamedTuple):
    """What goes out in one piece."""

    status: int
    body: bytes
    kind: bytes = _JSON

    async def send(self, send: Send, *extra: tuple[bytes, bytes]) -> None:
        """Answer with it, and with the further headers."""
        headers = [(b"content-type", self.kind), (b"content-length", b"%d" % len(self.body)), *extra]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Headers:
    """The four headers that matter; any other, and any content type, is tolerated."""

    __slots__ = ("authorization", "content_length", "encoding", "response_format")

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self.authorization: bytes | None = None
        self.content_length = 0
        self.encoding = b""
        self.response_format = b""
        for name, value in raw:
            if name == b"authorization":
                self.authorization = value
            elif name == b"content-length":
                self.content_length = int(value) if value.isdigit() else 0
            elif name == b"upstash-encoding":
                self.encoding = value.strip().lower()
            elif name == b"upstash-response-format":
                self.response_format = value.strip().lower()


async def read_body(receive: Receive, announced: int) -> bytes | None:
    """The body; None where it is over the limit, in which case what is left of it is thrown away unread.

    Raises `CallerGone` where it ends too early: half a value would be written.
    """
    if announced > MAX_REQUEST:
        return None
    parts: list[bytes] = []
    size, is_more = 0, True
    while is_more and size <= MAX_REQUEST:
        message = await receive()
        if message["type"] != "http.request":
            raise CallerGone
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        is_more = message.get("more_body", False)
    if size > MAX_REQUEST:
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def json_response(status: int, value: object) -> Response:
    """A value of JSON's types."""
    return Response(status, json.dumps(value).encode())


def error_response(status: int, text: str) -> Response:
    """What Upstash says when a request fails."""
    return json_response(status, {"error": text})
