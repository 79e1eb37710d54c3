"""Signals that end a program: what each is called, and the exit code it leaves."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Those that ask a program to end and let it clean up."""


def code_of(number: int) -> int:
    """128 and the signal's number, as shells have it: 130 for ctrl+c, 143 for SIGTERM."""
    return 128 + number


def tell(number: int) -> None:
    """One line on standard error; a terminal that hung up hears nothing any more."""
    if number == signal.SIGHUP:
        return
    word = "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno(), f"{word}\n".encode())
