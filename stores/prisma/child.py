"""Run one child program: a request to its standard input, JSON lines from its standard output, a deadline over all.

A child that ends with us, even where we are killed and can do nothing any more.

A shell beside it reads from a pipe that we hold open. Whatever ends us closes the pipe, and the shell kills the
child's whole group. This works on every POSIX system and for grandchildren, which a parent-death signal does not reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.import_path import child_import_path

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
        # A session of its own: neither Ctrl-C in our terminal nor the end of the group reaches it.
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, target, signal],
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


_LINE_LIMIT: Final = 1 << 28
"""Bytes. The model of a schema with a hundred tables is one line of 10 MB."""

_WITHHELD: Final = ("PG", "NODE_", "DATABASE_URL", "DIRECT_URL", "UPSTASH_", "PYTHON", "PRISMA_")
"""Beginnings of variables that a child must not read: other credentials, and whatever would change its behaviour."""

_GATE: Final = 'read -r _ && exec "$@"'
"""Reads no further than the first line: the rest of the pipe is the program's."""

Event = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its answer (the line that is no event, None where none came), exit code, end of stderr."""

    answer: Mapping[str, Any] | None
    code: int
    stderr: str


def clean_environment(environ: Mapping[str, str], **extra: str) -> dict[str, str]:
    """The environment a child gets: ours without credentials and without what would steer its driver or runtime."""
    kept = {k: v for k, v in environ.items() if not k.startswith(_WITHHELD) or k == "NODE_EXTRA_CA_CERTS"}
    return kept | extra


async def converse(
    command: Sequence[str],
    request: bytes,
    *,
    environ: Mapping[str, str],
    deadline: float,
    cwd: Path | None = None,
    on_event: Event | None = None,
) -> Ended:
    """Start `command`, hand it `request`, read its lines until it ends.

    Raises `TimeoutError` after `deadline` seconds and `OSError` where it cannot be started. However this ends, by
    cancellation or by our own death too, the child and its own children are gone.
    """
    process = await _start(command, environ, cwd, stderr=PIPE)
    try:
        with ending_with_us(process.pid):
            return await _conversation(process, request, deadline, on_event)
    finally:
        await _end(process)


async def _conversation(process: Process, request: bytes, deadline: float, on_event: Event | None) -> Ended:
    async with asyncio.timeout(deadline):
        _, answer, stderr = await asyncio.gather(
            _hand_over(process, request), _read_lines(process, on_event), _tail(process)
        )
        return Ended(answer, await process.wait(), stderr)


async def converse_with_module(
    module: str, request: Mapping[str, Any], *, environ: Mapping[str, str], deadline: float, cwd: Path
) -> Ended:
    """The same with a module of ours, in our own Python: with our packages, and with nothing of the folder `cwd`."""
    return await converse(
        [sys.executable, "-P", "-m", module],
        json.dumps(request).encode(),
        environ=clean_environment(environ, PYTHONPATH=child_import_path()),
        deadline=deadline,
        cwd=cwd,
    )


async def follow(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    deadline: float,
    cwd: Path | None = None,
    on_line: Callable[[str], None],
) -> int:
    """Run a foreign program and pass on its output, both streams, line by line; returns its exit code.

    Raises as `converse` does, and like there nothing of it is left running.
    """
    process = await _start(command, environ, cwd, stderr=STDOUT)
    try:
        with ending_with_us(process.pid):
            async with asyncio.timeout(deadline):
                await _hand_over(process, b"")
                if process.stdout is not None:
                    async for line in process.stdout:
                        on_line(line.decode("utf-8", "replace").rstrip("\r\n"))
                return await process.wait()
    finally:
        await _end(process)


async def _start(command: Sequence[str], environ: Mapping[str, str], cwd: Path | None, *, stderr: int) -> Process:
    """Start it behind a gate that `_hand_over` opens, and that closes for good when we end before.

    Between the start and `ending_with_us` nobody watches over the child: killed there, we would leave it behind.
    """
    if shutil.which(command[0], path=environ.get("PATH")) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", _GATE, "sh", *command,
        stdin=PIPE, stdout=PIPE, stderr=stderr, env=environ, cwd=cwd, limit=_LINE_LIMIT, start_new_session=True,
    )  # fmt: skip


async def _hand_over(process: Process, request: bytes) -> None:
    """Let it begin, with `request` as all of its standard input."""
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended early; its stderr says why
        process.stdin.write(b"\n" + request)
        await process.stdin.drain()
    process.stdin.close()


async def _read_lines(process: Process, on_event: Event | None) -> Mapping[str, Any] | None:
    answer: Mapping[str, Any] | None = None
    if process.stdout is None:
        return answer
    async for line in process.stdout:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if not isinstance(value, dict):
            continue
        if "event" not in value:
            answer = value
        elif on_event is not None:
            on_event(value)
    return answer


async def _tail(process: Process) -> str:
    if process.stderr is None:
        return ""
    return (await process.stderr.read())[-8192:].decode("utf-8", "replace")


async def _end(process: Process) -> None:
    """A child that still runs goes with its whole group; its pipes are closed before the loop is."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
