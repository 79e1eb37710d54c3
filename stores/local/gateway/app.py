"""The gateway as a plain ASGI application: authentication and limits first, then commands to Valkey and back.

No framework: what stands between the socket and Valkey is most of the time a request takes.
"""

from __future__ import annotations

import hmac
import itertools
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from stores.local.gateway.answer import Answer, ErrorReply, many, one
from stores.local.gateway.configuration import GatewayConfiguration
from stores.local.gateway.policy import Forward, Settled, decide
from stores.local.gateway.request import Call, Command, Malformed, Shape, read_call, token_in_query
from stores.local.gateway.valkey import ValkeyDown, ValkeyLink
from stores.secret import Secret
from stores.upstash.error_texts import STORE_DOWN_TEXT

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

MAX_REQUEST: Final = 10 * 1024 * 1024
"""Bytes of a body, as on Upstash's free plan. Not more than this is ever held of one request."""

VERSION_PATH: Final = b"/_soundcheck/version"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT"})
_STREAMS: Final = frozenset({b"subscribe", b"psubscribe", b"monitor"})
_UNAUTHORIZED: Final = (
    "WRONGPASS invalid or missing auth token. "
    "See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details."
)
_ABORTED: Final = ErrorReply("EXECABORT Transaction discarded because of previous errors.")
_log: Final = logging.getLogger("soundcheck.gateway")


class Access(Enum):
    """What a token allows."""

    FULL = auto()
    READ = auto()


