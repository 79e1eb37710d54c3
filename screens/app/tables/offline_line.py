"""Said above rows that are still there while their database is not: what happened, and how to try again."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from stores.errors import SoundcheckError


class OfflineLine(Static):
    """Hidden until `show`; a click is another try."""

    DEFAULT_CSS = "OfflineLine { height: auto; display: none; }"

    class Again(Message):
        """The person wants another try."""

    def show(self, problem: SoundcheckError) -> None:
        """These rows are old now."""
        self.display = True
        self.update(
            Content.assemble(
                ("✗ offline  ", "bold $error"),
                f"{problem.message} ",
                ("These rows are from before.  ", "$muted"),
                ("r", "bold $primary"),
                (" Try again", "$muted"),
            )
        )

    def hide(self) -> None:
        """It answers again."""
        self.display = False

    def on_click(self, event: events.Click) -> None:
        """The same as the key."""
        event.stop()
        self.post_message(self.Again())
