"""The floor under a key press: a bare Textual table of lines with a cursor, no data source, no frame, no status.

Run by `benchmarks.terminal` as a program of its own: `python -m benchmarks.line_api_floor`.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

ROWS = 100_000
PLAIN, CURSOR = Style(), Style(reverse=True)


class Lines(ScrollView, can_focus=True):
    """Eight columns of text, made as they are drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)"),
        Binding("pagedown", "page"),
    ]
    cursor = 0

    def on_mount(self) -> None:
        """As long as a long table."""
        self.virtual_size = Size(110, ROWS)

    def render_line(self, y: int) -> Strip:
        """One row."""
        row = int(self.scroll_y) + y
        cells = [f"{row + 1:>9}", f"row-{row + 1:08}", *(f"{row * 7919 % 9973:>12}" for _ in range(6))]
        style = CURSOR if row == self.cursor else PLAIN
        strip = Strip([Segment(f"{cell}  ", style) for cell in cells])
        return strip.adjust_cell_length(self.size.width, style)

    def _put(self, row: int) -> None:
        old, self.cursor = self.cursor, min(row, ROWS - 1)
        for one in (old, self.cursor):
            self.refresh(Region(0, one - int(self.scroll_y), self.size.width, 1))

    def action_move(self, by: int) -> None:
        """One row; the view follows."""
        self._put(self.cursor + by)
        self.scroll_to(y=max(self.scroll_y, self.cursor - self.size.height + 1), animate=False)

    def action_page(self) -> None:
        """One screen."""
        self._put(self.cursor + self.size.height)
        self.scroll_to(y=self.scroll_y + self.size.height, animate=False)


class Floor(App[None]):
    """Nothing but the lines."""

    def compose(self) -> ComposeResult:
        """One widget."""
        yield Lines()


if __name__ == "__main__":
    Floor().run()
