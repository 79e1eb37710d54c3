"""L2 over REST: at most four requests on their way, everything else coalesced into the next ones."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from soundcheck.stores.cache.coalescing import Coalescer
from soundcheck.stores.cache.levels.event_stream import keep_alive_options, subscription
from soundcheck.stores.cache.levels.reconnecting import FIRST_PAUSE, LineLost, Listeners
from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Done, Found, LevelFault, from_reply
from soundcheck.stores.cache.versioned_writes import RedisCommand
from soundcheck.stores.resolver import Resolver, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl

if TYPE_CHECKING:
    import httpx


class RestLevel:
    """`SharedLevel` over Upstash's REST interface. For one event loop.

    `tls` replaces the default certificate store; `first_pause` is the seconds before a lost channel is tried again.
    Nothing is sent twice: whether a call that failed is worth repeating is for the caller to say.
    """

    name = "REST"

    def __init__(
        self,
        url: RestUrl,
        token: Secret,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.commands_used = 0
        self._url = url
        self._token = token
        self._resolver = resolver if resolver is not None else SystemResolver()
        self._tls = tls
        self._client = RestClient(url, token, resolver=self._resolver, tls=tls)
        self._calls = Coalescer(self._send)
        self._streams: httpx.AsyncClient | None = None
        self._listeners = Listeners(self._subscribe, first_pause=first_pause)

    async def read(self, keys: Sequence[str], *, deadline: float) -> Found | LevelFault:
        """MGET of `keys`, merged with what others read at this moment."""
        return await self._calls.read(keys, deadline)

    async def run(self, commands: Sequence[Sequence[str | int]], *, deadline: float) -> tuple[Done, ...] | LevelFault:
        """The commands in order, in one request; one refused command makes the whole answer a fault."""
        return await self._calls.run(commands, deadline)

    def listen(self, channel: str) -> AsyncIterator[ChannelEvent]:
        """The messages of a channel until the iterator is closed; reconnects by itself, and says so."""
        return self._listeners.listen(channel)

    async def close(self) -> None:
        """Let go of every connection. Idempotent."""
        await self._listeners.close()
        await self._calls.close()
        await self._client.close()
        streams, self._streams = self._streams, None
        if streams is not None:
            await streams.aclose()

    async def _send(self, commands: list[RedisCommand], deadline: float) -> list[Done | LevelFault]:
        try:
            replies = await self._client.pipeline(commands, deadline=deadline)
        except asyncio.CancelledError:
            self.commands_used += len(commands)  # given up by all callers; what was sent is billed all the same
            raise
        self.commands_used += sum(reply.was_billed for reply in replies)
        return [Done(reply.value) if reply.ok else from_reply(reply) for reply in replies]

    def _subscribe(self, channel: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        token = self._token.reveal()
        if not token or not all("!" <= letter <= "~" for letter in token):
            raise LineLost("the token is empty or has a blank or line break in it")
        try:
            streams = self._streams or self._open()
        except (ValueError, ImportError, OSError):
            raise LineLost("the proxy or the trusted certificates of the environment cannot be used") from None
        self.commands_used += 1
        return subscription(streams, str(self._url), token, channel)

    def _open(self) -> httpx.AsyncClient:
        """A client for channels alone: each holds a connection for good, and must not take one from the calls."""
        import httpx

        from soundcheck.stores.upstash.transport import transport_for

        self._streams = httpx.AsyncClient(
            transport=transport_for(
                self._url,
                self._resolver,
                self._tls,
                token=self._token,
                connections=None,
                socket_options=keep_alive_options(),
            ),
            timeout=None,  # noqa: S113 - opening has its deadline in `Listeners`; a channel may be silent for hours
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "soundcheck"},
        )
        return self._streams
