"""Our client for Upstash's REST interface: one POST a call, a hard deadline, and results instead of exceptions.

The official SDK has no timeout, sleeps 3 s before a retry and loses the text of a 401 on a pipeline; a probe needs all
three. Behaviour: upstash/docs `redis/features/restapi`. What an error means is decided by its text, never by the
status alone (`stores/upstash/error_texts.py`).
"""

from __future__ import annotations

import asyncio
import errno
import json
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from soundcheck.stores.resolver import ResolveError, ResolveFailure, Resolver, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger
from soundcheck.stores.upstash.own_reads import ReadTally
from soundcheck.stores.upstash.reply import InClear, Reply, TransportFailure
from soundcheck.stores.upstash.rest_url import RestUrl

if TYPE_CHECKING:
    import httpx

__all__ = ["Argument", "Reply", "RestClient", "TransportFailure"]

Argument: TypeAlias = str | int | float

MAX_ANSWER: Final = 32 * 2**20
"""Bytes. A request may have 10 MB; an answer beyond this is cut off and reported instead of read into memory."""

_IN_FLIGHT: Final = 4
_MAX_ERROR_TEXT: Final = 1000
_MAX_SYNC_TOKEN: Final = 1000
_SYNC_TOKEN: Final = "upstash-sync-token"  # noqa: S105 - a header's name
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "soundcheck",
}
_NO_ROUTE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})


class _Answer(NamedTuple):
    """One HTTP exchange: the decoded body, or why there is none, and how long it took."""

    body: object = None
    status: int = 0
    failure: TransportFailure | None = None
    error: str = ""
    elapsed_ms: float = 0.0


class RestClient:
    """Commands over REST. Safe for concurrent use in one event loop; at most four requests are in flight.

    `deadline` is seconds for a whole call: waiting for a free place, DNS, TCP, TLS, answer. Redirects are not followed
    (the token would travel along). `tls` replaces the default certificate store. `tally` counts our own commands and
    reads and may be shared between clients. The newest sync token is sent back, so that a read that goes to a replica
    waits for this client's own writes (upstash/docs `redis/howto/readyourwrites`).
    """

    def __init__(
        self,
        url: RestUrl,
        token: Secret,
        *,
        deadline: float = 5.0,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        tally: ReadTally | None = None,
        max_answer: int = MAX_ANSWER,
    ) -> None:
        self.url = url
        self.tally = tally if tally is not None else ReadTally()
        self.commands_used = 0
        """Commands that this client sent; each of a pipeline is billed on its own, so each counts."""
        self._token = token
        self._deadline = deadline
        self._resolver = resolver if resolver is not None else SystemResolver()
        self._tls = tls
        self._max_answer = max_answer
        self._transport: httpx.AsyncBaseTransport | None = None
        self._places = asyncio.Semaphore(_IN_FLIGHT)
        self._sync_token = ""
        self._closed = False

    async def command(self, *arguments: Argument, deadline: float | None = None) -> Reply:
        """One command, as `command("SET", "key", "value", "EX", 60)`."""
        words = _words(arguments)
        answer = await self._post("", words, deadline)
        reply = _reply(answer.body, answer)
        self._count([words], [reply])
        return reply

    async def pipeline(self, commands: Sequence[Sequence[Argument]], *, deadline: float | None = None) -> list[Reply]:
        """Several commands in one request, one reply each, in order; an error of one leaves the others be."""
        if not commands:
            return []
        rows = [_words(command) for command in commands]
        answer = await self._post("/pipeline", rows, deadline)
        body = answer.body
        if answer.failure is None and isinstance(body, list) and len(body) == len(rows):
            replies = [_reply(item, answer) for item in body]
        else:
            replies = [_reply(body if isinstance(body, dict) else None, answer)] * len(rows)
            if replies[0].ok:  # one result for several commands is no answer to a pipeline
                replies = [_not_upstash(answer)] * len(rows)
        self._count(rows, replies)
        return replies

    async def close(self) -> None:
        """Close the connections. Idempotent; later calls answer with `TransportFailure.CLOSED`."""
        self._closed = True
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    def _count(self, rows: Sequence[Sequence[str]], replies: Sequence[Reply]) -> None:
        for words, reply in zip(rows, replies, strict=True):
            if reply.was_billed:
                self.commands_used += 1
                self.tally.add(words, reply)

    async def _post(self, path: str, content: object, deadline: float | None) -> _Answer:
        seconds = self._deadline if deadline is None else deadline
        if self._closed:
            return _failed(TransportFailure.CLOSED, "the client was closed")
        token = self._token.reveal()
        if not token or not all(0x21 <= ord(letter) <= 0x7E for letter in token):
            return _failed(TransportFailure.INVALID_TOKEN, "the token is empty or has a blank or line break in it")
        try:
            transport = self._transport or self._open()
        except InClear as problem:
            return _failed(TransportFailure.CLEAR_TEXT, str(problem))
        except (ValueError, ImportError):
            return _failed(TransportFailure.PROXY, "the proxy named in the environment cannot be used")
        except OSError:  # SSL_CERT_FILE or SSL_CERT_DIR
            return _failed(TransportFailure.TLS, "the file of trusted certificates cannot be read")
        started = time.perf_counter()
        try:
            async with asyncio.timeout(seconds), self._places:
                started = time.perf_counter()  # waiting for a free place is our time, not the server's
                answer = await self._exchange(transport, path, content, token)
        except TimeoutError:
            answer = _failed(TransportFailure.TIMEOUT, f"no answer within {seconds:g} s")
        return answer._replace(elapsed_ms=(time.perf_counter() - started) * 1000.0)

    async def _exchange(self, transport: httpx.AsyncBaseTransport, path: str, content: object, token: str) -> _Answer:
        """One request, straight to the transport.

        httpx's client around it would take a quarter of the processor time of a request, for redirects, cookies and
        authentication, none of which is wanted here.
        """
        import httpx

        try:
            request = httpx.Request(
                "POST",
                f"{self.url}{path or '/'}",
                content=json.dumps(content).encode(),
                headers=self._headers(token),
            )
            response = await transport.handle_async_request(request)
            try:
                self._keep_sync_token(response.headers.get(_SYNC_TOKEN, ""))
                return await self._read(response)
            finally:
                await response.aclose()
        except httpx.InvalidURL:
            return _failed(TransportFailure.DNS, "the address holds a name that cannot exist")
        except ResolveError as problem:
            return _from_lookup(problem)
        except httpx.HTTPError as problem:
            return _from_httpx(problem)

    def _headers(self, token: str) -> dict[str, str]:
        headers = {**_HEADERS, "Authorization": f"Bearer {token}"}
        if self._sync_token:
            headers[_SYNC_TOKEN] = self._sync_token
        return headers

    def _keep_sync_token(self, given: str) -> None:
        """Keep it where it can stand in a header again; whoever answers may send anything."""
        if given and len(given) <= _MAX_SYNC_TOKEN and all(" " <= letter <= "~" for letter in given):
            self._sync_token = given

    def _open(self) -> httpx.AsyncBaseTransport:
        """The transport, made at the first call. Raises `ValueError` or `ImportError` for an unusable proxy."""
        from soundcheck.stores.upstash.transport import transport_for

        self._transport = transport_for(self.url, self._resolver, self._tls, token=self._token)
        return self._transport

    async def _read(self, response: httpx.Response) -> _Answer:
        status = response.status_code
        if 300 <= status < 400:
            text = f"answered HTTP {status}, a redirect, which is not followed because the token would travel along"
            return _Answer(None, status, TransportFailure.REDIRECT, text)
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > self._max_answer:
                text = f"the answer is larger than {self._max_answer / 2**20:g} MiB and was not read"
                return _Answer(None, status, TransportFailure.TOO_LARGE, text)
            chunks.append(chunk)
        try:
            return _Answer(json.loads(b"".join(chunks)), status)
        except (ValueError, RecursionError):
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            what = "an HTML page" if kind == "text/html" else "something that is not JSON"
            return _Answer(None, status, TransportFailure.NOT_JSON, f"answered HTTP {status} with {what}")


