"""A terminal that does not show what is typed: for pasted secrets, several lines at once."""

from __future__ import annotations

import contextlib
import select
import termios
from collections.abc import Iterator
from typing import Final, TextIO

MORE: Final = 0.2
"""Seconds in which the rest of a paste arrives after an empty line in its middle."""

_LOCAL_FLAGS: Final = 3
"""Where the local flags stand in what `tcgetattr` returns."""


@contextlib.contextmanager
def hidden(stream: TextIO) -> Iterator[None]:
    """Show nothing of what is typed until this ends, however it ends; then drop what nobody asked for.

    `getpass` throws away what is already waiting each time it begins, which is the rest of a pasted block, and leaves
    the terminal silent where its thread is abandoned; so the terminal is changed here, once, without a flush. Does
    nothing where the stream is no terminal.
    """
    try:
        terminal = stream.fileno()
        before = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):
        yield
        return
    quiet = list(before)
    quiet[_LOCAL_FLAGS] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def more_is_coming(stream: TextIO, seconds: float = MORE) -> bool:
    """Whether another line follows at once, as in a paste with empty lines or with two characters for a line's end."""
    try:
        return bool(select.select([stream], [], [], seconds)[0])
    except (OSError, ValueError):
        return False
