"""The verdict as it stands on top. Pure."""

from __future__ import annotations

from textual.content import Content

from checks.verdict import Verdict
from screens.app.checks.marks import SYMBOLS
from stores.cells import fit, visible
from stores.own_command import spelled


def verdict_text(verdict: Verdict, most: int) -> Content:
    """Symbol and sentence (`most` cells of it), what still works, and the one next command."""
    symbol, color = SYMBOLS[verdict.status]
    lines = [Content.assemble((f"{symbol} ", color), (fit(spelled(visible(verdict.sentence)), most), "bold"))]
    if verdict.still_works:
        lines.append(Content.assemble("  ", visible(verdict.still_works)))
    if verdict.next_command:
        lines.append(Content.assemble(("  next: ", "$muted"), spelled(visible(verdict.next_command))))
    return Content("\n").join(lines)


def progress_text(ended: int, of: int) -> Content:
    """While they run."""
    return Content.assemble(("◐ asking", "$warning"), f"  {ended} of {of}", ("   esc Cancel", "$muted"))
