"""Lines of work as text: a mark, what is looked at, the time it took, what was found, and what to do if it failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.content import Content

from soundcheck.screens.app.parts.hanging_text import wrapped
from soundcheck.stores.amounts import milliseconds
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.progress import Mark, Progress

MARKS: Final = {
    Mark.RUNNING: ("◐", "$primary", ""),
    Mark.OK: ("✓", "$success", ""),
    Mark.WARN: ("!", "$warning", "warning"),
    Mark.FAIL: ("✗", "$error", "failed"),
    Mark.SKIP: ("–", "$secondary", "skipped"),
    Mark.INFO: ("·", "$secondary", ""),
}
"""Symbol, colour and, where the text does not say it, the word."""

TO_COME: Final = ("○", "$secondary", "")
SPIN: Final = "◐◓◑◒"
WIDEST_TITLE: Final = 26
TIME_WIDTH: Final = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `explanation` stands under it: what happened, what it means, what to press.

    `mark` is None for what is still to come. A `heading` has no mark and stands above the lines it names.
    """

    key: str
    title: str
    mark: Mark | None
    detail: str = ""
    elapsed_ms: float | None = None
    explanation: tuple[str, ...] = ()
    heading: bool = False


def from_progress(progress: Progress) -> Line:
    """A step's own line."""
    hint = (progress.hint,) if progress.hint else ()
    return Line(progress.key, progress.text, progress.mark, elapsed_ms=progress.elapsed_ms, explanation=hint)


def draw(lines: Sequence[Line], width: int, *, turn: int = 0) -> list[Content]:
    """Every line cut or wrapped to `width` cells. `turn` moves the mark of what is running."""
    titles = [len(line.title) for line in lines if len(line.title) <= WIDEST_TITLE and not line.heading]
    title_width = max(titles, default=0)
    drawn: list[Content] = []
    for line in lines:
        drawn.append(_row(line, title_width, width, turn))
        drawn.extend(_explained(line, width))
    return drawn


def _row(line: Line, title_width: int, width: int, turn: int) -> Content:
    if line.heading:
        return Content.assemble((line.title, "bold"), "  ", (_plain(line.detail), "$secondary"))
    symbol, style, word = MARKS[line.mark] if line.mark is not None else TO_COME
    if line.mark is Mark.RUNNING:
        symbol = SPIN[turn % len(SPIN)]
    quiet = line.mark in {Mark.SKIP, Mark.INFO, None}
    title = Content.styled(_plain(line.title), "$secondary" if quiet else "")
    time = milliseconds(line.elapsed_ms) if line.elapsed_ms is not None else ""
    detail = " · ".join(part for part in (word, _plain(line.detail)) if part)
    parts = [Content.styled(symbol, style), Content(" "), title]
    if time or detail:
        parts.append(Content(" " * max(title_width - title.cell_length, 0)))
        parts.append(Content.styled(f"{time:>{TIME_WIDTH + 1}}", "$secondary"))
    if detail:
        parts.append(Content.assemble("  ", (detail, style if word else "$secondary")))
    if not detail and time:
        title = Content.assemble(*parts[:-1]).truncate(width - TIME_WIDTH - 2, ellipsis=True)
        return Content.assemble(title, parts[-1])
    row = Content.assemble(*parts)
    return row.truncate(width, ellipsis=True) if row.cell_length > width else row


def _explained(line: Line, width: int) -> list[Content]:
    rows: list[Content] = []
    for index, text in enumerate(line.explanation):
        last = index == len(line.explanation) - 1
        lead = "→ " if last and line.mark in {Mark.FAIL, Mark.WARN} else ""
        style = "bold" if index == 0 and not last else "" if last else "$secondary"
        lines = wrapped(Content.styled(lead + _plain(spelled(text)), style), max(width - 2, 8))
        rows.extend(Content.assemble("  ", row) for row in lines)
    return rows


def _plain(text: str) -> str:
    """One line without control characters: what came from outside is shown, not obeyed."""
    return "".join(c if c.isprintable() else " " for c in text)
