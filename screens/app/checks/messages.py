"""What Checks says to the app around it."""

from __future__ import annotations

from textual.message import Message

from soundcheck.wizard.step import StepId


class ReopenStep(Message):
    """A check that belongs to a step of Setup failed, and the person wants to open that step."""

    def __init__(self, step: StepId) -> None:
        super().__init__()
        self.step = step
