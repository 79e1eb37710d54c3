"""A transport of httpx that sends nothing to another program at an address of the local stack."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

import httpcore
import httpx

from soundcheck.stores.local.ownership import refuse_stranger
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger


class ProvenTransport(httpx.AsyncHTTPTransport):
    """httpx's own, but each new connection is looked at before anything is sent over it; see `_ProvenStreams`."""

    def __init__(
        self,
        verify: ssl.SSLContext | bool,
        limits: httpx.Limits,
        socket_options: Sequence[tuple[int, int, int]] | None,
        token: Secret | None,
    ) -> None:
        # httpx takes no network backend, so the pool is made here, as it makes it.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            socket_options=socket_options,
            network_backend=_ProvenStreams(token),
        )


class _ProvenStreams(httpcore.AnyIOBackend):
    """Opens connections; one to an address of a local stack only where the stack's own process listens.

    Looked at once it is open: whoever accepted it had the port then. A connection that is kept stays with its process.
    """

    def __init__(self, token: Secret | None) -> None:
        self._token = token

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(host, port, *args, **options)
        try:
            refuse_stranger(host, port, self._token)
        except Stranger as stranger:
            await stream.aclose()
            raise httpcore.ConnectError(str(stranger)) from stranger
        return stream
