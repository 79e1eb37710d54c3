"""The gateway as a plain ASGI application: authentication and limits first, then commands to Valkey and back.

No framework: what stands between the socket and Valkey is most of the time a request takes.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import logging
import time
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final

from soundcheck.stores.local.gateway.answer import ErrorReply, RespReply, many, one, resp2
from soundcheck.stores.local.gateway.configuration import GatewayConfiguration
from soundcheck.stores.local.gateway.http_connection import HEAD_TOO_LARGE
from soundcheck.stores.local.gateway.http_exchange import (
    CallerGone,
    Headers,
    Receive,
    Response,
    Scope,
    Send,
    error_response,
    json_response,
    read_body,
)
from soundcheck.stores.local.gateway.limits import Meter
from soundcheck.stores.local.gateway.policy import CommandTable, Forward, Settled, decide, no_permission
from soundcheck.stores.local.gateway.request import Malformed, RawCommand, RequestShape, read_call, token_in_query
from soundcheck.stores.local.gateway.streams import ServerSentStream, send_events, stream_command
from soundcheck.stores.local.gateway.valkey import ValkeyDown, ValkeyLink
from soundcheck.stores.local.gateway.valkey_connection import ValkeyConnection, parsed
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.error_texts import STORE_DOWN_TEXT

VERSION_PATH: Final = b"/_soundcheck/version"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT"})
_RESP2: Final = b"application/octet-stream"
_EVENTS: Final = b"text/event-stream"
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
    """One ASGI application over one connection to Valkey for all, and one more for each stream.

    What a read-only function would write is refused by Valkey itself: it runs as a user that may not, over a second
    connection.
    """

    def __init__(self, configuration: GatewayConfiguration) -> None:
        self._token = configuration.token.reveal().encode()
        self._readonly_token = (configuration.readonly_token or Secret("")).reveal().encode()
        self._version = configuration.version
        self._address = (
            configuration.redis_host,
            configuration.redis_port,
            configuration.redis_password,
            configuration.state_file,
        )
        self._bounds = configuration.bounds
        silence = self._bounds.silence_seconds
        self._valkey = ValkeyLink(*self._address, silence_limit=silence)
        self._reader = ValkeyLink(*self._address, silence_limit=silence, writes_nothing=True)
        self._meter = Meter(configuration.limit) if configuration.limit is not None else None
        self._stopping = asyncio.Event()
        self._sync = itertools.count(int(time.time() * 1000))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Every path, known or not, needs a token first."""
        if scope["type"] != "http":
            return
        response: Response | None
        if self._is_too_large(scope):
            response = error_response(431, HEAD_TOO_LARGE)
            await response.send(send, self._sync_token(), (b"connection", b"close"))
            return
        headers = Headers(scope["headers"])
        query: bytes = scope["query_string"]
        access = self._access(headers.authorization, query)
        extra: list[tuple[bytes, bytes]] = []
        if access is None:
            response = error_response(401, _UNAUTHORIZED)
        elif scope["method"] not in _METHODS:
            response = error_response(405, f"ERR method {scope['method'][:16]} is not allowed")
            extra.append((b"allow", b"GET, HEAD, POST, PUT"))
        else:
            try:
                if (streamed := stream_command(scope["raw_path"])) is not None:
                    response = await self._stream(streamed, access, scope["method"], receive, send)
                else:
                    response = await self._serve(scope["raw_path"], query, headers, receive, access)
            except CallerGone:
                return
            except ValkeyDown as problem:
                response = error_response(503, f"{STORE_DOWN_TEXT}: {problem.message}")
            except Exception as problem:  # noqa: BLE001 - the worker's boundary; no text of it, it may quote a value
                _log.error("a request failed: %s", type(problem).__name__)
                response = error_response(500, "ERR internal error of the local gateway")
        if response is not None:
            await response.send(send, self._sync_token(), *extra)

    def end_streams(self) -> None:
        """End every subscription, now and to come: the gateway stops."""
        self._stopping.set()

    def close(self) -> None:
        """Drop the connections to Valkey."""
        self._valkey.close()
        self._reader.close()

    def _is_too_large(self, scope: Scope) -> bool:
        """Whether a head that came in one piece is over the bounds; longer ones are cut off while they come."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        size = (
            len(scope["raw_path"]) + len(scope["query_string"]) + sum(len(name) + len(value) for name, value in headers)
        )
        return len(headers) > self._bounds.headers or size > self._bounds.head_bytes

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

    async def _serve(self, path: bytes, query: bytes, headers: Headers, receive: Receive, access: Access) -> Response:
        if path == VERSION_PATH:
            return json_response(200, {"result": self._version})
        as_base64 = headers.encoding == b"base64"
        as_resp2 = headers.response_format == b"resp2"
        if headers.response_format not in {b"", b"json", b"resp2"}:
            return error_response(400, "ERR unsupported response format")
        if as_resp2 and as_base64:
            return error_response(400, "ERR base64 encoding is not permitted with the response format resp2")
        body = await read_body(receive, headers.content_length)
        if body is None:
            return error_response(400, "ERR max request size exceeded")
        call = read_call(path, query, body)
        if isinstance(call, Malformed):
            return error_response(400, call.text)
        decisions = await self._decisions(call.commands, access)
        if call.shape is RequestShape.TRANSACTION:
            return await self._transaction(decisions, as_base64=as_base64)
        if as_resp2:
            return await self._raw(decisions, call.shape)
        answers = await self._answers(decisions)
        if call.shape is RequestShape.PIPELINE:
            return Response(200, many(answers, as_base64=as_base64))
        return Response(_status_of(answers[0]), one(answers[0], as_base64=as_base64))

    async def _decisions(self, commands: list[RawCommand], access: Access) -> list[Forward | Settled]:
        table = await self._valkey.table()
        read_only = access is Access.READ
        decisions = [
            decide(words, table, read_only=read_only) if words else Settled(ErrorReply("ERR empty pipeline command"))
            for words in commands
        ]
        if self._meter is None:
            return decisions
        return [_metered(d, words, self._meter, table) for d, words in zip(decisions, commands, strict=True)]

    async def _stream(
        self, command: RawCommand, access: Access, method: str, receive: Receive, send: Send
    ) -> Response | None:
        """Send events until the client goes, None then; or the response that there is instead of them."""
        if access is Access.READ:
            return error_response(400, no_permission(command[0]))
        refused = self._meter.refuse(needs_room=False) if self._meter is not None else None
        if refused is not None:
            return error_response(400, refused.text)
        line = await ValkeyConnection.open(*self._address)
        try:
            stream = await ServerSentStream.open(line, command)
            if isinstance(stream, ErrorReply):
                return error_response(400, stream.text)
            if method == "HEAD":
                return Response(200, b"", _EVENTS)
            headers = [(b"content-type", _EVENTS), (b"cache-control", b"no-cache"), self._sync_token()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send_events(stream, receive, send, self._stopping)
        finally:
            line.close()
        return None

    async def _raw(self, decisions: list[Forward | Settled], shape: RequestShape) -> Response:
        """Valkey's replies byte for byte: a status and a text look the same once they are read."""
        line = await ValkeyConnection.open(*self._address)
        replies: list[bytes] = []
        try:
            for reads_only, run in _runs(decisions):
                if reads_only:
                    replies += [resp2(answer) for answer in await self._run(run)]
                    continue
                line.write([d.words for d in run if isinstance(d, Forward)])
                for decision in run:
                    if isinstance(decision, Settled):
                        replies.append(resp2(decision.answer))
                    else:
                        raw = await self._raw_reply(line)
                        replies.append(raw if decision.rewrite is None else resp2(decision.rewrite(parsed(raw))))
        finally:
            line.close()
        status = _status_of(parsed(replies[0])) if shape is RequestShape.SINGLE else 200
        return Response(status, b"".join(replies), _RESP2)

    async def _raw_reply(self, line: ValkeyConnection) -> bytes:
        """The next reply on a connection of the caller's own. Raises `ValkeyDown` where none comes."""
        try:
            async with asyncio.timeout(self._bounds.silence_seconds):
                return await line.reply()
        except TimeoutError:
            await self._valkey.end_scripts()
            raise ValkeyDown(f"no answer within {self._bounds.silence_seconds:g} s") from None

    async def _answers(self, decisions: list[Forward | Settled]) -> list[RespReply]:
        """Send what is to be sent, in one go where one connection may run it, and put each answer in its place."""
        answers: list[RespReply] = []
        for _, run in _runs(decisions):
            answers += await self._run(run)
        return answers

    async def _run(self, decisions: list[Forward | Settled]) -> list[RespReply]:
        """Those that one connection may run, after one another."""
        forwarded = [d for d in decisions if isinstance(d, Forward)]
        link = self._reader if forwarded and forwarded[0].reads_only else self._valkey
        replies = await link.ask([d.words for d in forwarded]) if forwarded else []
        return _in_place(decisions, iter(replies))

    async def _transaction(self, decisions: list[Forward | Settled], *, as_base64: bool) -> Response:
        """MULTI … EXEC as one piece. What is refused here, or by Valkey while queueing, discards the whole."""
        for decision in decisions:
            if isinstance(decision, Settled) and isinstance(decision.answer, ErrorReply):
                return Response(400, one(decision.answer, as_base64=as_base64))
        commands = [d.in_transaction or d.words for d in decisions if isinstance(d, Forward)]
        result: RespReply = []
        if commands:
            result = (await self._valkey.ask([[b"MULTI"], *commands, [b"EXEC"]]))[-1]
        if isinstance(result, list):
            return Response(200, many(_in_place(decisions, iter(result)), as_base64=as_base64))
        refused = result if isinstance(result, ErrorReply) else _ABORTED
        return Response(_status_of(refused), one(refused, as_base64=as_base64))

    def _sync_token(self) -> tuple[bytes, bytes]:
        return b"upstash-sync-token", b"%d" % next(self._sync)


def _metered(decision: Forward | Settled, words: RawCommand, meter: Meter, table: CommandTable) -> Forward | Settled:
    needs_room = isinstance(decision, Forward) and words[0].upper() in table.growing
    refused = meter.refuse(needs_room=needs_room)
    return decision if refused is None else Settled(refused)


def _runs(decisions: list[Forward | Settled]) -> Iterator[tuple[bool, list[Forward | Settled]]]:
    """Neighbours that the same connection runs, and whether that is the one that writes nothing."""
    for reads_only, run in itertools.groupby(decisions, lambda d: isinstance(d, Forward) and d.reads_only):
        yield reads_only, list(run)


def _in_place(decisions: list[Forward | Settled], replies: Any) -> list[RespReply]:
    answers: list[RespReply] = []
    for decision in decisions:
        if isinstance(decision, Settled):
            answers.append(decision.answer)
            continue
        reply = next(replies)
        answers.append(decision.rewrite(reply) if decision.rewrite is not None else reply)
    return answers


def _status_of(answer: RespReply) -> int:
    """400 for an error; 503 while Valkey still reads its data."""
    if isinstance(answer, ErrorReply):
        return 503 if answer.text.startswith("LOADING") else 400
    return 200
