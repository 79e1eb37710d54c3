"""What narrows the rows, on one line above them: each condition can be chosen and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive, var
from textual.widget import Widget

from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import fit

_WIDEST = 40


class ViewBar(Widget, can_focus=True):
    """` plays > 100 ✕  name contains ana ✕`; a click or Enter on one removes it."""

    DEFAULT_CSS = """
    ViewBar { height: 1; display: none; }
    ViewBar.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,backspace,delete", "remove", "Remove", key_display="enter", tooltip="Remove this filter"),
        Binding("left", "move(-1)", "Left", show=False, tooltip="The filter to the left"),
        Binding("right", "move(1)", "Right", show=False, tooltip="The filter to the right"),
    ]

    @dataclass
    class Removed(Message):
        """A condition is to go; `index` counts them as they were given."""

        index: int

    state: var[PaneState] = var(PaneState())
    conditions: reactive[tuple[str, ...]] = reactive(())
    chosen: reactive[int] = reactive(0)

    def watch_state(self, before: PaneState, state: PaneState) -> None:
        """The conditions of the view."""
        if (state.view, state.followed) != (before.view, before.followed):
            self.conditions = state.conditions

    def watch_conditions(self) -> None:
        """There while there is something to say."""
        self.set_class(bool(self.conditions), "-shown")
        self.chosen = max(0, min(self.chosen, len(self.conditions) - 1))

    def watch_has_focus(self, focused: bool) -> None:
        """The choice is drawn only while it can be moved."""
        super().watch_has_focus(focused)
        self.refresh()

    def render(self) -> Content:
        """The conditions in their order."""
        parts: list[Content] = []
        for index, label in enumerate(self._labels):
            here = self.has_focus and index == self.chosen
            parts += [Content.styled(label, "reverse" if here else "on $cursor"), Content(" ")]
        return Content.assemble(*parts)

    @property
    def _labels(self) -> list[str]:
        return [f" {fit(visible(one), _WIDEST)} ✕ " for one in self.conditions]

    def action_move(self, by: int) -> None:
        """The next one, round the ends."""
        self.chosen = (self.chosen + by) % max(len(self.conditions), 1)

    def action_remove(self) -> None:
        """Say that the chosen one is to go."""
        if self.conditions:
            self.post_message(self.Removed(self.chosen))

    def on_click(self, event: events.Click) -> None:
        """A click removes."""
        at = 0
        for index, label in enumerate(self._labels):
            at += Content(label).cell_length + 1
            if event.x < at:
                self.post_message(self.Removed(index))
                return
