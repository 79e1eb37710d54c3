"""What the programs print while they work: plain lines, and an ellipsis where the window has no room for all of one."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import Log

ELLIPSIS = "…"


class OutputLog(Log, can_focus=False):
    """Textual's log crops a long line without a sign; here one that is cut says so, and none is coloured or obeyed."""

    def say(self, line: str) -> None:
        """Add one line of what a program printed."""
        self.write_line("".join(c if c.isprintable() else " " for c in line))

    def render_line(self, y: int) -> Strip:
        """A line of the window, marked at its end where it goes on."""
        strip, at = super().render_line(y), self.scroll_offset.y + y
        width = self.scrollable_content_region.width  # without the scroll bar, which lies over the end of a line
        if at >= self.line_count or cell_len(self.lines[at]) <= self.scroll_offset.x + width:
            return strip
        cut = Strip([*strip.crop(0, width - 1), Segment(ELLIPSIS, self.rich_style)])
        return cut.extend_cell_length(self.size.width, self.rich_style)
