"""Talk with one program: a request to its standard input, JSON lines from its standard output, a deadline over all."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.import_path import child_import_path
from soundcheck.stores.programs.ending import ending_with_us
from soundcheck.stores.programs.environment import Environment, allowed
from soundcheck.stores.programs.starting import PIPE, STDOUT, start_watched

_LINE_LIMIT: Final = 1 << 28
"""Bytes. The model of a schema with a hundred tables is one line of 10 MB."""

_GATE: Final = 'read -r _ && exec "$@"'
"""Reads no further than the first line: the rest of the pipe is the program's."""

Event = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its answer (the line that is no event, None where none came), exit code, end of stderr."""

    answer: Mapping[str, Any] | None
    code: int
    stderr: str


async def converse(
    command: Sequence[str],
    request: bytes,
    *,
    environment: Environment,
    deadline: float,
    cwd: Path | None = None,
    on_event: Event | None = None,
) -> Ended:
    """Start `command`, hand it `request`, read its lines until it ends.

    Raises `TimeoutError` after `deadline` seconds and `OSError` where it cannot be started. However this ends, by
    cancellation or by our own death too, the child and its own children are gone.
    """
    process = await _start(command, environment, cwd, stderr=PIPE)
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
        environment=allowed(environ, PYTHONPATH=child_import_path()),
        deadline=deadline,
        cwd=cwd,
    )


async def follow(
    command: Sequence[str],
    *,
    environment: Environment,
    deadline: float,
    cwd: Path | None = None,
    on_line: Callable[[str], None],
) -> int:
    """Run a foreign program and pass on its output, both streams, line by line; returns its exit code.

    Raises as `converse` does, and like there nothing of it is left running.
    """
    process = await _start(command, environment, cwd, stderr=STDOUT)
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


async def _start(command: Sequence[str], environment: Environment, cwd: Path | None, *, stderr: int) -> Process:
    """Start it behind a gate that `_hand_over` opens, and that closes for good when we end before.

    Between the start and `ending_with_us` nobody watches over the child: killed there, we would leave it behind.
    """
    if shutil.which(command[0], path=environment.variables.get("PATH")) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    return await start_watched(
        ["/bin/sh", "-c", _GATE, "sh", *command], environment,
        cwd=cwd, stdin=PIPE, stdout=PIPE, stderr=stderr, limit=_LINE_LIMIT,
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
