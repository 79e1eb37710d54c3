"""What a step says: its plan before it does anything, and lines while it works.

A screen and a plain run draw the same events; neither is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Mark(StrEnum):
    """How a line stands: always drawn as symbol + word + colour."""

    RUNNING = "running"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan. `mark` is one character: `+` adds, `~` changes, `-` takes away, `!` warns, or another.

    `head` is what the line is about, `text` follows it at once. `below` are quieter lines under it, `hint` is what to
    do. A `quiet` line only says that something stays as it is.
    """

    mark: str
    head: str = ""
    text: str = ""
    below: tuple[str, ...] = ()
    hint: str = ""
    quiet: bool = False

    @property
    def words(self) -> str:
        """The line without its mark."""
        return f"{self.head}{self.text}"

    def __str__(self) -> str:
        """The line as it stands where there is nothing but text."""
        return f"{self.mark} {self.words}"


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of work. A later event with the same `key` replaces the line; `key` "" only adds one.

    `text` is plain, masked, and free of control characters. `elapsed_ms` is None where nothing was timed.
    `changed` says that a file, a database or an account is not as it was before. `plan` are the lines that this one
    tells, where it belongs to a plan.
    """

    text: str
    mark: Mark = Mark.INFO
    key: str = ""
    elapsed_ms: float | None = None
    hint: str = ""
    changed: bool = False
    plan: tuple[PlanLine, ...] = ()


Reporter = Callable[[Progress], None]
"""Called from the event loop; never blocks and never raises."""


def silent(_: Progress) -> None:
    """Nobody listens."""


_SAID_AS: Final = {"!": Mark.WARN, "✗": Mark.FAIL, "✓": Mark.OK, "–": Mark.SKIP}


def tell_plan(lines: Iterable[PlanLine], report: Reporter) -> None:
    """Report a plan, line by line; what only stays as it is comes as one line with the names."""
    kept = []
    for line in lines:
        if line.quiet:
            kept.append(line)
            continue
        mark = _SAID_AS.get(line.mark)
        text = str(line) if mark is None and line.mark.strip() else line.words
        report(Progress(text, mark or Mark.INFO, hint=line.hint, plan=(line,)))
        for more in line.below:
            report(Progress(f"  {more}"))
    if kept:
        report(Progress(f"left as they are: {', '.join(line.head for line in kept)}", plan=tuple(kept)))
