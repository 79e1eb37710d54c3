"""A lock that a server holds as long as it lives.

Neither Valkey nor a half-recorded start protects a data folder. So each server inherits an open, locked file: the
kernel lets go of the lock when the last process that has it ends, and no pid needs to be believed. Where a server
runs that no state file knows (its starter was killed at the wrong moment), the open file also tells which it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil

from stores.errors import CouldNotRun
from stores.local.process_identity import ProcessIdentity
from stores.local.startup_lock import try_lock

IsOurs = Callable[[psutil.Process], bool]
"""Whether a process that has the file open is one we started: a backup or an editor may have it open too."""


def is_held(path: Path) -> bool:
    """Whether a server of ours lives."""
    if not path.exists():
        return False
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def holders(path: Path, is_ours: IsOurs) -> list[ProcessIdentity]:
    """Our processes that have the lock file open. Looks at every process: only for the rare cases."""
    wanted = str(path.resolve())
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if is_ours(process) and any(file.path == wanted for file in process.open_files()):
                identity = ProcessIdentity.of(process.pid)
                if identity is not None:
                    found.append(identity)
    return found


@contextlib.asynccontextmanager
async def life_lock(path: Path, is_ours: IsOurs, what: str, quit_signal: signal.Signals) -> AsyncIterator[int]:
    """Take the lock for a server about to start; yields the descriptor to pass on, and closes ours at the end.

    Whoever of ours still holds it is unknown to the state file or left over from a killed server: it gets
    `quit_signal`, then SIGKILL. Raises `CouldNotRun` where the holder is not known or does not go.
    """
    descriptor = try_lock(path)
    for number, patience in ((quit_signal, 3.0), (signal.SIGKILL, 5.0)):
        if descriptor is not None:
            break
        end = time.monotonic() + patience
        signalled: set[ProcessIdentity] = set()
        while descriptor is None and time.monotonic() < end:
            for process in holders(path, is_ours):
                if process not in signalled:
                    signalled.add(process)
                    process.send(number)
            await asyncio.sleep(0.02)
            descriptor = try_lock(path)
    if descriptor is None:
        raise CouldNotRun(
            f"Another process holds the {what} folder at {path.parent}, and it is not one that Soundcheck started.",
            "Close the program that has that folder open, then try again.",
        )
    try:
        yield descriptor
    finally:
        os.close(descriptor)
