"""A plan's lines as rows: a mark in its colour, what the line is about, and quieter below it what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from soundcheck.screens.app.parts.hanging_text import HangingRow, row
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


def plan_rows(lines: Iterable[PlanLine]) -> list[HangingRow]:
    """Every line, with what is below it and what to do."""
    return [part for line in lines for part in _rows(line)]


def _rows(line: PlanLine) -> list[HangingRow]:
    style = STYLES.get(line.mark, "$secondary")
    quiet = style if line.mark == " " else ""
    head = (line.head, style if line.quiet else "bold")
    words = "bold" if line.mark == "✗" else quiet
    rows = [row(f"{line.mark} ", f"bold {style}", head, *_with_commands(line.text, words))]
    rows += [row("  ", "", (spelled(text), "$secondary")) for text in line.below]
    if line.hint:
        rows.append(row("→ ", "$primary", spelled(line.hint)))
    return rows


def _with_commands(text: str, style: str) -> list[tuple[str, str]]:
    """The text in pieces: its commands stand out in bold instead of between quotes."""
    return [(part, "bold" if at % 2 else style) for at, part in enumerate(spelled(text).split("`"))]
