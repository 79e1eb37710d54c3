"""Look at what a path is before it is read or written: only an ordinary file is either.

Reading a named pipe waits for a writer for ever, reading a device may never end, and renaming a new file over either
takes it away from everybody else on the machine.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun

_WORDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}

LARGEST: Final = 64 << 20
"""Bytes. No file that is read whole comes near; a sparse one of terabytes takes no room in a repository."""

ENV_FILE_LIMIT: Final = 256 * 1024
"""Bytes. A file of variables that is larger is none."""


def special_kind(path: Path) -> str:
    """What is there in place of an ordinary file, such as "a pipe"; "" for an ordinary file, or for nothing at all.

    A symbolic link is followed. Raises `OSError` where that cannot be found out.
    """
    try:
        return _words(path.stat().st_mode)
    except FileNotFoundError:
        return ""


def refuse_special(path: Path) -> None:
    """Before `path` is written, truncated or removed. Raises `CouldNotRun` for whatever is not an ordinary file."""
    try:
        kind = special_kind(path)
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be written: {problem.strerror}.", "Name another file.") from None
    if kind:
        raise CouldNotRun(f"{path} is {kind}, not a file, and is left alone.", "Name a file instead.")


def read_plain(path: Path) -> bytes:
    """The whole of an ordinary file of at most `LARGEST` bytes.

    Raises `OSError`, for anything else too; never waits for a pipe's writer.
    """
    if kind := special_kind(path):
        raise _not_a_file(path, kind)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if kind := _words(found.st_mode):  # exchanged since it was looked at
            raise _not_a_file(path, kind)
        if found.st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MB", str(path))
        return file.read(LARGEST)


def read_plain_text(path: Path, *, errors: str = "strict") -> str:
    """The same as UTF-8 text, with every line ending as a single line feed. Raises `UnicodeDecodeError` too."""
    return io.TextIOWrapper(io.BytesIO(read_plain(path)), encoding="utf-8", errors=errors).read()


def _words(mode: int) -> str:
    return "" if stat.S_ISREG(mode) else _WORDS.get(stat.S_IFMT(mode), "no file")


def _not_a_file(path: Path, kind: str) -> OSError:
    return OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))
