"""Start programs: short ones that are waited for, and servers that outlive us.

A server gets a session of its own (Ctrl-C in our terminal is not its business), an environment without anybody's
secrets, its configuration on standard input, and no descriptor of ours but the life lock. A daemon thread waits for
it, so that it is never a zombie while we live on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Final

from soundcheck.stores.local.run_as import NORMAL_USER, RunAs
from soundcheck.stores.programs.environment import Environment, allowed
from soundcheck.stores.programs.starting import PIPE, STDOUT, start

_NEEDED: Final = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


def child_environment(extra: Mapping[str, str] | None = None) -> Environment:
    """What children see: where programs are, English messages, and none of PG* or of the backend's secrets."""
    return allowed(os.environ, only=_NEEDED, LC_ALL="C", TZ="UTC", **(extra or {}))


@dataclass(frozen=True, slots=True)
class Ran:
    """A short program that ended. `output` is stdout and stderr together, unscrubbed."""

    returncode: int
    output: str


async def run(
    command: Sequence[str | Path],
    *,
    run_as: RunAs = NORMAL_USER,
    stdin: bytes = b"",
    deadline: float,
    pass_fds: Sequence[int] = (),
) -> Ran:
    """Run to the end, with all its children: on cancellation and after `deadline` s (`TimeoutError`) they are killed.

    Raises `OSError` where the program cannot be started.
    """
    process = start(
        [*run_as.prefix, *(os.fspath(part) for part in command)], child_environment(), cwd="/",
        stdin=PIPE, stdout=PIPE, stderr=STDOUT, umask=0o077, pass_fds=pass_fds, user=run_as.uid, group=run_as.gid,
    )  # fmt: skip
    # A thread rather than asyncio's subprocesses: uvloop's know neither umask nor user.
    talk = asyncio.ensure_future(asyncio.to_thread(process.communicate, stdin))
    try:
        output, _ = await asyncio.wait_for(asyncio.shield(talk), deadline)
    except BaseException:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        # Whoever cancelled may take the folder away next: not before the child is gone.
        with contextlib.suppress(OSError):
            await asyncio.shield(talk)
        raise
    return Ran(process.returncode, output.decode("utf-8", "replace"))


class Server:
    """A server just started, and the thread that waits for it."""

    def __init__(self, process: Popen[bytes]) -> None:
        self.pid = process.pid
        self.stdout = process.stdout
        self._process = process
        threading.Thread(target=process.wait, name=f"wait for {process.pid}", daemon=True).start()

    def lives(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    @property
    def was_killed(self) -> bool:
        """Whether somebody's signal ended it."""
        return (self._process.returncode or 0) < 0


def start_server(
    command: Sequence[str | Path],
    *,
    log: Path,
    life_lock: int,
    run_as: RunAs = NORMAL_USER,
    stdin: bytes = b"",
    answers_on_stdout: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Server:
    """Start a server whose stderr (and stdout, unless it `answers_on_stdout`) is appended to `log`, 0600.

    `stdin` must fit a pipe's buffer (64 KiB). Raises `OSError` where the program cannot be started.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        process = start(
            [*run_as.prefix, *(os.fspath(part) for part in command)], child_environment(environment), cwd="/",
            stdin=PIPE, stdout=PIPE if answers_on_stdout else descriptor, stderr=descriptor,
            umask=0o077, pass_fds=(life_lock,), user=run_as.uid, group=run_as.gid,
        )  # fmt: skip
    finally:
        os.close(descriptor)
    server = Server(process)
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(stdin)
    return server
