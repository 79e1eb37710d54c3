"""What applications publish, drawn: how requests ended, and the key table of the plan beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from soundcheck.screens import cache_words as words
from soundcheck.stores.cache.measured.applications import Applications
from soundcheck.stores.cache.measured.prefix_table import TARGET, PrefixLine

_COLOURS: Final = ("$success", "$primary", "$warning", "$foreground", "$faint", "$error")
_LEAST_PREFIX: Final = 12
_MOST_PREFIX: Final = 40
_GAP: Final = 2

_IMPORTANCE: Final = (0, 3, 2, 4, 1, 8, 10, 9, 6, 7, 5)
"""Columns of `PREFIX_HEAD` in the order in which they are given room."""


class Levels(Widget):
    """How the requests of all instances ended."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Applications")
        self._found: Applications | None = None

    def show(self, found: Applications | None, recording: str) -> None:
        """Other figures; `recording` says that they are recorded, or of a recording."""
        self._found = found
        self.border_title = Content(f"Applications · {recording}" if recording else "Applications")
        self.border_subtitle = Content(words.who(found)) if found is not None and found.instances else Content("")
        self.refresh(layout=True)

    def render(self) -> Content:
        """A sentence, a bar, its legend, and what is wrong."""
        return self._drawn(self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as that takes."""
        return _height(self._drawn(width), width)

    def _drawn(self, width: int) -> Content:
        found, width = self._found, max(width, 20)
        if found is None:
            return Content.styled("◐ asking…", "$muted")
        trouble = [Content.styled(f"! {line}", "$warning") for line in words.troubles(found)]
        if not found.instances:
            return Content("\n").join([*trouble, *(Content.styled(line, "$muted") for line in words.HOW_TO_REPORT)])
        parts = words.shares(found.total)
        lines = [Content(words.totals(found)), _bar([share for _, share in parts], width), *_legend(parts, width)]
        lines += trouble
        lines += [Content.styled(note, "$muted") for note in words.notes(found)]
        return Content("\n").join(lines)


class PrefixTable(Widget):
    """The plan's prefixes and others, one line each; columns that do not fit are left out, the least needed first."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Prefixes, the plan's TTL beside what was measured")
        self._lines: tuple[PrefixLine, ...] = ()
        self._found: Applications | None = None

    def show(self, lines: tuple[PrefixLine, ...], found: Applications | None, subtitle: str) -> None:
        """Other figures."""
        self._lines, self._found = lines, found
        lifetime = found is not None and found.is_lifetime
        what = "since the applications' start" if lifetime else "the plan's TTL beside what was measured"
        self.border_title = Content(f"Prefixes, {what}")
        self.border_subtitle = Content(subtitle)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Head, rows, and what stands out."""
        return self._drawn(self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as that takes."""
        return _height(self._drawn(width), width)

    def _drawn(self, width: int) -> Content:
        rows = words.prefix_rows(self._lines)
        drawn = table(words.PREFIX_HEAD, rows, max(width, 20))
        lines = [Content.styled(drawn[0], "$muted")]
        lines += [_coloured(line, text) for line, text in zip(self._lines, drawn[1:], strict=True)]
        if low := words.lowest_words(self._lines):
            lines.append(Content.assemble((f"below {TARGET:.0%}: ", "$warning"), low))
        if self._found is not None and (missed := words.missed_words(self._found)):
            lines.append(Content.assemble(("missed most: ", "$muted"), missed))
        return Content("\n").join(lines)


def _height(content: Content, width: int) -> int:
    return sum(len(line.wrap(max(width, 20))) for line in content.split("\n", allow_blank=True))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Lines of equal columns within `width`: the first on the left and cut where it must be, figures on the right.

    A column in which nothing is known gets no room.
    """
    widths = [max(cell_len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    first = min(max(widths[0], _LEAST_PREFIX), _MOST_PREFIX)
    least = min(first, max(_LEAST_PREFIX, width // 4))
    kept, room = {0}, width - least
    for at in _IMPORTANCE[1:]:
        if any(row[at] != words.DASH for row in rows) and room >= widths[at] + _GAP:
            kept.add(at)
            room -= widths[at] + _GAP
    first = min(first, least + room)
    shown = sorted(kept - {0})
    return [
        _cut(row[0], first) + "".join(" " * (_GAP + widths[at] - cell_len(row[at])) + row[at] for at in shown)
        for row in (head, *rows)
    ]


def _cut(text: str, width: int) -> str:
    """As wide as that: the middle of a long name goes, its ends tell more."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    head = text[: width // 2]
    while cell_len(head) > width // 2:
        head = head[:-1]
    tail = text[-(width // 2) :]
    while cell_len(head) + 1 + cell_len(tail) > width:
        tail = tail[1:]
    cut = f"{head}…{tail}"
    return cut + " " * (width - cell_len(cut))


def _coloured(line: PrefixLine, text: str) -> Content:
    if line.traffic is None and line.sample is None:
        return Content.styled(text, "$muted")
    low = line.hit_rate is not None and line.hit_rate < TARGET
    return Content.styled(text, "$warning") if low else Content(text)


def _bar(parts: Sequence[float | None], width: int) -> Content:
    """One line as wide as there is room; every part that is not nothing has a cell at least."""
    known = [share or 0.0 for share in parts]
    if not any(known):
        return Content.styled("─" * width, "$faint")
    cells = [max(1, round(share * width)) if share else 0 for share in known]
    while sum(cells) != width:
        largest = cells.index(max(cells))
        cells[largest] += 1 if sum(cells) < width else -1
    return Content.assemble(*(("█" * number, colour) for number, colour in zip(cells, _COLOURS, strict=True)))


def _legend(parts: Sequence[tuple[str, float | None]], width: int) -> list[Content]:
    """The names with their shares, on as many lines as it takes."""
    lines: list[Content] = [Content("")]
    for (name, share), colour in zip(parts, _COLOURS, strict=True):
        text = f"{name} {words.percent(share)}"
        if lines[-1].cell_length and lines[-1].cell_length + cell_len(text) + 5 > width:
            lines.append(Content(""))
        gap = "   " if lines[-1].cell_length else ""
        lines[-1] = Content.assemble(lines[-1], gap, ("■ ", colour), (name, "$muted"), f" {words.percent(share)}")
    return lines
