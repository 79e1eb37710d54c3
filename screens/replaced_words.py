"""What people read when a credential was replaced, on a screen and in plain lines alike."""

from __future__ import annotations

from soundcheck.stores.amounts import number_of
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.replace.flow import Replaced
from soundcheck.wizard.replace.old_credential import OldState

_MARKS = {
    OldState.REFUSED: Mark.OK,
    OldState.ACCEPTED: Mark.WARN,
    OldState.ELSEWHERE: Mark.INFO,
    OldState.UNKNOWN: Mark.WARN,
}


def replacement_lines(done: Replaced) -> list[Progress]:
    """What people read at the end: the tables, the old one, the backups, and where it still occurs."""
    lines = [Progress(text, Mark.WARN) for text in done.warnings]
    lines.append(Progress(done.old.text, _MARKS[done.old.state], hint=done.old.hint))
    number = done.purged.rewritten + done.purged.masked
    if number:
        states = number_of(number, "kept state")
        lines.append(Progress(f"The old one is out of {states} of your files; the new one stands there", Mark.OK))
    for path in done.purged.failed:
        lines.append(Progress(f"{path} still holds the old one", Mark.WARN, hint="Delete that file."))
    if not done.remnants:
        lines.append(
            Progress("It was found nowhere else: variables, this project, shell files, Git's history", Mark.OK)
        )
    for one in done.remnants:
        numbers = ", ".join(str(line) for line in one.lines[:10]) + (" …" if len(one.lines) > 10 else "")
        where = f"{one.where}, line {numbers}" if one.lines else one.where
        kind = {"variable": "the exported variable ", "history": "the shell history "}.get(one.place, "")
        lines.append(Progress(f"The old one still stands in {kind}{where}", Mark.WARN, hint=spelled(one.advice)))
    return lines
