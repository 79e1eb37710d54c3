"""How the client's requests leave: through the environment's proxy, or to an address that our resolver gave.

Loopback never goes through a proxy. Elsewhere `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` hold, as with
curl. Without a proxy the name is looked up in a daemon thread, which quitting never waits for; the `Host` header, SNI
and the certificate's name stay those of the URL.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx

from soundcheck.stores.resolver import Resolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import is_looked_for
from soundcheck.stores.upstash.reply import InClear
from soundcheck.stores.upstash.rest_url import RestUrl

CONNECTIONS: Final = 4
"""Requests in flight at once; more wait their turn inside their own deadline."""

_LOOKUP_DEADLINE: Final = 60.0
"""Seconds, never reached: the deadline of the whole call is shorter."""


def transport_for(
    url: RestUrl,
    resolver: Resolver,
    tls: ssl.SSLContext | None,
    *,
    token: Secret | None = None,
    connections: int | None = CONNECTIONS,
    socket_options: Sequence[tuple[int, int, int]] | None = None,
) -> httpx.AsyncBaseTransport:
    """The transport that fits the URL; no limit with `connections=None`. `token` is what the requests will carry.

    Raises `InClear`, and `ValueError` or `ImportError` for a proxy that cannot be used.
    """
    if url.is_guarded and url.scheme == "http" and token is not None:
        raise InClear(str(url))
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30.0)
    verify: ssl.SSLContext | bool = tls if tls is not None else url.scheme == "https"
    proxy = proxy_for(url)
    if proxy is not None:
        try:
            return httpx.AsyncHTTPTransport(verify=verify, limits=limits, proxy=proxy, socket_options=socket_options)
        except httpx.InvalidURL:
            raise ValueError("the proxy's address cannot be read") from None
    direct = _direct(verify, limits, socket_options, token)
    return direct if _is_number(url.host) else ResolvingTransport(direct, resolver)


def _direct(
    verify: ssl.SSLContext | bool,
    limits: httpx.Limits,
    socket_options: Sequence[tuple[int, int, int]] | None,
    token: Secret | None,
) -> httpx.AsyncBaseTransport:
    if not is_looked_for():
        return httpx.AsyncHTTPTransport(verify=verify, limits=limits, socket_options=socket_options)
    from soundcheck.stores.local.proven_transport import ProvenTransport

    return ProvenTransport(verify, limits, socket_options, token)


def proxy_for(url: RestUrl) -> str | None:
    """The proxy that the environment asks for, None where the way is direct."""
    if url.is_loopback or proxy_bypass(f"{url.host}:{url.effective_port}") or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class ResolvingTransport(httpx.AsyncBaseTransport):
    """Looks the host up with our resolver, tries its addresses in order, and keeps the one that answered."""

    def __init__(self, inner: httpx.AsyncBaseTransport, resolver: Resolver) -> None:
        self._inner = inner
        self._resolver = resolver
        self._address: str | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. Raises `ResolveError` besides httpx's own."""
        named = request.url
        request.extensions = {**request.extensions, "sni_hostname": named.host}
        if self._address is not None:
            try:
                return await self._send_to(self._address, named, request)
            except httpx.ConnectError:
                self._address = None
        problem = httpx.ConnectError(f"no address for {named.host}", request=request)
        for address in await self._resolver.resolve(named.host, deadline=_LOOKUP_DEADLINE):
            try:
                return await self._send_to(address.number, named, request)
            except httpx.ConnectError as failed:
                problem = failed
        raise problem

    async def _send_to(self, address: str, named: httpx.URL, request: httpx.Request) -> httpx.Response:
        request.url = named.copy_with(host=address)
        response = await self._inner.handle_async_request(request)
        self._address = address
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
