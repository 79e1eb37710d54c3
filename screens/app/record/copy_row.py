"""One cached copy of the open row: its key, how it stands, how long it lives, and what differs field by field."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from soundcheck.stores import amounts
from soundcheck.stores.copies.cached_copy import CachedCopy, Difference, Freshness, badge, both_sides, remarks
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import CellKind, cell_text

_LOOKS: Final = {
    Freshness.FRESH: ("✓", "$success"),
    Freshness.STALE: ("✗", "bold $error"),
    Freshness.NOT_CACHED: ("—", "$muted"),
    Freshness.CACHED: ("•", "$foreground"),
    Freshness.ORPHAN: ("!", "bold $warning"),
    Freshness.UNREADABLE: ("!", "bold $warning"),
    Freshness.UNKNOWN: ("!", "bold $warning"),
}
_LONGEST: Final = 200


class CopyRow(Static, can_focus=True):
    """Lines of text; the arrows go from copy to copy, and left goes back to the columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "screen.copy('drop')", "Drop", tooltip="Drop this cached copy; asks first"),
        Binding("w", "screen.copy('warm')", "Warm", tooltip="Store the row's present value under this key"),
        Binding("t", "screen.copy('saving')", "What it saves", tooltip="Time this row from the cache and the database"),
        Binding("up,k", "app.focus_previous", "Up", show=False, tooltip="The copy above"),
        Binding("down,j", "app.focus_next", "Down", show=False, tooltip="The copy below"),
        Binding("left,h", "screen.step(0)", "Columns", show=False, tooltip="Back to the row's columns"),
    ]

    class Chosen(Message):
        """A click."""

    def __init__(self, copy: CachedCopy, revealed: frozenset[str]) -> None:
        self.cached = copy
        self._revealed = revealed
        super().__init__("", markup=False, classes="copy-row")

    def on_mount(self) -> None:
        """As wide as there is room."""
        self._draw()

    def reveal(self, fields: frozenset[str]) -> None:
        """Fields that are shown as they are in the record are so here."""
        self._revealed = fields
        self._draw()

    def on_resize(self) -> None:
        """Values are cut to the width."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        event.stop()
        self.focus()

    def _draw(self) -> None:
        self.update(drawn(self.cached, self._revealed, max(self.size.width, 12)))


def drawn(copy: CachedCopy, revealed: frozenset[str], width: int) -> Content:
    """The key; the badge and the time to live; the fields that differ with both values; what else there is to say."""
    symbol, style = _LOOKS[copy.freshness]
    word, lives = f"  {symbol} {badge(copy)}", f"expires in {amounts.span(copy.ttl)}" if copy.ttl is not None else ""
    room = len(word) + len(lives) + 2 <= width
    lines = [
        Content(visible(copy.key)),
        Content.assemble((word, style), ("  " + lives if lives and room else "", "$muted")),
    ]
    if lives and not room:
        lines.append(Content.styled("    " + lives, "$muted"))
    for one in copy.differences:
        lines += _difference(one, copy.table, revealed, width)
    for sentence in remarks(copy):
        loud = sentence.startswith("Must not be cached")
        lines.append(Content.styled(f"  {'! ' if loud else ''}{visible(sentence)}", "$warning" if loud else "$muted"))
    return Content("\n").join(lines)


def _difference(one: Difference, table: str, revealed: frozenset[str], width: int) -> list[Content]:
    row, cache = both_sides(one, table, revealed)
    name = visible(one.name)
    if not one.field:
        return [
            Content.assemble(f"    {name}  ", ("only in the " + ("cache" if row is None else "database"), "$muted"))
        ]
    sides = []
    for label, value in (("row  ", row), ("cache", cache)):
        cell = cell_text(value if not isinstance(value, str) else value[:_LONGEST], width=max(width - 14, 6))
        text = "∅ NULL" if cell.kind is CellKind.NULL else cell.text
        sides.append(Content.assemble((f"      {label} ", "$faint"), text))
    return [Content(f"    {name}"), *sides]
