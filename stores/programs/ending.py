"""A program that ends with us, even where we are killed and can do nothing any more.

A shell beside it reads from a pipe that we hold open. Whatever ends us closes the pipe, and the shell kills the
program's whole group. This works on every POSIX system and for grandchildren, which a parent-death signal does not
reach.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from soundcheck.stores.programs.starting import NOTHING, PIPE, start

_WATCH: Final = 'read -r _; kill -s "$1" -- "$0"'


@contextlib.contextmanager
def ending_with_us(group: int) -> Iterator[None]:
    """While it lasts, our death by whatever signal kills the process group `group`.

    Where no shell can be started it does nothing: a child that outlives us is better than no child.
    """
    with _watched(f"-{group}", "KILL"):
        yield


@contextlib.contextmanager
def asked_to_end_with_us(pid: int) -> Iterator[None]:
    """The same for one process that shares our group, which gets SIGTERM and can end as it likes."""
    with _watched(str(pid), "TERM"):
        yield


@contextlib.contextmanager
def _watched(target: str, signal: str) -> Iterator[None]:
    try:
        watcher = start(["/bin/sh", "-c", _WATCH, target, signal], NOTHING, cwd="/", stdin=PIPE)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        watcher.kill()  # before the pipe is closed: a group that has ended may have lent its number to another
        watcher.wait()
        if watcher.stdin is not None:
            watcher.stdin.close()
