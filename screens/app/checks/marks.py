"""How a status looks: always symbol, word and colour."""

from __future__ import annotations

from typing import Final

from checks.finding import Status

SYMBOLS: Final = {
    Status.OK: ("✓", "$success"),
    Status.WARN: ("!", "$warning"),
    Status.FAIL: ("✗", "$error"),
    Status.SKIP: ("–", "$muted"),
    Status.UNKNOWN: ("?", "$warning"),
}
WORDS: Final = {
    Status.OK: "ok",
    Status.WARN: "warning",
    Status.FAIL: "failed",
    Status.SKIP: "skipped",
    Status.UNKNOWN: "unknown",
}
RUNNING: Final = ("◐", "$warning", "running")
WAITING: Final = ("○", "$faint", "waiting")
WORD_WIDTH: Final = 7

TROUBLED: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.WARN})
"""What somebody has to look at."""
