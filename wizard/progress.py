"""What a step says while it works. A screen and a plain run draw the same events; neither is known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a line stands: always drawn as symbol + word + colour."""

    RUNNING = "running"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of work. A later event with the same `key` replaces the line; `key` "" only adds one.

    `text` is plain, masked, and free of control characters. `elapsed_ms` is None where nothing was timed.
    `changed` says that a file, a database or an account is not as it was before.
    """

    text: str
    mark: Mark = Mark.INFO
    key: str = ""
    elapsed_ms: float | None = None
    hint: str = ""
    changed: bool = False


Report = Callable[[Progress], None]
"""Called from the event loop; never blocks and never raises."""


def silent(_: Progress) -> None:
    """Nobody listens."""
