"""A foreign program on a port: it answers whatever protocol it is spoken to in, as obligingly as it can."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Final

_NEGOTIATIONS: Final = {80877103, 80877104}  # SSLRequest, GSSENCRequest
_PATIENCE: Final = 20.0
_READY: Final = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"
ASKS: Final = {
    "cleartext": b"R\0\0\0\x08\0\0\0\x03",
    "md5": b"R\0\0\0\x0c\0\0\0\x05salt",
    "trust": _READY,
}
"""What a PostgreSQL may ask of a client; the last for nothing at all."""


class Squatter:
    """Keeps every byte that it is sent, `heard`, by connection."""

    def __init__(self, asks: str = "cleartext") -> None:
        self._asks = ASKS[asks]
        self._conversations: list[bytearray] = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    @property
    def port(self) -> int:
        """Where it sits."""
        return int(self._listener.getsockname()[1])

    @property
    def heard(self) -> bytes:
        """Everything, of all connections."""
        return b"".join(bytes(one) for one in self._conversations)

    def listen(self, port: int = 0) -> None:
        """Take the port, as soon as whoever had it last lets it go."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._listener.bind(("127.0.0.1", port))
                break
            except OSError as problem:
                if problem.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def leave(self) -> None:
        """Close the port; connections end with their clients."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        heard = bytearray()
        self._conversations.append(heard)
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65536):
                heard += data
                connection.sendall(self._answer(data))

    def _answer(self, data: bytes) -> bytes:
        if data[:1] == b"\0":
            (code,) = struct.unpack("!i", data[4:8])
            return b"N" if code in _NEGOTIATIONS else self._asks
        if data[:1] == b"p":
            return _READY
        if data[:1] == b"*":
            return b"+OK\r\n" * data.count(b"*")
        body = b'{"result":"PONG"}'
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        return head + body


@contextlib.contextmanager
def squatting(*ports: int, asks: str = "cleartext") -> Iterator[list[Squatter]]:
    """One squatter on each port; with none named, one on a port of its own."""
    squatters = [Squatter(asks) for _ in ports or (0,)]
    try:
        for squatter, port in zip(squatters, ports or (0,), strict=True):
            squatter.listen(port)
        yield squatters
    finally:
        for squatter in squatters:
            squatter.leave()
