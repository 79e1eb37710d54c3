"""Runs the program without waiting for its imports: `Forked` is a `subprocess.Popen` that asks the fork server.

For tests of what the program does. How it starts (its interpreter, closed streams, a signal before its first line) is
tested with `subprocess` itself.
"""

from __future__ import annotations

import atexit
import functools
import inspect
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOUNDCHECK = ROOT / ".venv" / "bin" / "soundcheck"
SERVER = Path(__file__).with_name("fork_server.py")
PYTHON = [sys.executable, "-P", "-c"]


@functools.cache
def control() -> socket.socket:
    """The server of this session, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    server = subprocess.Popen(
        [sys.executable, "-P", SERVER, str(theirs.fileno())], env=environ, stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()], start_new_session=True,
    )  # fmt: skip
    theirs.close()

    @atexit.register
    def end() -> None:
        ours.close()
        server.wait()

    return ours


def is_program(word: str | Path) -> bool:
    """Whether it is this checkout's `soundcheck`, by whatever link."""
    return os.path.realpath(word) == os.path.realpath(SOUNDCHECK)


class Forked(subprocess.Popen):  # type: ignore[type-arg]
    """`[SOUNDCHECK, …]`, or `[sys.executable, "-P", "-c", code]` for a changed one."""

    def _execute_child(self, *given: Any) -> None:
        asked = inspect.signature(subprocess.Popen._execute_child).bind(self, *given).arguments  # type: ignore[attr-defined]
        words = [str(word) for word in asked["args"]]
        assert is_program(words[0]) or words[:3] == PYTHON, words
        code = None if is_program(words[0]) else words[3]
        request = {
            "words": words if code is None else ["-c", *words[4:]],
            "cwd": str(asked["cwd"]),
            "environ": {name: str(value) for name, value in asked["env"].items()},
            "code": code,
            "on_terminal": asked["start_new_session"],
        }
        ends = [asked[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        streams = [number if end == -1 else end for number, end in enumerate(ends)]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(control(), [json.dumps(request).encode()], [*streams, theirs.fileno()])
        self._told = ours.detach()
        self.pid = int(os.read(self._told, 64))
        self._child_created = True
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(asked[name] for name in pipes))  # type: ignore[attr-defined]

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if flags & os.WNOHANG and not select.select([self._told], [], [], 0)[0]:
            return 0, 0
        status = int(os.read(self._told, 64))
        os.close(self._told)
        return self.pid, status

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode


if not hasattr(os, "pidfd_open"):  # not Linux: nothing tells the server when a child has ended
    Forked = subprocess.Popen  # type: ignore[misc,assignment]


def run(
    words: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run`, with all of its output."""
    with Forked(
        words, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = process.communicate(stdin, timeout=100)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
