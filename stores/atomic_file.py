"""Write a file so that a reader, a crash or a full disk never meets half of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from soundcheck.stores.aside import aside
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.held_file import Hold, refuse_held
from soundcheck.stores.plain_file import refuse_special


def write_over(path: Path, data: bytes, *, mode: int = 0o600, agreed: Hold | None = None) -> None:
    """Replace a file that may be a person's, as `write_atomically` does.

    Raises `Refused` for one with another name or without the right to write, unless just that was `agreed` to.
    """
    refuse_held(path, agreed)
    write_atomically(path, data, mode=mode)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file of ours by `data`: a file with `mode` aside, fsync, rename, fsync of the folder.

    A symlink is not followed, and a device, a pipe, a socket or a folder is not replaced: `CouldNotRun` is raised, so
    that the caller can ask where to write. Where the disk is full or the folder read-only, `path` is as it was,
    nothing stands aside any more, and `CouldNotRun` says why.
    """
    try:
        link = path.readlink() if path.is_symlink() else None
    except OSError:  # such as a name that is too long
        link = None
    if link is not None:
        raise CouldNotRun(f"{path} is a link to {link}.", "Name the file itself, or remove the link.")
    refuse_special(path)
    try:
        with aside(path.parent) as folder:
            fresh = folder / "new"
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            fresh.replace(path)
        _sync_folder(path.parent)
    except OSError as problem:
        raise CouldNotRun(
            f"{path} could not be written: {problem.strerror or problem}.",
            "Free some space or mend the folder's rights, then try again; the old file is as it was.",
        ) from problem


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last. Some file systems refuse to sync a folder; the data is on disk all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
