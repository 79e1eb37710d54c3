"""Another program at an address of the local stack, and whether anybody looks for one before something is sent.

The look is part of the console: it reads the stacks' state and the system's sockets. The cache library alone has no
local stack to know of, and connects as any client does.
"""

from __future__ import annotations

import errno
from functools import cache
from importlib.util import find_spec
from typing import Final


class Stranger(ConnectionRefusedError):
    """Another program listens where a local stack's server should; nothing was sent to it.

    For the caller it is a refused connection: our server is not there.
    """

    hint: Final = "Type: soundcheck local up   It moves the stack to free ports, and your env files follow."

    def __init__(self, host: str, port: int) -> None:
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__(
            errno.ECONNREFUSED,
            f"{where} is an address of the local stack, but its server does not run there; nothing was sent",
        )

    def __str__(self) -> str:
        return str(self.strerror)


@cache
def is_looked_for() -> bool:
    """Whether the console is installed beside the cache library."""
    found = find_spec("soundcheck.stores.local")
    return found is not None and found.origin is not None  # folders that an uninstallation left over have none
