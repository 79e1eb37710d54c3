"""Progress as plain lines: symbol, word and text, each line whole, for logs, pipes and screen readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TextIO

from soundcheck.screens.aloud import aloud
from soundcheck.screens.just_run import reworded
from soundcheck.stores.amounts import milliseconds
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.stream_encoding import encoding_of
from soundcheck.wizard.progress import Mark, Progress

SYMBOLS: Final = {
    Mark.RUNNING: (" ", ""),
    Mark.OK: ("✓", "32"),
    Mark.WARN: ("!", "33"),
    Mark.FAIL: ("✗", "31"),
    Mark.SKIP: ("–", "2"),
    Mark.INFO: (" ", ""),
}
"""The mark and the colour of each; `aloud` has the words."""

PLAIN_SYMBOLS: Final = {"✓": "+", "✗": "x", "–": "-", "·": "."}


def printable(text: str) -> str:
    """The text with every control character shown instead of sent."""
    return "".join(c if c.isprintable() else _shown(c) for c in text)


def _shown(character: str) -> str:
    number = ord(character)
    if number < 0x20:
        return chr(0x2400 + number)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


class PlainPrinter:
    """Writes events to one stream. `scrub` is applied to every text before it is written."""

    def __init__(self, stream: TextIO, *, color: bool, scrub: Callable[[str], str] = str) -> None:
        self._stream = stream
        self._color = color
        self._scrub = scrub
        self._begun: set[str] = set()
        self._ascii = "utf" not in (encoding_of(stream) or "utf-8")

    def progress(self, event: Progress) -> None:
        """One line for an event; the start of something is shown only where it has no end of its own to wait for."""
        if event.mark is Mark.RUNNING and event.key in self._begun:
            return  # how far it is; a line cannot be replaced here, its end will follow
        self._begun.add(event.key)
        symbol, paint = SYMBOLS[event.mark]
        took = f"  {milliseconds(event.elapsed_ms)}" if event.elapsed_ms is not None else ""
        self.line(f"{symbol} {event.text}{took}", paint=paint)
        if event.hint:
            self.line(f"  Next: {event.hint}")

    def line(self, text: str, *, paint: str = "") -> None:
        """One line of text, safe to send to a terminal."""
        safe = printable(aloud(self._scrub(reworded(spelled(text)))))
        if self._ascii:
            for fancy, simple in PLAIN_SYMBOLS.items():
                safe = safe.replace(fancy, simple)
            safe = safe.encode("ascii", "replace").decode()
        if self._color and paint:
            safe = f"\x1b[{paint}m{safe}\x1b[0m"
        self._stream.write(safe.rstrip() + "\n")
        self._stream.flush()

    def error(self, problem: SoundcheckError) -> None:
        """What happened, then what to do."""
        self.line(f"✗ error: {problem.message}", paint="31")
        if problem.hint:
            self.line(f"  Next: {problem.hint}")
