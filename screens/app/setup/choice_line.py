"""One question with a few short answers on one line; the chosen one is told apart without colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

LABEL_WIDTH = 10


class ChoiceLine(Widget, can_focus=True):
    """`answers` by their id, in the order in which they are shown.

    All of them stand side by side where there is room, else the chosen one alone between arrows.
    """

    DEFAULT_CSS = "ChoiceLine { height: 1; width: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "move(1)", "Choose", key_display="← →", tooltip="The next answer"),
        Binding("left", "move(-1)", "Choose", show=False, tooltip="The answer before"),
    ]

    value: reactive[str] = reactive("", init=False)

    class Changed(Message):
        """Another answer was chosen."""

        def __init__(self, line: ChoiceLine) -> None:
            super().__init__()
            self.line = line

    def __init__(self, label: str, answers: Mapping[str, str], value: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label
        self._answers = dict(answers)
        self.set_reactive(ChoiceLine.value, value)

    def watch_value(self) -> None:
        """Say so."""
        self.refresh()
        self.post_message(self.Changed(self))

    def watch_has_focus(self, focused: bool) -> None:
        """The pointer follows the focus."""
        super().watch_has_focus(focused)
        self.refresh()

    def action_move(self, step: int) -> None:
        """The answer beside it, around the end."""
        names = list(self._answers)
        self.value = names[(names.index(self.value) + step) % len(names)]

    def on_click(self, event: events.Click) -> None:
        """What was clicked is chosen; where one alone is shown, the next."""
        at = self._head().cell_length
        if not self._fits():
            self.action_move(1)
            return
        for name, piece in self._pieces():
            if at <= event.x < at + piece.cell_length:
                self.value = name
            at += piece.cell_length

    def render(self) -> Content:
        """The label, then the answers."""
        if self._fits():
            return Content.assemble(self._head(), *(piece for _, piece in self._pieces()))
        chosen = Content.assemble(("‹ ", "$primary"), (self._answers[self.value], "bold"), (" ›", "$primary"))
        return Content.assemble(self._head(), chosen).truncate(max(self.size.width, 1), ellipsis=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row."""
        return 1

    def _head(self) -> Content:
        mark = "› " if self.has_focus else "  "
        return Content.assemble((mark, "bold $primary"), (f"{self._label:<{LABEL_WIDTH}}", "bold"))

    def _fits(self) -> bool:
        return self._head().cell_length + sum(piece.cell_length for _, piece in self._pieces()) - 2 <= self.size.width

    def _pieces(self) -> list[tuple[str, Content]]:
        return [
            (
                name,
                Content.assemble(("● ", "bold $primary"), (text, "bold"), "  ")
                if name == self.value
                else Content.assemble(("○ ", "$secondary"), (text, "$secondary"), "  "),
            )
            for name, text in self._answers.items()
        ]
