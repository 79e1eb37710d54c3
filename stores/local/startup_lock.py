"""One `up`, `down` or `reset` at a time, over all processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.file_lock import lock_within

PATIENCE: Final = 120.0
"""Seconds. The longest honest holder is a first `up` on a slow disk."""
_SAID_AFTER: Final = 0.5


@contextlib.asynccontextmanager
async def startup_lock(path: Path, report: Callable[[str], None], patience: float = PATIENCE) -> AsyncIterator[None]:
    """Hold the lock. Says so once when it has to wait; raises `CouldNotRun` after `patience` seconds."""
    said = False

    def waiting(seconds: float) -> None:
        nonlocal said
        if seconds > _SAID_AFTER and not said:
            said = True
            report("Waiting for another Soundcheck that is starting or stopping the local servers")

    descriptor = await lock_within(path, patience, waiting)
    if descriptor is None:
        raise CouldNotRun(
            f"Another Soundcheck has been starting or stopping the local servers for {patience:.0f} s.",
            "Wait for it to end, or end it, then try again.",
        )
    try:
        yield
    finally:
        os.close(descriptor)
