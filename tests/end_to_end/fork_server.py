"""The program with its imports done, waiting to be forked: `python -P fork_server.py FD`, a socket to its tests.

Half of the time that a command takes goes into importing what it needs, the same in each run. What comes after that is
the program's own `main` in a process of its own, with the streams, folder, environment and words that it was given.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundcheck
from soundcheck.screens import cli

NO_MODULES = ("__main__", "_child", "_in_python")
"""What runs as a program by itself."""


@dataclass(frozen=True)
class Wanted:
    """One run. `words` are as `sys.argv` has them; with `code` that runs, as after `python -c`."""

    words: list[str]
    cwd: str
    environ: dict[str, str]
    code: str | None
    on_terminal: bool
    """Whether its terminal is to be its own, as a log-in has it."""


def imported() -> None:
    """All of the program; what a library imports late still is."""
    for module in pkgutil.walk_packages(soundcheck.__path__, "soundcheck."):
        if not module.name.endswith(NO_MODULES):
            importlib.import_module(module.name)


def serve(control: socket.socket) -> tuple[Wanted, list[int]]:
    """Fork for each request; comes back in the child, with its streams. Ends when the tests do."""
    running: dict[int, tuple[int, socket.socket]] = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for number, _ in poll.poll():
            if number in running:
                pid, told = running.pop(number)
                told.send(str(os.waitpid(pid, 0)[1]).encode())
                told.close()
                poll.unregister(number)
                os.close(number)
                continue
            request, handed, *_ = socket.recv_fds(control, 2**20, 4)
            if not request:
                sys.exit()
            *streams, last = handed
            told = socket.socket(fileno=last)
            pid = os.fork()
            if pid == 0:
                for one in (control, told, *(other for _, other in running.values())):
                    one.detach()  # else a file of the program's with this number would be closed with it
                return Wanted(**json.loads(request)), streams
            for stream in streams:
                os.close(stream)
            told.send(str(pid).encode())
            watched = os.pidfd_open(pid)
            running[watched] = pid, told
            poll.register(watched, select.POLLIN)


def become(wanted: Wanted, streams: list[int]) -> None:
    """What an interpreter that was just started finds."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 1024)
    if wanted.on_terminal:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for signal_number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_DFL)
    os.chdir(wanted.cwd)
    os.environ.clear()
    os.environ.update(wanted.environ)
    sys.argv[:] = wanted.words
    sys.stdin = sys.__stdin__ = _stream(0, "strict")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "backslashreplace")  # type: ignore[misc]


def _stream(number: int, errors: str) -> io.TextIOWrapper:
    raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
    buffer: Any = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
    by_line = number == 2 or os.isatty(number)
    return io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, line_buffering=by_line)


if __name__ == "__main__":
    imported()
    gc.freeze()  # no child looks through it all for garbage
    wanted, streams = serve(socket.socket(fileno=int(sys.argv[1])))
    become(wanted, streams)
    if wanted.code is None:
        sys.path.insert(0, str(Path(wanted.words[0]).parent))
        sys.exit(cli.main())
    exec(wanted.code, {"__name__": "__main__"})
