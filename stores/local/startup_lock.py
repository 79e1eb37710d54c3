"""One `up`, `down` or `reset` at a time, over all processes: a lock that dies with its holder and is never stale."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from soundcheck.stores.errors import CouldNotRun

PATIENCE = 120.0
"""Seconds. The longest honest holder is a first `up` on a slow disk."""


def try_lock(path: Path) -> int | None:
    """Open and lock a file, without waiting: the descriptor, or None where another holds it.

    The descriptor is closed on exec unless it is passed on explicitly. Raises `OSError` where it cannot be opened.
    """
    if sys.platform == "win32":
        raise CouldNotRun("The local servers need Linux or macOS.", "On Windows, run Soundcheck inside WSL.")
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


@contextlib.asynccontextmanager
async def startup_lock(path: Path, report: Callable[[str], None], patience: float = PATIENCE) -> AsyncIterator[None]:
    """Hold the lock. Says so once when it has to wait; raises `CouldNotRun` after `patience` seconds."""
    begun = time.monotonic()
    said = False
    while (descriptor := try_lock(path)) is None:
        waited = time.monotonic() - begun
        if waited > patience:
            raise CouldNotRun(
                f"Another Soundcheck has been starting or stopping the local servers for {patience:.0f} s.",
                "Wait for it to end, or end it, then try again.",
            )
        if waited > 0.5 and not said:
            said = True
            report("Waiting for another Soundcheck that is starting or stopping the local servers")
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        os.close(descriptor)
