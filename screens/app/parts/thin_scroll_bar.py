"""Scroll bars as thin lines, which stay out of the way of the text and look the same in every terminal."""

from __future__ import annotations

from typing import Final

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender

_BACK: Final = Color.parse("#000000")
_BAR: Final = Color.parse("#ffffff")


class ThinScrollBar(ScrollBarRender):
    """A thumb of whole cells; clicks before and after it scroll by a page. Two columns wide it keeps off the text."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = _BACK,
        bar_color: Color = _BAR,
    ) -> Segments:
        """As the base class, without the fractions of a cell."""
        before, thumb = thumb_of(size, virtual_size, window_size, position)
        ground = Style(bgcolor=back_color, meta={"@mouse.down": "scroll_up"})
        below = Style(bgcolor=back_color, meta={"@mouse.down": "scroll_down"})
        line = Style(bgcolor=back_color, color=bar_color, meta={"@mouse.down": "grab"})
        glyph = ("┃" if vertical else "━") if thumb else " "
        cells = [
            *[Segment(" " * (thickness if vertical else 1), ground)] * before,
            *[Segment(glyph.rjust(thickness if vertical else 1), line)] * thumb,
            *[Segment(" " * (thickness if vertical else 1), below)] * max(0, size - before - thumb),
        ]
        if vertical:
            return Segments(cells, new_lines=True)
        return Segments([*cells, Segment.line()] * thickness, new_lines=False)


def thumb_of(size: int, virtual_size: float, window_size: float, position: float) -> tuple[int, int]:
    """Cells before the thumb and of the thumb; none where everything is seen."""
    if not (size and window_size and virtual_size > window_size):
        return 0, 0
    thumb = max(1, min(size, round(size * window_size / virtual_size)))
    share = min(max(position / (virtual_size - window_size), 0.0), 1.0)
    return round((size - thumb) * share), thumb
