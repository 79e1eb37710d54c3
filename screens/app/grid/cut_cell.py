"""A cell that is not shown whole says so on the side where it is cut. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from soundcheck.stores.rows.cells import fit

ELLIPSIS: Final = "…"


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns as the screen measures them, with `…` at its end where something is missing."""
    if cell_len(text) <= width:
        return text
    return next((short for room in range(width, 0, -1) if cell_len(short := fit(text, room)) <= width), "")


def headed(name: str, mark: str, width: int, *, from_left: bool = False) -> str:
    """A column's name with the mark of its sort in `width` columns. The name gives way, the mark never does.

    The name loses its end, with `from_left` its beginning: there the column is scrolled out of the view.
    """
    room = width - cell_len(mark)
    if room >= cell_len(name):
        return name + mark
    if room <= 0:
        return mark.strip()[: max(width, 0)]
    if from_left:
        name = shown_part([Segment(name)], cell_len(name) - room, 0, gap=0).text
    return cut(name, room) + mark


def shown_part(segments: Iterable[Segment], left: int, right: int, *, gap: int) -> Strip:
    """A cell without `left` columns at its beginning and `right` at its end; the last `gap` of it are not content."""
    whole = Strip(segments)
    end, content_end = whole.cell_length - right, whole.cell_length - gap
    if end <= left:
        return Strip([])
    strip, content = whole.crop(left, end), whole.crop(0, content_end)
    if left < content_end and _letters(content.crop(left)) < _letters(content):
        strip = Strip.join([_sign(strip.crop(0, 1)), strip.crop(1)])
    if left < end < content_end and _letters(content.crop(0, end)) < _letters(content):
        last = strip.cell_length - 1
        strip = Strip.join([strip.crop(0, last), _sign(strip.crop(last))])
    return strip


def _letters(strip: Strip) -> int:
    """Characters to be seen: a wide one that is cut in its middle is seen on neither side."""
    return sum(not character.isspace() for character in strip.text)


def _sign(edge: Strip) -> Strip:
    style = next((segment.style for segment in edge), None)
    return Strip([Segment(ELLIPSIS, style)], 1)
