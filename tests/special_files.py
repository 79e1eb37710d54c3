"""What a path may hold in place of an ordinary file, made in a test's own folder: never the machine's own /dev."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

Kind = str


def _device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))  # as /dev/null
    except PermissionError:
        pytest.skip("only root makes devices")


def _link(path: Path) -> None:
    target = path.with_name(f"{path.name}.device")
    _device(target)
    path.symlink_to(target)


def _link_to_pipe(path: Path) -> None:
    target = path.with_name(f"{path.name}.pipe")
    os.mkfifo(target)
    path.symlink_to(target)


KINDS: Final[Mapping[Kind, Callable[[Path], None]]] = {
    "pipe": os.mkfifo,
    "socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
    "device": _device,
    "folder": Path.mkdir,
    "link to a device": _link,
    "link to a pipe": _link_to_pipe,
}


def put(kind: Kind, path: Path) -> Callable[[], bool]:
    """Put one there; what comes back tells whether it, and what it links to, is still the same."""
    KINDS[kind](path)

    def facts() -> list[tuple[int, ...]]:
        found = (path.lstat(), path.stat())
        return [(one.st_ino, one.st_dev, one.st_mode, one.st_rdev) for one in found]

    before = facts()
    return lambda: facts() == before
