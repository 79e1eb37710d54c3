"""The three standard streams as a command finds them: closed, full, or with nobody reading any more.

A closed one is opened on the null device, so that no file or connection of ours takes its number. What could not be
written to standard output is remembered and told at the end; what standard error does not take is lost, and the
command goes on.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Final, TextIO

from soundcheck.stores.errors import CouldNotRun

_OUT: Final = 1
_ERR: Final = 2


class WatchedOutput(io.TextIOWrapper):
    """Standard output that remembers why it could not be written."""

    problem: OSError | None = None

    def write(self, text: str) -> int:
        """As any stream; raises `OSError`."""
        try:
            return super().write(text)
        except OSError as problem:
            self.problem = problem
            raise

    def flush(self) -> None:
        """As any stream; raises `OSError`."""
        try:
            super().flush()
        except OSError as problem:
            self.problem = problem
            raise


class ForgivingOutput(io.TextIOWrapper):
    """Standard error: what it does not take is lost, and stops nobody."""

    def write(self, text: str) -> int:
        """As any stream; never raises `OSError`."""
        try:
            return super().write(text)
        except OSError:
            to_nowhere(_ERR)
            return len(text)

    def flush(self) -> None:
        """As any stream; never raises `OSError`."""
        try:
            super().flush()
        except OSError:
            to_nowhere(_ERR)


def take_streams() -> None:
    """Put the process's own streams in order. Raises `CouldNotRun` where standard output is closed."""
    closed = [number for number in range(3) if not _is_open(number)]
    for number in closed:
        os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)  # takes the lowest number that is free
    if 0 in closed or sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = _over(sys.stderr, _ERR, ForgivingOutput)
    sys.stdout = _over(sys.stdout, _OUT, WatchedOutput)
    if _OUT in closed:
        raise CouldNotRun(
            "Standard output is closed, so nothing could be shown.", "Send it to a file, or to /dev/null."
        )


def output_problem() -> OSError | None:
    """Why standard output could not be written, None where all of it was. From then on it goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    problem = getattr(sys.stdout, "problem", None)
    if problem is not None:
        to_nowhere(_OUT)
    return problem


def to_nowhere(number: int) -> None:
    """Let what is still in a stream's buffer, and all that follows, go to the null device."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _over(stream: TextIO | None, number: int, kind: type[io.TextIOWrapper]) -> io.TextIOWrapper:
    if not isinstance(stream, io.TextIOWrapper):  # it was closed
        return kind(open(number, "wb", closefd=False), encoding="utf-8", errors="replace")
    return kind(
        stream.buffer,
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
