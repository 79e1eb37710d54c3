"""Read the configuration as JSON from standard input, print `ready` on standard output, then serve.

Started as `python -P -m soundcheck.stores.local.gateway`.
Ends with 0 on SIGTERM or SIGINT, 2 for a configuration that is none, 4 where the port is taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Generator
from functools import partial
from typing import Any, cast

import uvicorn

from soundcheck.stores.errors import CouldNotRun, UsageError
from soundcheck.stores.local.gateway.app import Gateway
from soundcheck.stores.local.gateway.bounds import Callers
from soundcheck.stores.local.gateway.configuration import GatewayConfiguration
from soundcheck.stores.local.gateway.http_connection import HttpConnection


class _Server(uvicorn.Server):
    """Says `ready` once it listens, and ends by itself on a signal instead of raising it again."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            sys.stdout.write("ready\n")
            sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
        self._gateway.end_streams()  # an open stream would hold up the end until it is cut


def main() -> int:
    """Serve until a signal comes; the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s gateway %(levelname)s %(message)s")
    try:
        configuration = GatewayConfiguration.parse(sys.stdin.read())
        listener = _listen(configuration.host, configuration.port)
    except UsageError as problem:
        sys.stderr.write(f"{problem.message}\n")
        return 2
    except CouldNotRun as problem:
        sys.stderr.write(f"{problem.message}\n")
        return 4
    gateway = Gateway(configuration)
    bounds = configuration.bounds.fitted()
    settings = uvicorn.Config(
        cast("Any", gateway),  # the scope is a plain mapping here, where uvicorn types each kind
        http=cast("Any", partial(HttpConnection, bounds, Callers(bounds))),  # called like the class it wants
        lifespan="off",
        ws="none",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=bounds.idle_seconds,
        timeout_graceful_shutdown=1,
        backlog=1024,
    )
    try:
        _Server(settings, gateway).run(sockets=[listener])
    finally:
        gateway.close()
        listener.close()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket of our own, so that a taken port is told before anything else starts."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise CouldNotRun(f"Port {port} cannot be used: {problem.strerror}.", "Choose another port.") from None
    return listener


if __name__ == "__main__":
    sys.exit(main())
