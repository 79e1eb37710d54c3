"""Save a value to a file of one's own choice: readable by its owner alone, never over another file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static


class SaveScreen(ModalScreen[None]):
    """Asks for a path, writes, says where it is."""

    CSS_PATH = "save_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel", tooltip="Save nothing")]

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self._text = text
        self._proposal = str(Path.home() / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}.txt")

    def compose(self) -> ComposeResult:
        """A path and two buttons."""
        with Vertical(id="save") as box:
            box.border_title = Content("Save to a file")
            yield Input(self._proposal, id="save-path")
            yield Static(id="save-said", classes="hidden", markup=False)
            with Horizontal(id="save-buttons"):
                yield Button("Save", id="save-yes", compact=True)
                yield Button("Cancel", id="save-no", compact=True)

    @on(Input.Submitted)
    @on(Button.Pressed, "#save-yes")
    def _save(self) -> None:
        path = Path(self.query_one("#save-path", Input).value).expanduser()
        try:
            # As bytes: line breaks stay as they are, and so do bytes that are no UTF-8.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(self._text.encode("utf-8", "surrogateescape"))
        except OSError as problem:
            said = self.query_one("#save-said", Static)
            said.remove_class("hidden")
            already = "There is a file of this name already; choose another one."
            said.update(Content(already if isinstance(problem, FileExistsError) else f"{path}: {problem.strerror}"))
            return
        self.app.notify(f"Saved to {path}", markup=False)
        self.dismiss()

    @on(Button.Pressed, "#save-no")
    def _cancel(self) -> None:
        self.dismiss()
