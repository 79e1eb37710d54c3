"""The verdict as it stands on top. Pure."""

from __future__ import annotations

from textual.content import Content

from checks.finding import Status
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
    lines.append(Content.assemble(("  next: ", "$muted"), _next(verdict)))
    return Content("\n").join(lines)


def _next(verdict: Verdict) -> str:
    """What to press where this screen has it, else what to type in a shell."""
    if verdict.status is Status.OK:
        return "2 Tables, 3 Cache"
    if verdict.status is Status.WARN:
        return "enter on its line below: what it means and what to do"
    return spelled(visible(verdict.next_command))


def progress_text(ended: int, of: int) -> Content:
    """While they run."""
    return Content.assemble(("◐ asking", "$warning"), f"  {ended} of {of}", ("   esc Cancel", "$muted"))
