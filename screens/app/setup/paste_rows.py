"""What the paste box draws: the recogniser's masked result line by line, never the text itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from wizard.recognise.recognition import Recognised, Recognition

LONGEST_DOTS: Final = 16
"""How many dots stand for a line that nobody has recognised yet; its true length would say too much of a password."""


def paste_rows(
    lengths: Sequence[int], recognition: Recognition | None, *, cursor: bool, most: int | None = None
) -> list[Content]:
    """One row for each line worth showing. `lengths` are the characters of each line: all that is known of them here.

    Empty lines are left out, and a run of lines from which nothing was taken becomes one row. Of more than `most` rows
    the last ones are made, so that a pasted file costs no more to draw than what is seen of it.
    """
    fields: dict[int, list[Recognised]] = {}
    for found in recognition.fields if recognition is not None else ():
        fields.setdefault(found.line, []).append(found)
    ignored = dict(recognition.ignored) if recognition is not None else {}
    worth: list[tuple[int, Recognised | list[int] | int]] = []
    last = len(lengths)
    for number, length in enumerate(lengths, start=1):
        if number in fields:
            worth += [(number, found) for found in fields[number]]
        elif number in ignored and number != last:
            if worth and isinstance(run := worth[-1][1], list):
                run.append(number)
            else:
                worth.append((number, [number]))
        elif length:
            worth.append((number, length))
    rows = [_row(number, _words(what, ignored)) for number, what in (worth[-most:] if most else worth)]
    if cursor:
        mark = Content.styled("▏", "$primary")
        if rows and lengths[-1]:
            rows[-1] = Content.assemble(rows[-1], mark)
        else:
            rows.append(_row(last, mark))
    return rows[-most:] if most else rows


def _words(what: Recognised | list[int] | int, ignored: dict[int, str]) -> Content:
    """A value with its mask, a run of lines that gave nothing, or the dots of a line of that many characters."""
    if isinstance(what, int):
        return Content.styled("•" * min(what, LONGEST_DOTS), "$secondary")
    if isinstance(what, list):
        reason = f"not used: {ignored[what[0]]}" if len(what) == 1 else f"{len(what)} lines not used"
        return Content.styled(reason, "$secondary")
    return Content.assemble((what.name, "bold"), "  ", _brief(what.masked))


def _brief(masked: str) -> str:
    """Without the scheme that every database address has, so that more of the host fits."""
    return masked.removeprefix("postgresql://")


def _row(number: int, content: Content) -> Content:
    return Content.assemble((f"{number:>2} ", "$faint"), content)
