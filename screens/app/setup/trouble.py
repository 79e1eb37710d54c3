"""An expected failure, in its place: what happened, then what to do."""

from __future__ import annotations

from soundcheck.screens.app.parts.hanging_text import HangingText, row
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled


class StepTrouble(HangingText):
    """Hidden until something went wrong. The text is plain: nothing in it is markup."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.display = False

    def tell(self, error: SoundcheckError) -> None:
        """Message first, hint below."""
        rows = [row("✗ ", "bold $error", (error.message, "bold"))]
        if error.hint:
            rows.append(row("→ ", "bold $primary", spelled(error.hint)))
        self.show(rows)
        self.display = True

    def clear(self) -> None:
        """All is well again."""
        self.show(())
        self.display = False
