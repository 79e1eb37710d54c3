"""A program in a pseudo-terminal of 120×40, and how long it takes from a key to what it writes.

Nothing is drawn here: an emulator would take longer than what is measured. What is waited for is looked for in the
bytes, where the text of a cell stands in one piece.
"""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from pathlib import Path

import psutil

KEYS = {
    "enter": "\r", "escape": "\x1b", "down": "\x1b[B", "right": "\x1b[C", "pagedown": "\x1b[6~", "pageup": "\x1b[5~",
    "home": "\x1b[H", "end": "\x1b[F", "f2": "\x1bOQ", "f5": "\x1b[15~", "ctrl+a": "\x01", "ctrl+j": "\n",
}  # fmt: skip
DEADLINE = 30.0
"""Seconds; what has not come by then has failed."""


class PtyProgram:
    """Use as a context manager: it ends what it started, its children too."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        self._leader, follower = pty.openpty()
        ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=folder,
            env={**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
            start_new_session=True,
            preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(follower)

    def __enter__(self) -> PtyProgram:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self._family()[1:], psutil.Process(self.process.pid)):
            one.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._leader)

    def press(self, *keys: str) -> None:
        """Names of `KEYS`, characters, `type:…` for a text at once, `paste:…` for one in brackets."""
        for key in keys:
            kind, colon, text = key.partition(":")
            if colon and kind == "type":
                data = text
            elif colon and kind == "paste":
                data = f"\x1b[200~{text}\x1b[201~"
            else:
                data = KEYS.get(key, key)
            os.write(self._leader, data.encode())

    def read(self, seconds: float) -> bytes:
        """What came, b"" where nothing did."""
        if not select.select([self._leader], [], [], max(0.0, seconds))[0]:
            return b""
        try:
            return os.read(self._leader, 1 << 18)
        except OSError:
            return b""

    def settle(self, quiet: float = 0.15) -> bytes:
        """Until nothing is written for a while; a cursor that blinks is given up on after three seconds."""
        seen, until = b"", time.perf_counter() + 3
        while (data := self.read(quiet)) and time.perf_counter() < until:
            seen += data
        return seen

    def rest(self, seconds: float) -> None:
        """Let it write what it likes, for some seconds."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    def until(self, text: str, since: float) -> float:
        """Seconds from `since` until `text` is written. Raises `TimeoutError`."""
        seen, wanted = b"", text.encode()
        while wanted not in seen:
            left = DEADLINE - (time.perf_counter() - since)
            if left <= 0 or (self.process.poll() is not None and not select.select([self._leader], [], [], 0)[0]):
                raise TimeoutError(f"{text!r} did not come; the end of what did: {_words(seen)[-300:]!r}")
            seen = seen[-(1 << 16) :] + self.read(min(left, 0.5))
        return time.perf_counter() - since

    def first_output(self, key: str) -> float:
        """Seconds from a key to the first byte of what it changed."""
        since = time.perf_counter()
        self.press(key)
        while not self.read(DEADLINE - (time.perf_counter() - since)):
            if time.perf_counter() - since > DEADLINE:
                raise TimeoutError(f"{key} changed nothing")
        return time.perf_counter() - since

    def further_rows(self, key: str, beyond: int) -> tuple[float, float, int]:
        """Seconds to the first byte and to a row past `beyond`, and the furthest row written then."""
        since = time.perf_counter()
        self.press(key)
        seen, first = b"", 0.0
        while True:
            data = self.read(DEADLINE - (time.perf_counter() - since))
            now = time.perf_counter() - since
            if not data:
                raise TimeoutError(f"{key} showed no further row")
            first, seen = first or now, seen + data
            rows = [int(found) for found in re.findall(rb"row-(\d{8})", seen)]
            if rows and max(rows) > beyond:
                return first, now, max(rows)

    def memory(self) -> float:
        """MiB of all its processes, what they share counted once (PSS)."""
        return sum(float(one.memory_full_info().pss) for one in self._family()) / 2**20

    def processor_seconds(self) -> float:
        """What all its processes used so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self._family())

    def _family(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


def _words(data: bytes) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode("utf-8", "replace"))
