"""What a server said: its log kept small, and the end of it quoted, free of secrets, when it did not start."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from soundcheck.stores.secret import MASK, Secret

LIMIT: Final = 1_000_000
"""Bytes. Checked at every `up`; servers append, so the file may be cut while they run."""
KEPT: Final = 200_000


def bound(log: Path) -> None:
    """Cut a log over `LIMIT` to its last `KEPT` bytes. A file that is not there is small enough."""
    try:
        size = log.stat().st_size
        if size <= LIMIT:
            return
        with log.open("r+b") as file:
            file.seek(size - KEPT)
            tail = file.read()
            file.truncate(0)
            file.seek(0)
            file.write(tail[tail.find(b"\n") + 1 :])
    except FileNotFoundError:
        return


def size(log: Path) -> int:
    """Where the next line will stand: the mark from which a start's own words are read."""
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def said_since(log: Path, mark: int) -> str:
    """What was logged from `mark` on, at most 64 KiB."""
    try:
        with log.open("rb") as file:
            file.seek(max(mark, os.fstat(file.fileno()).st_size - 65536))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def tail(text: str, hidden: Iterable[Secret], lines: int = 4) -> str:
    """The last lines that say something, in one, with secrets masked and control characters shown."""
    for secret in hidden:
        text = text.replace(secret.reveal(), MASK)
    kept = [line.strip() for line in text.splitlines() if line.strip()][-lines:]
    return " · ".join("".join(c if c.isprintable() else repr(c)[1:-1] for c in line) for line in kept)
