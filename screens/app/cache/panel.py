"""The cache's figures in a frame."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class CachePanel(Widget):
    """Draws what the poller read last."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Cache")

    def render(self) -> Content:
        """Not set up."""
        return Content.styled("not set up", "$muted")
