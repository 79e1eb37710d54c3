"""The one place that opens a connection over which a secret will go, but for drivers that open their own.

A stack's own parts know each other by their processes and look for themselves (`valkey_server`, `gateway/`).
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger, is_looked_for

TcpStream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def open_proven(number: str, port: int, secret: Secret | None, **tls: Any) -> TcpStream:
    """Connect to an address given as a number; `secret` is what will be sent there, `tls` what asyncio takes for it.

    Looked at once it is open, for whoever accepted it had the port then; and before, for the sake of TLS, which greets
    first. Raises `OSError`, `Stranger` among them.
    """
    _refuse_stranger(number, port, secret)
    reader, writer = await asyncio.open_connection(number, port, **tls)
    try:
        _refuse_stranger(number, port, secret)
    except Stranger:
        writer.transport.abort()
        raise
    return reader, writer


def _refuse_stranger(number: str, port: int, secret: Secret | None) -> None:
    """Where somebody knows of a local stack; the cache library alone does not."""
    if is_looked_for():
        from soundcheck.stores.local.ownership import refuse_stranger

        refuse_stranger(number, port, secret)
