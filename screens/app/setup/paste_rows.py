"""What the paste box draws: the recogniser's masked result line by line, never the text itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from wizard.recognise.recognition import Recognised, Recognition

LONGEST_DOTS: Final = 16
"""How many dots stand for a line that nobody has recognised yet; its true length would say too much of a password."""


def paste_rows(lengths: Sequence[int], recognition: Recognition | None, *, cursor: bool) -> list[Content]:
    """One row for each line worth showing. `lengths` are the characters of each line: all that is known of them here.

    Empty lines are left out, and a run of lines from which nothing was taken becomes one row.
    """
    fields: dict[int, list[Recognised]] = {}
    for found in recognition.fields if recognition is not None else ():
        fields.setdefault(found.line, []).append(found)
    ignored = dict(recognition.ignored) if recognition is not None else {}
    rows: list[Content] = []
    idle: list[int] = []
    last = len(lengths)
    for number, length in enumerate(lengths, start=1):
        if number in fields:
            rows += _idle(idle, ignored)
            idle = []
            rows += [_row(number, Content.assemble((f.name, "bold"), "  ", _brief(f.masked))) for f in fields[number]]
        elif number in ignored and number != last:
            idle.append(number)
        elif length:
            rows += _idle(idle, ignored)
            idle = []
            rows.append(_row(number, Content.styled("•" * min(length, LONGEST_DOTS), "$secondary")))
    rows += _idle(idle, ignored)
    if cursor:
        mark = Content.styled("▏", "$primary")
        if rows and lengths[-1]:
            rows[-1] = Content.assemble(rows[-1], mark)
        else:
            rows.append(_row(last, mark))
    return rows


def _idle(numbers: list[int], reasons: dict[int, str]) -> list[Content]:
    if not numbers:
        return []
    if len(numbers) == 1:
        return [_row(numbers[0], Content.styled(f"not used: {reasons[numbers[0]]}", "$secondary"))]
    return [_row(numbers[0], Content.styled(f"{len(numbers)} lines not used", "$secondary"))]


def _brief(masked: str) -> str:
    """Without the scheme that every database address has, so that more of the host fits."""
    return masked.removeprefix("postgresql://")


def _row(number: int, content: Content) -> Content:
    return Content.assemble((f"{number:>2} ", "$faint"), content)
