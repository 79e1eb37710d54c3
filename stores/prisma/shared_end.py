"""A child that ends with us, even where we are killed and can do nothing any more.

A shell beside it reads from a pipe that we hold open. Whatever ends us closes the pipe, and the shell kills the
child's whole group. This works on every POSIX system and for grandchildren, which a parent-death signal does not reach.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Final

_WATCH: Final = 'read -r _; kill -s KILL -- "-$0"'


@contextlib.contextmanager
def ending_with_us(group: int) -> Iterator[None]:
    """While it lasts, our death by whatever signal kills the process group `group`.

    Where no shell can be started it does nothing: a child that outlives us is better than no child.
    """
    try:
        # A session of its own: neither Ctrl-C in our terminal nor the end of the group reaches it.
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
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
