"""Text that may name a command: it wraps between the words that a shell reads, as `HangingText` does."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from soundcheck.screens.app.parts.hanging_text import wrapped


class CommandText(Static):
    """A `Static` in which no quoted path of a command is broken where it fits a line."""

    def render(self) -> RenderResult:
        """The text, its lines ended where they may end."""
        visual, width = self.visual, self.size.width
        if not isinstance(visual, Content) or not width:
            return visual
        return Content("\n").join(_lines(visual, width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as that takes."""
        if isinstance(self.visual, Content) and width:
            return len(_lines(self.visual, width))
        return super().get_content_height(container, viewport, width)


def _lines(text: Content, width: int) -> list[Content]:
    return [line.rstrip() for line in wrapped(text, width)]
