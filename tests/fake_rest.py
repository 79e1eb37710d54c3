"""An HTTP server that stands in for Upstash where it fails: any status, any body, or none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `cut` announces more bytes than are sent; `hang` sends nothing at all."""

    body: str | bytes
    status: int = 200
    content_type: str = "application/json"
    cut: bool = False
    hang: bool = False


def result(value: object) -> Answer:
    """A command that went well."""
    return Answer(json.dumps({"result": value}))


def error(text: str, status: int = 400) -> Answer:
    """A command that was refused."""
    return Answer(json.dumps({"error": text}), status)


class FakeRest:
    """Answers each command by `answer(words)`; keeps the commands in `seen`."""

    def __init__(self, answer: Callable[[list[str]], Answer], *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.tls = tls
        self.port = 0
        self.seen: list[list[str]] = []
        self.asked = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            while await self._exchange(reader, writer):
                pass
        writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        words = json.loads(await reader.readexactly(length))
        self.seen.append(words)
        self.asked.set()
        answer = self.answer(words)
        if answer.hang:
            await asyncio.Event().wait()
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        size = len(body) + (100 if answer.cut else 0)
        head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.content_type}\r\nContent-Length: {size}\r\n\r\n"
        writer.write(head.encode())
        writer.write(body)
        await writer.drain()
        if answer.cut:
            writer.close()
            await writer.wait_closed()
        return not answer.cut
