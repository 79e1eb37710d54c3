"""Valkey's replies as the JSON, or the RESP2, that Upstash sends."""

from __future__ import annotations

import base64
import json
from typing import Final, TypeAlias


class ErrorReply(Exception):
    """An error as Valkey words it, its code word first: `ERR …`, `WRONGTYPE …`."""

    @property
    def text(self) -> str:
        """The whole text."""
        return str(self.args[0]) if self.args else ""


RespReply: TypeAlias = "int | bytes | list[RespReply] | ErrorReply | None"
"""A RESP2 reply. Strings are the raw bytes: base64 is made of those, not of a decoded text."""

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def one(answer: RespReply, *, as_base64: bool) -> bytes:
    """`{"result": …}` or `{"error": "…"}`."""
    return _item(answer, as_base64).encode()


def many(answers: list[RespReply], *, as_base64: bool) -> bytes:
    """The array that a pipeline or a transaction answers with."""
    return ("[" + ",".join([_item(answer, as_base64) for answer in answers]) + "]").encode()


def resp2(answer: RespReply) -> bytes:
    """An answer of our own as Redis' protocol has it; Valkey's replies go out as they came instead."""
    if isinstance(answer, ErrorReply):
        return b"-" + answer.text.replace("\r", " ").replace("\n", " ").encode("utf-8", "surrogateescape") + b"\r\n"
    if isinstance(answer, list):
        return b"*%d\r\n" % len(answer) + b"".join([resp2(item) for item in answer])
    if isinstance(answer, int):
        return b":%d\r\n" % answer
    if answer is None:
        return b"$-1\r\n"
    return b"+OK\r\n" if answer == b"OK" else b"$%d\r\n%s\r\n" % (len(answer), answer)


def _item(answer: RespReply, as_base64: bool) -> str:
    if isinstance(answer, ErrorReply):
        return '{"error":' + _encode(_readable(answer.text)) + "}"
    return '{"result":' + _encode(_plain(answer, as_base64)) + "}"


def _plain(answer: RespReply, as_base64: bool) -> object:
    """JSON's types. Without base64 what is no UTF-8 becomes U+FFFD; with it all strings but `OK` are encoded."""
    if isinstance(answer, bytes):
        if as_base64 and answer != b"OK":
            return base64.b64encode(answer).decode("ascii")
        return answer.decode("utf-8", "replace")
    if isinstance(answer, list):
        return [_plain(item, as_base64) for item in answer]
    if isinstance(answer, ErrorReply):  # inside an array, as a script may return one
        return _readable(answer.text)
    return answer


def _readable(text: str) -> str:
    """An error text that can be sent as UTF-8, whatever bytes it quotes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
