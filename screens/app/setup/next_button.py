"""The button that goes on. While the step is not answered, a press says why nothing happens."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Button


class NextButton(Button):
    """Looks as if it were disabled while it is `blocked`, and takes no focus then; a click still reaches the screen."""

    blocked: reactive[bool] = reactive(False)

    def __init__(self, label: str) -> None:
        super().__init__(label, id="next")
        # A button takes no key while it glows, and the step behind this one may be answered sooner than that.
        self.active_effect_duration = 0

    def watch_blocked(self) -> None:
        """Look so; the focus goes where something can be done."""
        self.set_class(self.blocked, "-blocked")
        self.can_focus = not self.blocked
        if self.blocked and self.has_focus:
            self.blur()
