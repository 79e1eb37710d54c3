"""All checks under their groups: the cursor, and what each line says at the moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from soundcheck.checks.check import Check, Group, Outcome
from soundcheck.screens.app.checks.check_row import CheckRow
from soundcheck.screens.app.checks.group_line import GroupLine
from soundcheck.screens.app.checks.row_text import RUNNING, TROUBLED
from soundcheck.screens.app.parts import later

if TYPE_CHECKING:
    from soundcheck.checks.run import CheckEvent


class CheckList(VerticalScroll, can_focus=False, inherit_bindings=False):
    """A line for each group, then one for each of its checks. The arrows go from check to check, Tab past them all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False, tooltip="The check above"),
        Binding("down,j", "step(1)", "Down", show=False, tooltip="The check below"),
        Binding("pageup", "step(-10)", "Page up", show=False, tooltip="Ten checks up"),
        Binding("pagedown", "step(10)", "Page down", show=False, tooltip="Ten checks down"),
        Binding("home", "step(-999)", "First", show=False, tooltip="The first check"),
        Binding("end", "step(999)", "Last", show=False, tooltip="The last check"),
    ]

    def __init__(self, checks: Sequence[Check]) -> None:
        super().__init__(id="checks")
        self._checks = tuple(checks)
        self.was_moved = False
        """Whether the person has moved the cursor, so that nobody else does."""

    def compose(self) -> ComposeResult:
        """In the order of the groups."""
        for group in Group:
            members = [check for check in self._checks if check.group is group]
            if members:
                yield GroupLine(group, len(members))
                yield from (CheckRow(check) for check in members)

    @property
    def rows(self) -> list[CheckRow]:
        """All lines of checks."""
        return list(self.query(CheckRow))

    @property
    def shown(self) -> list[Outcome]:
        """What has ended, in words that may be shown."""
        return [row.outcome for row in self.rows if row.outcome is not None]

    def begin(self, wanted: Iterable[str]) -> None:
        """These are asked from now on."""
        wanted = set(wanted)
        for row in self.rows:
            row.idle = False
            if row.check.id in wanted:
                row.outcome, row.said = None, ""

    def show(self, event: CheckEvent) -> None:
        """A check began, said something, or ended. The event holds no secret."""
        from soundcheck.checks.run import Finished, Note

        check = event.outcome.check if isinstance(event, Finished) else event.check
        row = next((row for row in self.rows if row.check.id == check.id), None)
        if row is None:
            return
        if isinstance(event, Finished):
            row.outcome = event.outcome
        else:
            row.said = event.text if isinstance(event, Note) else RUNNING[2]

    def settle(self) -> None:
        """Nothing is at work any more."""
        for row in self.rows:
            row.said, row.idle = "", True

    def draw_groups(self, outcomes: Mapping[str, Outcome], asking: Iterable[Check]) -> None:
        """The numbers of each group."""
        at_work = {check.group for check in asking}
        for line in self.query(GroupLine):
            members = [check for check in self._checks if check.group is line.group]
            line.outcomes = tuple(outcomes[check.id] for check in members if check.id in outcomes)
            line.begun = line.group in at_work

    def focus_check(self, check_id: str) -> None:
        """Put the cursor on a check."""
        for row in self.rows:
            if row.check.id == check_id:
                row.focus(scroll_visible=False)
                later.once_drawn(self, self.scroll_to_center, row, animate=False)

    def action_step(self, by: int) -> None:
        """Lines up or down; past the ends it stays."""
        rows, focused = self.rows, self.screen.focused
        if rows:
            self.was_moved = True
            here = rows.index(focused) if isinstance(focused, CheckRow) else -by
            rows[max(0, min(len(rows) - 1, here + by))].focus()

    def next_trouble(self) -> bool:
        """To the next line that did not pass, round the end; False where there is none."""
        rows, focused = self.rows, self.screen.focused
        here = rows.index(focused) + 1 if isinstance(focused, CheckRow) else 0
        for row in [*rows[here:], *rows[:here]]:
            if row.outcome is not None and row.outcome.finding.status in TROUBLED:
                self.was_moved = True
                row.focus()
                return True
        return False
