"""A lock that a server holds as long as it lives.

Neither Valkey nor a half-recorded start protects a data folder. So each server inherits an open, locked file: the
kernel lets go of the lock when the last process that has it ends, and no pid needs to be believed. Where a server
runs that no state file knows (its starter was killed at the wrong moment), the open file also tells which it is.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.file_lock import lock_within, try_lock
from soundcheck.stores.local.process_identity import ProcessIdentity


@dataclass(frozen=True, slots=True)
class ServerKind:
    """One of the three servers, as its life lock sees it.

    `may_be_ours` says whether a process that has the lock file open can be one we started: a backup or an editor may
    have it open too. `quit_signal` ends one that the state file does not know.
    """

    name: str
    what: str
    may_be_ours: Callable[[psutil.Process], bool]
    quit_signal: signal.Signals


def is_held(path: Path) -> bool:
    """Whether a server of ours lives."""
    if not path.exists():
        return False
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def holders(path: Path, kind: ServerKind) -> list[ProcessIdentity]:
    """Our processes that have the lock file open. Looks at every process: only for the rare cases."""
    wanted = str(path.resolve())
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if kind.may_be_ours(process) and any(file.path == wanted for file in process.open_files()):
                identity = ProcessIdentity.of(process.pid)
                if identity is not None:
                    found.append(identity)
    return found


@contextlib.asynccontextmanager
async def life_lock(path: Path, kind: ServerKind) -> AsyncIterator[int]:
    """Take the lock for a server about to start; yields the descriptor to pass on, and closes ours at the end.

    Whoever of ours still holds it is unknown to the state file or left over from a killed server: it gets
    its signal, then SIGKILL. Raises `CouldNotRun` where the holder is not known or does not go.
    """
    descriptor = await lock_within(path, 0.2)  # a server that was just killed still takes its children along
    for number, patience in ((kind.quit_signal, 3.0), (signal.SIGKILL, 3.0), (signal.SIGKILL, 3.0)):
        if descriptor is None:
            found = holders(path, kind)
            for process in found:
                process.send(number)
            descriptor = await lock_within(path, patience if found else 0.5)
    if descriptor is None:
        raise CouldNotRun(
            f"Another process holds the {kind.what} at {path.parent}, and Soundcheck did not start it.",
            "Close the program that has that folder open, then try again.",
        )
    try:
        yield descriptor
    finally:
        os.close(descriptor)