def _words(arguments: Sequence[Argument]) -> list[str]:
    """Every argument as text, which is what a Redis command is made of."""
    return [argument if isinstance(argument, str) else str(argument) for argument in arguments]


def _failed(failure: TransportFailure, error: str) -> _Answer:
    return _Answer(failure=failure, error=error)


def _not_upstash(answer: _Answer) -> Reply:
    text = f"answered HTTP {answer.status} with JSON that is no answer to a Redis command"
    return Reply(None, text, answer.status, TransportFailure.NOT_UPSTASH, answer.elapsed_ms)


def _reply(item: object, answer: _Answer) -> Reply:
    """One item of an answer: `{"result": …}` or `{"error": "…"}`."""
    if answer.failure is not None:
        return Reply(None, answer.error, answer.status, answer.failure, answer.elapsed_ms)
    if isinstance(item, dict):
        error = item.get("error")
        if isinstance(error, str) and error:
            return Reply(None, error[:_MAX_ERROR_TEXT], answer.status, None, answer.elapsed_ms)
        if "result" in item and answer.status < 400:
            return Reply(item["result"], "", answer.status, None, answer.elapsed_ms)
    return _not_upstash(answer)


def _from_lookup(problem: ResolveError) -> _Answer:
    if problem.failure is ResolveFailure.NO_NETWORK:
        return _failed(TransportFailure.NO_NETWORK, "no name can be looked up: the network seems to be down")
    if problem.failure is ResolveFailure.TIMEOUT:
        return _failed(TransportFailure.TIMEOUT, "the name was not looked up in time")
    return _failed(TransportFailure.DNS, f"the name {problem.host} is not known")


def _from_httpx(problem: httpx.HTTPError) -> _Answer:
    """Which failure an exception of httpx stands for; its text is not passed on, it may hold what was sent."""
    import httpx

    if isinstance(problem, httpx.ProxyError):
        return _failed(TransportFailure.PROXY, "the proxy refused to pass the request on")
    if isinstance(problem, httpx.ConnectError):
        causes = tuple(_causes(problem))
        if stranger := next((cause for cause in causes if isinstance(cause, Stranger)), None):
            return _failed(TransportFailure.NOT_OURS, str(stranger))
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return _failed(TransportFailure.TLS, "the TLS handshake failed")
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return _failed(TransportFailure.REFUSED, "the connection was refused")
        if any(isinstance(cause, OSError) and cause.errno in _NO_ROUTE for cause in causes):
            return _failed(TransportFailure.NO_NETWORK, "there is no route to it: the network seems to be down")
    return _failed(TransportFailure.RESET, "the connection was cut before the answer was complete")


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The chain behind an exception: anyio, httpcore and httpx each wrap once."""
    link: BaseException | None = problem
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