class Gateway:
    """One ASGI application over one connection to Valkey."""

    def __init__(self, configuration: GatewayConfiguration) -> None:
        self._token = configuration.token.reveal().encode()
        self._readonly_token = (configuration.readonly_token or Secret("")).reveal().encode()
        self._version = configuration.version
        self._valkey = ValkeyLink(configuration.redis_host, configuration.redis_port, configuration.redis_password)
        self._sync = itertools.count(int(time.time() * 1000))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Every path, known or not, needs a token first."""
        if scope["type"] != "http":
            return
        headers = _Headers(scope["headers"])
        query: bytes = scope["query_string"]
        access = self._access(headers.authorization, query)
        extra: list[tuple[bytes, bytes]] = []
        if access is None:
            status, body = 401, _error(_UNAUTHORIZED)
        elif scope["method"] not in _METHODS:
            status, body = 405, _error(f"ERR method {scope['method'][:16]} is not allowed")
            extra.append((b"allow", b"GET, HEAD, POST, PUT"))
        else:
            try:
                status, body = await self._serve(scope["raw_path"], query, headers, receive, access)
            except ValkeyDown as problem:
                status, body = 503, _error(f"{STORE_DOWN_TEXT}: {problem.message}")
            except Exception as problem:  # noqa: BLE001 - the worker's boundary; no text of it, it may quote a value
                _log.error("a request failed: %s", type(problem).__name__)
                status, body = 500, _error("ERR internal error of the local gateway")
        await self._send(send, status, body, extra)

    def close(self) -> None:
        """Drop the connection to Valkey."""
        self._valkey.close()

    def _access(self, authorization: bytes | None, query: bytes) -> Access | None:
        """Whose token it is. Both are compared, each in constant time."""
        if authorization is not None:
            scheme, _, token = authorization.partition(b" ")
            given = token.strip() if scheme.lower() == b"bearer" else b""
        else:
            given = token_in_query(query) or b""
        is_full = hmac.compare_digest(given, self._token)
        is_read = hmac.compare_digest(given, self._readonly_token)
        if not given:
            return None
        return Access.FULL if is_full else Access.READ if is_read else None

    async def _serve(
        self, path: bytes, query: bytes, headers: _Headers, receive: Receive, access: Access
    ) -> tuple[int, bytes]:
        if path == VERSION_PATH:
            return 200, _json({"result": self._version})
        if path[1:].partition(b"/")[0].lower() in _STREAMS:
            return 501, _error("ERR server-sent events are not served by the local gateway yet")
        if headers.response_format not in {b"", b"json"}:
            if headers.response_format == b"resp2":
                return 501, _error("ERR response format resp2 is not served by the local gateway yet")
            return 400, _error("ERR unsupported response format")
        body = await _body(receive, headers.content_length)
        if body is None:
            return 400, _error("ERR max request size exceeded")
        call = read_call(path, query, body)
        if isinstance(call, Malformed):
            return 400, _error(call.text)
        return await self._run(call, access, as_base64=headers.encoding == b"base64")

    async def _run(self, call: Call, access: Access, *, as_base64: bool) -> tuple[int, bytes]:
        table = await self._valkey.table()
        read_only = access is Access.READ
        decisions = [
            decide(words, table, read_only=read_only) if words else Settled(ErrorReply("ERR empty pipeline command"))
            for words in call.commands
        ]
        if call.shape is Shape.SINGLE:
            (answer,) = await self._answers(decisions)
            return _status_of(answer), one(answer, as_base64=as_base64)
        if call.shape is Shape.PIPELINE:
            return 200, many(await self._answers(decisions), as_base64=as_base64)
        refused = next(
            (d.answer for d in decisions if isinstance(d, Settled) and isinstance(d.answer, ErrorReply)), None
        )
        if refused is not None:
            return 400, one(refused, as_base64=as_base64)
        answers = await self._transaction(decisions)
        if isinstance(answers, ErrorReply):
            return _status_of(answers), one(answers, as_base64=as_base64)
        return 200, many(answers, as_base64=as_base64)

    async def _answers(self, decisions: list[Forward | Settled]) -> list[Answer]:
        """Send what is to be sent in one go, and put each answer in its place."""
        replies = iter(await self._ask([d.words for d in decisions if isinstance(d, Forward)]))
        return _in_place(decisions, replies)

    async def _transaction(self, decisions: list[Forward | Settled]) -> list[Answer] | ErrorReply:
        """MULTI … EXEC as one piece. What Valkey refuses while queueing discards the whole."""
        commands = [d.words for d in decisions if isinstance(d, Forward)]
        if not commands:
            return _in_place(decisions, iter(()))
        replies = await self._ask([[b"MULTI"], *commands, [b"EXEC"]])
        result = replies[-1]
        if isinstance(result, list):
            return _in_place(decisions, iter(result))
        return result if isinstance(result, ErrorReply) else _ABORTED

    async def _ask(self, commands: list[Command]) -> list[Answer]:
        return await self._valkey.ask(commands) if commands else []

    async def _send(self, send: Send, status: int, body: bytes, extra: list[tuple[bytes, bytes]]) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"upstash-sync-token", b"%d" % next(self._sync)),
            *extra,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Headers:
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


async def _body(receive: Receive, announced: int) -> bytes | None:
    """The body; None where it is over the limit, in which case what is left of it is thrown away unread."""
    if announced > MAX_REQUEST:
        return None
    message = await receive()
    first: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return first if len(first) <= MAX_REQUEST else None
    parts, size = [first], len(first)
    while message.get("more_body", False) and size <= MAX_REQUEST:
        message = await receive()
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
    return b"".join(parts) if size <= MAX_REQUEST else None


def _in_place(decisions: list[Forward | Settled], replies: Any) -> list[Answer]:
    answers: list[Answer] = []
    for decision in decisions:
        if isinstance(decision, Settled):
            answers.append(decision.answer)
            continue
        reply = next(replies)
        answers.append(decision.rewrite(reply) if decision.rewrite is not None else reply)
    return answers


def _status_of(answer: Answer) -> int:
    """400 for an error; 503 while Valkey still reads its data."""
    if isinstance(answer, ErrorReply):
        return 503 if answer.text.startswith("LOADING") else 400
    return 200


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _error(text: str) -> bytes:
    return _json({"error": text})
