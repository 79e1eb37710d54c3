"""Where a file is written before it takes its place: a folder of ours beside it, which a kill cannot turn into a leak.

Half of an env file, or all of a new one, holds secrets. So the folder is 0700, and a `.gitignore` that ignores all of
it stands there first: what a kill leaves behind is read by nobody else and goes into no commit. The folder's lock tells
whether somebody still writes; the next start removes it where nobody does.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from soundcheck.stores.file_lock import try_lock

PREFIX: Final = ".soundcheck-"
_NAME: Final = re.compile(re.escape(PREFIX) + r"[0-9a-f]{8}")
_IGNORE: Final = ".gitignore"
_ATTEMPTS: Final = 5
_YOUNG: Final = 60.0
"""Seconds within which a folder that holds nothing yet is being made by somebody."""


@contextlib.contextmanager
def aside(parent: Path) -> Iterator[Path]:
    """A new folder within `parent` for as long as this lasts. Raises `OSError` where it cannot be made."""
    folder, lock = _made(parent)
    try:
        yield folder
    finally:
        _remove(folder)
        os.close(lock)


def sweep(parents: Iterable[Path]) -> int:
    """Remove what kills have left within these folders; how many there were. Never raises.

    Only a folder of our user, private, that holds nothing but plain files, and that nobody is writing into.
    """
    return sum(_swept(folder) for parent in dict.fromkeys(parents) for folder in _found(parent))


def _made(parent: Path) -> tuple[Path, int]:
    """The folder, its `.gitignore` in it and locked. A sweep elsewhere may take an empty one away: then another."""
    for _ in range(_ATTEMPTS):
        folder = parent / f"{PREFIX}{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        lock = None
        try:
            folder.chmod(0o700)  # whatever the umask says
            lock = try_lock(folder / _IGNORE)
            if lock is not None:
                os.write(lock, b"*\n")
                if os.fstat(lock).st_nlink:
                    return folder, lock
        except FileNotFoundError:
            pass
        except OSError:
            _remove(folder)
            raise
        if lock is not None:
            os.close(lock)
    raise FileNotFoundError(f"{parent}: every folder made there is taken away")


def _found(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:
            return [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]
    except OSError:
        return []


def _swept(folder: Path) -> bool:
    try:
        facts = folder.lstat()
    except OSError:  # whoever wrote there has ended, or another sweep was quicker
        return False
    try:
        private = stat.S_ISDIR(facts.st_mode) and stat.S_IMODE(facts.st_mode) & 0o777 == 0o700
        if not private or facts.st_uid != os.getuid():
            return False
        if not all(stat.S_ISREG(one.lstat().st_mode) for one in folder.iterdir()):
            return False
        (folder / _IGNORE).lstat()
        lock = try_lock(folder / _IGNORE)
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            if time.time() - facts.st_mtime > _YOUNG:
                folder.rmdir()  # empty, or it stays
                return True
        return False
    except OSError:
        return False
    if lock is None:
        return False
    _remove(folder)
    os.close(lock)
    return not folder.exists()


def _remove(folder: Path) -> None:
    """Secrets first, what hides them last."""
    with contextlib.suppress(OSError):
        for file in sorted(folder.iterdir(), key=lambda one: one.name == _IGNORE):
            file.unlink()
        folder.rmdir()
