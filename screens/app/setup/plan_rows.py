"""A plan's lines as rows: a mark in its colour, what the line is about, and quieter below it what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from soundcheck.screens.app.parts.hanging_text import Row, row
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.progress import PlanLine

STYLES: Final = {
    " ": "$secondary",
    "–": "$secondary",
    "+": "$success",
    "✓": "$success",
    "~": "$warning",
    "!": "$warning",
    "-": "$error",
    "✗": "$error",
}


def plan_rows(lines: Iterable[PlanLine]) -> list[Row]:
    """Every line, with what is below it and what to do."""
    return [part for line in lines for part in _rows(line)]


def _rows(line: PlanLine) -> list[Row]:
    style = STYLES.get(line.mark, "$secondary")
    quiet = style if line.mark == " " else ""
    head = (line.head, style if line.quiet else "bold")
    words = (line.text, "bold" if line.mark == "✗" else quiet)
    rows = [row(f"{line.mark} ", f"bold {style}", head, (spelled(words[0]), words[1]))]
    rows += [row("  ", "", (spelled(text), "$secondary")) for text in line.below]
    if line.hint:
        rows.append(row("→ ", "$primary", spelled(line.hint)))
    return rows
