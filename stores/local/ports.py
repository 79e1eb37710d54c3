"""Ports on loopback: kept between runs, and new ones where somebody else sits on them."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection
from typing import Final

from soundcheck.stores.errors import CouldNotRun

HOST: Final = "127.0.0.1"
RANGE: Final = range(21000, 32000)
"""Below the ports that systems give to outgoing connections, so that a port survives a reboot."""


def is_free(port: int) -> bool:
    """Whether a server could listen there now: nothing answers, and a socket can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # The servers set it as well: a connection in TIME_WAIT does not keep them from the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose(preferred: int | None, avoid: Collection[int] = ()) -> int:
    """The preferred port if it is free, else a free one. Raises `CouldNotRun` after 200 tries."""
    if preferred and preferred not in avoid and is_free(preferred):
        return preferred
    for _ in range(200):
        port = random.choice(RANGE)  # noqa: S311 - a port is no secret
        if port not in avoid and is_free(port):
            return port
    raise CouldNotRun(
        f"No free port between {RANGE.start} and {RANGE.stop - 1} on {HOST}.",
        "Close programs that listen on many ports, then try again.",
    )


def answers(port: int, deadline: float = 1.0) -> bool:
    """Whether something accepts connections on the loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(deadline)
        return probe.connect_ex((HOST, port)) == 0
