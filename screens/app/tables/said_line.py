"""A line above the rows: what became of the last key, or what went wrong while the rows from before are still there."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from stores.cells import visible
from stores.errors import SoundcheckError


class SaidLine(Static):
    """Hidden while there is nothing to say."""

    def say(self, words: str) -> None:
        """These words; "" takes the line away."""
        self.display = bool(words)
        self.update(Content.styled(visible(words), "$muted"))

    def say_problem(self, problem: SoundcheckError) -> None:
        """What went wrong, and the next step."""
        self.display = True
        self.update(Content.assemble(("✗ ", "bold $error"), problem.message, " ", (problem.hint, "$muted")))
