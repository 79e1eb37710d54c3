"""The button that goes on. While the step is not answered, a press says why nothing happens."""

from __future__ import annotations

from textual.reactive import reactive

from soundcheck.screens.app.parts.step_button import StepButton


class NextButton(StepButton):
    """Looks as if it were disabled while it is `blocked`, and takes no focus then; a click still reaches the screen."""

    blocked: reactive[bool] = reactive(False)

    def __init__(self, label: str) -> None:
        super().__init__(label, id="next")

    def watch_blocked(self) -> None:
        """Look so; the focus goes where something can be done."""
        self.set_class(self.blocked, "-blocked")
        self.can_focus = not self.blocked
        if self.blocked and self.has_focus:
            self.blur()
