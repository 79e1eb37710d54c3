"""A group of checks as one line above them, and all groups as one line together.

The verdict as it stands on top. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from soundcheck.checks.check import Check, Group, Outcome
from soundcheck.checks.finding import Status
from soundcheck.checks.verdict import Verdict
from soundcheck.screens.app.checks.row_text import RUNNING, SYMBOLS, WAITING, WORDS
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import here, spelled
from soundcheck.stores.rows.cells import fit

_NAMES: Final = {Group.PRISMA: "Prisma"}
_WORST_FIRST: Final = (Status.FAIL, Status.UNKNOWN, Status.WARN)


class GroupLine(Widget):
    """`✗ cache   3 of 11 ok, 1 failed, 7 skipped`, live."""

    outcomes: reactive[tuple[Outcome, ...]] = reactive(())
    begun: reactive[bool] = reactive(False)

    def __init__(self, group: Group, size: int) -> None:
        super().__init__()
        self.group = group
        self._members = size

    def render(self) -> Content:
        """Symbol, name and numbers."""
        symbol, color = _sign(self.outcomes, self._members, begun=self.begun)
        tally = Counter(outcome.finding.status for outcome in self.outcomes)
        said = [f"{tally[Status.OK]} of {self._members} ok"]
        said += [_counted(status, tally[status]) for status in (*_WORST_FIRST, Status.SKIP) if tally[status]]
        numbers = ", ".join(said) if self.outcomes else f"{self._members} to ask"
        return Content.assemble((f"{symbol} ", color), (name_of(self.group), "bold"), (f"  {numbers}", "$muted"))


def _counted(status: Status, number: int) -> str:
    plural = "s" if status is Status.WARN and number > 1 else ""
    return f"{number} {WORDS[status]}{plural}"


def name_of(group: Group) -> str:
    """The group's name as people write it."""
    return _NAMES.get(group, group.value)


def counts_line(checks: Sequence[Check], outcomes: Mapping[str, Outcome], *, begun: bool, width: int) -> Content:
    """` ✓ files 6/6 · ✗ cache 7/11`: the worst of each group, and how many of those that were asked hold.

    Without the numbers where they do not fit into one line.
    """
    parts, short = [], []
    for group in Group:
        members = [check for check in checks if check.group is group]
        if not members:
            continue
        ended = tuple(outcomes[check.id] for check in members if check.id in outcomes)
        symbol, color = _sign(ended, len(members), begun=begun)
        held = sum(outcome.finding.status is Status.OK for outcome in ended)
        asked = len(members) - sum(outcome.finding.status is Status.SKIP for outcome in ended)
        numbers = f"{held}/{asked}" if asked else WORDS[Status.SKIP]
        short.append(Content.assemble((symbol, color), f" {name_of(group)}"))
        parts.append(Content.assemble(short[-1], " ", (numbers, "$muted")))
    for line in (Content.styled(" · ", "$faint").join(parts), Content("  ").join(parts)):
        if line.cell_length <= width:
            return line
    return Content(" ").join(short)


def _sign(outcomes: Sequence[Outcome], size: int, *, begun: bool) -> tuple[str, str]:
    statuses = {outcome.finding.status for outcome in outcomes}
    worst = next((status for status in _WORST_FIRST if status in statuses), None)
    if worst is not None:
        return SYMBOLS[worst]
    if len(outcomes) < size:
        return (RUNNING if begun else WAITING)[:2]
    return SYMBOLS[Status.OK if Status.OK in statuses else Status.SKIP]


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
    return visible(here().command(verdict.next.what))


def progress_text(ended: int, of: int) -> Content:
    """While they run."""
    return Content.assemble(("◐ asking", "$warning"), f"  {ended} of {of}", ("   esc Cancel", "$muted"))
