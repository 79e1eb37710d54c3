"""An expected failure, in its place: what happened, then what to do."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from stores.errors import SoundcheckError


class Trouble(Static):
    """Hidden until something went wrong. The text is plain: nothing in it is markup."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.display = False

    def show(self, error: SoundcheckError) -> None:
        """Message first, hint below."""
        parts = [Content.assemble(("✗ ", "bold $error"), (error.message, "bold"))]
        if error.hint:
            parts.append(Content.assemble(("→ ", "$primary"), error.hint))
        self.update(Content("\n").join(parts))
        self.display = True

    def clear(self) -> None:
        """All is well again."""
        self.update("")
        self.display = False
