"""The one place where a program is started. What it sees of the environment is an `Environment`, so a list of names.

A program is a list of words, never a line for a shell, and nothing secret is among them: that goes to its standard
input. Everything here raises `OSError` where the program cannot be started.
"""

from __future__ import annotations

import asyncio
import subprocess
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, CompletedProcess, Popen
from typing import IO, Final

from soundcheck.stores.programs.environment import Environment

__all__ = ["DEVNULL", "PIPE", "STDOUT", "start", "start_watched", "wait_for"]

NOTHING: Final = Environment({})
"""For a program that needs to know nothing at all."""


def start(
    command: Sequence[str],
    environment: Environment,
    *,
    cwd: Path | str,
    stdin: int | IO[bytes] = DEVNULL,
    stdout: int | IO[bytes] = DEVNULL,
    stderr: int | IO[bytes] = DEVNULL,
    umask: int = -1,
    pass_fds: Sequence[int] = (),
    user: int | None = None,
    group: int | None = None,
) -> Popen[bytes]:
    """Start it in a session of its own: neither Ctrl-C in our terminal nor the end of our group reaches it.

    As another `user` it has none of our groups. No descriptor of ours is open in it but its streams and `pass_fds`.
    """
    return subprocess.Popen(
        list(command),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=dict(environment.variables),
        cwd=cwd,
        start_new_session=True,
        umask=umask,
        pass_fds=tuple(pass_fds),
        user=user,
        group=group,
        extra_groups=None if user is None else (),
    )


async def start_watched(
    command: Sequence[str],
    environment: Environment,
    *,
    cwd: Path | str | None = None,
    stdin: int | None = DEVNULL,
    stdout: int | None = DEVNULL,
    stderr: int | None = DEVNULL,
    own_session: bool = True,
    limit: int = 1 << 16,
) -> Process:
    """Start it on the running loop. A stream of None is our own, as of a program that takes over the terminal.

    `limit` is how long a line of its output may be, in bytes.
    """
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=dict(environment.variables),
        cwd=cwd,
        start_new_session=own_session,
        limit=limit,
    )


def wait_for(
    command: Sequence[str], environment: Environment, *, cwd: Path | str, seconds: float, asked: bytes = b""
) -> CompletedProcess[bytes]:
    """Run a short one to its end, with `asked` on its standard input. Blocking.

    Raises `subprocess.TimeoutExpired` after `seconds`; it is killed then.
    """
    return subprocess.run(
        list(command),
        input=asked,
        capture_output=True,
        env=dict(environment.variables),
        cwd=cwd,
        timeout=seconds,
        check=False,
    )
