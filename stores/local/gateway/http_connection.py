"""One caller's connection: uvicorn's own, bounded in what may come in and in how long it may take.

uvicorn and httptools bound neither: a head could have any size and never end, and so could a body's chunks or trailers.
The answers are JSON like all others, so that a client shows the text.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from soundcheck.stores.local.gateway.bounds import Bounds, Callers

TOO_MANY_CONNECTIONS: Final = "ERR too many connections to the local gateway"
HEAD_TOO_LARGE: Final = "ERR the request's headers are too large for the local gateway"
NOT_HTTP: Final = "ERR the local gateway cannot read this as HTTP"
TOO_SLOW: Final = "ERR the request took too long to arrive at the local gateway"

LINGER: Final = 2.0
"""Seconds in which what a refused caller still sends is thrown away: a reset would take the answer from it."""


class _Part(Enum):
    """What of a message is coming in."""

    NONE = auto()
    HEAD = auto()
    BODY = auto()


class HttpConnection(HttpToolsProtocol):
    """uvicorn's connection within `bounds`. One timer at a time: for a head, a body, or idleness."""

    def __init__(self, bounds: Bounds, callers: Callers, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._bounds = bounds
        self._callers = callers
        self._peer: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_refused = False
        self._part = _Part.NONE
        self._unparsed = 0
        """Bytes that came since the parser last got further than a header, a trailer or a chunk's own line."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Called by the loop."""
        super().connection_made(transport)
        peer = self.client[0] if self.client is not None else ""
        if not self._callers.enter(peer):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, TOO_MANY_CONNECTIONS)
            transport.close()  # at once: lingering would hold what there is too much of
            return
        self._peer = peer
        self._await(self._bounds.idle_seconds, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._disarm()
        if self._peer is not None:
            self._callers.leave(self._peer)
            self._peer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._is_refused:
            return
        self._unparsed += len(data)
        super().data_received(data)
        if not self._is_refused:
            self._look_at_what_came()

    def _look_at_what_came(self) -> None:
        if self._unparsed > self._bounds.head_bytes:
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HEAD_TOO_LARGE)
        elif self._timer is None and self.timeout_keep_alive_task is None and self._is_idle():
            self._await(self._bounds.idle_seconds, self.transport.close)  # nothing but line breaks came

    def on_message_begin(self) -> None:
        """Called by the parser at the first byte of a head."""
        super().on_message_begin()
        self._part, self._unparsed = _Part.HEAD, 0
        self._await(self._bounds.head_seconds, self._too_slow)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        super().on_headers_complete()
        self._part, self._unparsed = _Part.BODY, 0
        self._await(self._bounds.body_seconds, self._too_slow)

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        super().on_body(body)
        self._unparsed = 0

    def on_message_complete(self) -> None:
        """Called by the parser."""
        super().on_message_complete()
        self._part, self._unparsed = _Part.NONE, 0
        self._disarm()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn where the parser gives up, as it does on a target that is longer than it can count."""
        if self._part is _Part.HEAD and len(self.url) > self._bounds.head_bytes:
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HEAD_TOO_LARGE)
        else:
            self._end(HTTPStatus.BAD_REQUEST, NOT_HTTP)

    def timeout_keep_alive_handler(self) -> None:
        """Called by uvicorn on an idle connection; one whose last answer was never read would never close."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _is_idle(self) -> bool:
        return self._part is _Part.NONE and (self.cycle is None or self.cycle.response_complete)

    def _too_slow(self) -> None:
        self._end(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)

    def _end(self, status: HTTPStatus, text: str) -> None:
        """Close for the message that is coming in; with words unless it has its answer, or another's is on its way."""
        self._disarm()
        if self.transport.is_closing() or not self._may_answer():
            self.transport.abort()
            return
        if self._part is _Part.BODY:
            self.cycle.disconnected = True  # the application waits for the rest
            self.cycle.message_event.set()
        self._refuse(status, text)
        self.transport.write_eof()
        self._await(LINGER, self.transport.abort)

    def _may_answer(self) -> bool:
        if self._part is _Part.BODY:
            return not self.pipeline and not self.cycle.response_started
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self._is_refused = True
        body = json.dumps({"error": text}).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)

    def _await(self, seconds: float, then: Callable[[], None]) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, then)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
