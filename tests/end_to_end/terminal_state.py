"""What a program did to its terminal: the modes that it left on, and the settings of the line."""

from __future__ import annotations

import re
import termios
from typing import Any

from pty_terminal import Terminal

_ON_AT_FIRST = {7, 25}
"""Wrapping and the cursor; every other private mode of a terminal is off until a program turns it on."""


def modes_left(raw: bytes) -> dict[int, str]:
    """The private modes that are not as they were, by number: `h` for on, `l` for off."""
    last: dict[int, str] = {}
    for numbers, state in re.findall(rb"\x1b\[\?([\d;]+)([hl])", raw):
        last |= dict.fromkeys(map(int, numbers.split(b";")), state.decode())
    return {number: state for number, state in last.items() if (state == "h") is not (number in _ON_AT_FIRST)}


def levels_left(raw: bytes) -> int:
    """How many levels of the keyboard protocol were pushed and not popped."""
    return len(re.findall(rb"\x1b\[>\d+u", raw)) - len(re.findall(rb"\x1b\[<\d*u", raw))


def line_settings(terminal: Terminal) -> list[Any]:
    """As `stty -a` shows them."""
    return termios.tcgetattr(terminal._main)


def is_raw(terminal: Terminal) -> bool:
    """Whether keys go to the program one by one, unseen."""
    return not line_settings(terminal)[3] & (termios.ECHO | termios.ICANON)


def assert_given_back(terminal: Terminal, before: list[Any]) -> None:
    """The terminal is as it was: line, screen, cursor, mouse, paste, focus and keys."""
    assert line_settings(terminal) == before
    assert modes_left(terminal.raw) == {}
    assert levels_left(terminal.raw) == 0
