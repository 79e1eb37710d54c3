"""One value on a page of its own, drawn line by line so that a megabyte scrolls like a sentence."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from soundcheck.screens.app.record.value_text import whole
from soundcheck.stores.clock import SystemClock


class ValueView(ScrollView, can_focus=True):
    """Lines of safe text, broken at the edge of the view."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__()
        self._lines = lines
        self._broken: list[str] = []
        self._width = 0

    def on_resize(self) -> None:
        """Break the lines anew."""
        width = self.size.width
        if width and width != self._width:
            self._width = width
            self._broken = [part for line in self._lines for part in broken(line, width)]
            self.virtual_size = Size(width, len(self._broken))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        index = y + int(self.scroll_y)
        text = self._broken[index] if index < len(self._broken) else ""
        return Strip([Segment(text)]).adjust_cell_length(self.size.width).apply_style(self.rich_style)


def broken(line: str, width: int) -> list[str]:
    """A line in pieces of at most `width` columns; wide characters are never halved."""
    if len(line) <= width and cell_len(line) <= width:
        return [line]
    if line.isascii():
        return [line[at : at + width] for at in range(0, len(line), width)]
    pieces: list[str] = []
    piece: list[str] = []
    used = 0
    for character in line:
        size = cell_len(character)
        if used + size > width:
            pieces.append("".join(piece))
            piece, used = [], 0
        piece.append(character)
        used += size
    return [*pieces, "".join(piece)]


class ValueScreen(ModalScreen[None]):
    """The whole value; Esc leads back to the row."""

    CSS_PATH = "value_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", tooltip="Back to the row"),
    ]

    def __init__(self, name: str, value: Any, type_name: str) -> None:
        super().__init__()
        self._name_shown = name
        self._text = whole(value, type_name, SystemClock().now())

    def compose(self) -> ComposeResult:
        """One view."""
        view = ValueView(self._text.lines)
        view.border_title = Content(self._name_shown)
        view.border_subtitle = Content(f"{self._text.more} · esc Close" if self._text.more else "esc Close")
        yield view
