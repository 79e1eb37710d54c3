"""The layered probe of the cache: DNS → TCP → TLS → ping, with the token, over the REST interface."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Mapping
from typing import Final

from soundcheck.stores.clock import Clock, SystemClock
from soundcheck.stores.probe.layer import (
    Fact,
    Layer,
    LayerChain,
    LayerError,
    LayerName,
    LayerObserver,
    LayerStep,
    NotNeededError,
    unobserved,
)
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.probe.tcp import connect_any, hang_up, look_up
from soundcheck.stores.probe.tls import certificate_facts, distrust_code, reading_context, shake_hands
from soundcheck.stores.proven_stream import TcpStream
from soundcheck.stores.resolver import Address, Resolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.reply import Reply
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.stores.upstash.statistics import read_info, server_identity

WITNESS: Final = "upstash.com"
"""A name that is surely there, looked up only where the URL's own was not found."""


class RestProbe:
    """One REST endpoint, asked layer by layer. Close it: that ends what is under way."""

    def __init__(
        self,
        url: RestUrl,
        token: Secret,
        resolver: Resolver,
        *,
        client: RestClient | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        deadlines: ProbeDeadlines | None = None,
        observer: LayerObserver = unobserved,
    ) -> None:
        """`client` is used for the ping where given, and stays open; `tls` replaces the certificate store."""
        limits = deadlines or ProbeDeadlines()
        self.url = url
        self._token = token
        self._resolver = resolver
        self._tls_context = tls
        self._deadlines = limits
        self._own = None if client else RestClient(url, token, resolver=resolver, tls=tls)
        self._client = client or self._own
        self._addresses: tuple[Address, ...] = ()
        self._address: Address | None = None
        self._stream: TcpStream | None = None
        self._chain = LayerChain(
            (
                LayerStep(LayerName.DNS, 2 * limits.dns + 1, self._dns),
                LayerStep(LayerName.TCP, limits.tcp, self._tcp),
                LayerStep(LayerName.TLS, limits.tls, self._tls),
                LayerStep(LayerName.PING, 2 * limits.ping + 1, self._ping),
            ),
            clock or SystemClock(),
            observer,
        )

    async def layer(self, name: LayerName) -> Layer:
        """One layer's result, together with what it rests on."""
        return await self._chain.layer(name)

    async def run(self) -> tuple[Layer, ...]:
        """All layers, in order."""
        return await self._chain.run()

    async def aclose(self) -> None:
        """End what is under way and hang up. Idempotent."""
        await self._chain.aclose()
        stream, self._stream = self._stream, None
        await hang_up(stream)
        if self._own is not None:
            await self._own.close()

    def _unless_proxied(self) -> None:
        """Behind a proxy the name and the port are the proxy's matter, and direct ways are often closed."""
        from soundcheck.stores.upstash.transport import proxy_for

        if proxy_for(self.url) is not None:
            raise NotNeededError("requests go through the proxy that the environment names", {"proxied": True})

    async def _dns(self) -> Mapping[str, Fact]:
        self._unless_proxied()
        self._addresses, facts = await look_up(self._resolver, self.url.host, WITNESS, deadline=self._deadlines.dns)
        return facts

    async def _tcp(self) -> Mapping[str, Fact]:
        self._unless_proxied()
        port = self.url.effective_port
        self._address, self._stream = await connect_any(self._addresses, port, self._token)
        return {"address": self._address.number, "port": port, "ipv6": self._address.is_ipv6}

    async def _tls(self) -> Mapping[str, Fact]:
        try:
            self._unless_proxied()
            if self.url.scheme == "http":
                raise NotNeededError("the address starts with http://", {"encrypted": False})
            return await self._encrypted()
        finally:
            stream, self._stream = self._stream, None
            await hang_up(stream)

    async def _encrypted(self) -> Mapping[str, Fact]:
        import httpx

        assert self._stream is not None  # noqa: S101 - the TCP layer left it
        try:
            context = self._tls_context or httpx.create_ssl_context()
        except OSError:  # SSL_CERT_FILE or SSL_CERT_DIR
            raise LayerError("tls_no_root", "the file of trusted certificates cannot be read") from None
        try:
            session = await shake_hands(self._stream, context, self.url.host)
        except ConnectionError as problem:
            raise LayerError("cut", f"the connection ended in the middle ({type(problem).__name__})") from None
        except ssl.SSLCertVerificationError as problem:
            raise LayerError(distrust_code(problem), problem.verify_message, await self._as_presented()) from None
        return {**certificate_facts(session), "trusted": True}

    async def _as_presented(self) -> Mapping[str, Fact]:
        """The certificate that was not trusted, over a connection of its own; nothing where even that fails."""
        with contextlib.suppress(LayerError, OSError, ssl.SSLError):
            _, stream = await connect_any([a for a in (self._address,) if a], self.url.effective_port, self._token)
            try:
                return certificate_facts(await shake_hands(stream, reading_context(), self.url.host))
            finally:
                await hang_up(stream)
        return {}

    async def _ping(self) -> Mapping[str, Fact]:
        assert self._client is not None  # noqa: S101 - one of the two was given
        _or_fail(await self._client.command("PING", deadline=self._deadlines.ping))
        info = await self._client.command("INFO", "server", deadline=self._deadlines.ping)
        return {"round_trip_ms": round(info.elapsed_ms, 2), "server": _server(info)}


def _or_fail(reply: Reply) -> None:
    if reply.ok:
        return
    code = reply.failure or reply.code or "other"
    raise LayerError(str(code), reply.error, {"http_status": reply.status})


def _server(info: Reply) -> str:
    """Name and version of the server out of INFO, as "Upstash 1.13.3"; "" where it does not say."""
    if not isinstance(info.value, str):
        return ""
    name, version, _ = server_identity(read_info(info.value))
    return f"{name} {version}".strip() if version else ""
