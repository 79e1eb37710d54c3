"""A button that leads through several steps, each as soon as the one before it is done."""

from __future__ import annotations

from textual.widgets import Button


class StepButton(Button):
    """Takes the next Enter at once. Textual's own takes no key while it glows, for 0.2 s, and may be asked by then."""

    def __init__(self, label: str, *, id: str, compact: bool = False) -> None:  # noqa: A002 - as in Textual
        super().__init__(label, id=id, compact=compact)
        self.active_effect_duration = 0
