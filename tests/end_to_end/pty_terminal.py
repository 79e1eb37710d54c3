"""A person at a terminal: a real pseudo-terminal, an emulator that draws, keys in, screen out."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte
from ready_program import PYTHON, Forked, is_program
from wcwidth import wcwidth

KEYS = {
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "escape": "\x1b", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "backspace": "\x7f", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~",
    "f6": "\x1b[17~", "space": " ",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}  # fmt: skip


HANGUP = 1.0
"""Seconds of silence after which a terminal that nobody has hung up is taken to have nothing more to say."""


def _as_a_login_does() -> None:
    """The terminal is the program's own, and a signal that the tests' own parent ignores is not ignored in it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Timeout(AssertionError):
    """What was waited for did not come; the message shows the screen."""


class Terminal:
    """One program in a pseudo-terminal of `columns` × `rows`. Use as a context manager: it ends what it started."""

    def __init__(
        self,
        *words: str | Path,
        cwd: Path,
        environ: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        from_its_start: bool = False,
    ) -> None:
        """Start it. With `from_its_start` the program imports what it needs, as it does for a person."""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        spelled = [str(word) for word in words]
        is_ready = not from_its_start and (is_program(spelled[0]) or spelled[:3] == PYTHON)
        self.process = (Forked if is_ready else subprocess.Popen)(
            spelled,
            cwd=cwd,
            env={"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor", **environ},
            stdin=side,
            stdout=side,
            stderr=side,
            start_new_session=True,
            preexec_fn=_as_a_login_does,
        )
        os.close(side)
        self.raw = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._main)

    def kill(self) -> None:
        """End the program at once, as a power cut would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def text(self) -> str:
        """What stands on the screen now, without trailing blanks."""
        return "\n".join(self._line(row).rstrip() for row in range(self.screen.lines)).rstrip()

    def _line(self, row: int) -> str:
        """One line. Where a wide sign was overwritten by half, pyte leaves a cell with nothing in it: a blank."""
        cells, text, column = self.screen.buffer[row], "", 0
        while column < self.screen.columns:
            sign = cells[column].data or " "
            text += sign
            column += max(1, wcwidth(sign[0]))
        return text

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what the program wrote; False when nothing came within `seconds` or it has ended."""
        ready, _, _ = select.select([self._main], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._main, 65536)
        except OSError:  # the other side is closed: the program ended
            return False
        self.raw += data
        with contextlib.suppress(TypeError, IndexError):  # sequences that the emulator does not know
            self._stream.feed(data)
        return bool(data)

    def wait_until(self, true: Callable[[str], bool], what: str, seconds: float = 30) -> str:
        """Read until the screen satisfies `true`; raises `Timeout` with the screen."""
        deadline = time.monotonic() + seconds
        while not true(self.text):
            if time.monotonic() > deadline:
                raise Timeout(f"waited {seconds} s for {what}; the screen:\n{self.text}")
            if not self.read() and self.process.poll() is not None and not self.read():
                if true(self.text):
                    break
                raise Timeout(f"the program ended ({self.process.returncode}) before {what}; the screen:\n{self.text}")
        return self.text

    def wait_for(self, text: str, seconds: float = 30) -> str:
        """Read until `text` stands on the screen."""
        return self.wait_until(lambda screen: text in screen, repr(text), seconds)

    def press(self, *keys: str) -> None:
        """Press keys one after another: names of `KEYS`, or characters."""
        for key in keys:
            os.write(self._main, KEYS.get(key, key).encode())

    def type(self, text: str) -> None:
        """Type text, as keys."""
        os.write(self._main, text.encode())

    def answer(self, question: str, text: str, seconds: float = 60) -> None:
        """Type `text` and Enter once the last question is `question` and its prompt stands below it.

        What is typed before the prompt is echoed in front of it, and the screen is no longer what a person sees.
        """

        def asked(screen: str) -> bool:
            _, found, last = screen.rpartition(question)
            return bool(found) and last.rstrip().endswith("\n>") and "\n> " not in last

        self.wait_until(asked, f"the prompt of {question!r}", seconds)
        self.type(f"{text}\n")

    def paste(self, text: str) -> None:
        """Paste text the way terminals do it, bracketed."""
        os.write(self._main, b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def wait_ended(self, seconds: float = 15) -> int:
        """Read until the program ends; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise Timeout(f"still running after {seconds} s; the screen:\n{self.text}")
            self.read()
        self._read_to_the_end()
        return self.process.wait()

    def _read_to_the_end(self) -> None:
        """What an ended program wrote last is on its way through the kernel for a moment.

        The terminal hangs up after its last byte. Where a child still holds it open, silence has to do.
        """
        while select.select([self._main], [], [], HANGUP)[0]:
            if not self.read(0):
                return
