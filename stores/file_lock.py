"""An exclusive lock on a file, over all processes: the system frees it when its holder ends, so it is never stale."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun

_PAUSE: Final = 0.02
"""Seconds between two tries: flock has no way to be awaited."""


def try_lock(path: Path) -> int | None:
    """Open and lock a file, without waiting: the descriptor, or None where another holds it.

    Closing the descriptor lets go. It is closed on exec unless it is passed on explicitly. Raises `OSError` where the
    file cannot be opened.
    """
    if sys.platform == "win32":
        raise CouldNotRun("Soundcheck needs Linux or macOS.", "On Windows, run it inside WSL.")
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


async def lock_within(path: Path, patience: float, waiting: Callable[[float], None] | None = None) -> int | None:
    """As `try_lock`, for up to `patience` seconds; `waiting` is told after each try how many have passed."""
    begun = time.monotonic()
    while (descriptor := try_lock(path)) is None:
        waited = time.monotonic() - begun
        if waited > patience:
            return None
        if waiting is not None:
            waiting(waited)
        await asyncio.sleep(_PAUSE)
    return descriptor
