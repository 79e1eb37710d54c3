"""What the terminal can do: whether there is one, and whether it shows colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Terminal:
    """The three streams and what may be written to them; a test hands in its own."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    interactive: bool
    """Whether a person sits at both ends: then the app or questions are possible."""
    color: bool


def this_terminal(environ: Mapping[str, str]) -> Terminal:
    """The process's own streams. `TERM=dumb` counts as no terminal for the app, NO_COLOR takes the colour away."""
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    color = sys.stderr.isatty() and environ.get("TERM") != "dumb" and not environ.get("NO_COLOR")
    return Terminal(sys.stdin, sys.stdout, sys.stderr, interactive, color)


def can_run_app(terminal: Terminal, environ: Mapping[str, str]) -> bool:
    """Whether Textual may be started; without a terminal it hangs for ever. It draws on standard error."""
    return terminal.interactive and terminal.stderr.isatty() and environ.get("TERM", "dumb") not in {"dumb", ""}


def in_foreground(descriptor: int) -> bool:
    """Whether we may change this terminal: from the background that would stop us and disturb whatever is in front.

    A terminal that does not control us has no background.
    """
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True
