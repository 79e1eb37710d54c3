"""An HTTP server that stands in for Upstash where it fails: any status, any body, or none."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from tests.loopback_server import LoopbackServer


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


def _joined(answers: list[Answer]) -> Answer:
    """The answer to a pipeline: one item each, unless one of them is no answer to a command at all."""
    odd = next((a for a in answers if a.hang or a.cut or not str(a.body).startswith(('{"result', '{"error'))), None)
    if odd is not None or answers[0].status == 401:
        return odd or answers[0]
    return Answer("[" + ",".join(str(a.body) for a in answers) + "]")


class FakeRest(LoopbackServer):
    """Answers each command by `answer(words)`; keeps the commands in `seen`."""

    def __init__(self, answer: Callable[[list[str]], Answer], *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.answer = answer
        self.seen: list[list[str]] = []
        self.asked = asyncio.Event()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One exchange after the other, until an answer is cut."""
        while await self._exchange(reader, writer):
            pass

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        words = json.loads(await reader.readexactly(length))
        is_pipeline = bool(words) and isinstance(words[0], list)
        rows = words if is_pipeline else [words]
        self.seen += rows
        self.asked.set()
        answers = [self.answer(row) for row in rows]
        answer = _joined(answers) if is_pipeline else answers[0]
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
