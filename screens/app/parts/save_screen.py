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

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.plain_file import refuse_special
from soundcheck.stores.typed_path import typed_path


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
        try:
            path = typed_path(self.query_one("#save-path", Input).value.strip())
            refuse_special(path)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(as_bytes(self._text))
        except SoundcheckError as problem:
            self._say(f"{problem.message} {problem.hint}")
            return
        except FileExistsError:
            self._say("There is a file of this name already; choose another one.")
            return
        except OSError as problem:
            self._say(f"{path}: {problem.strerror}")
            return
        self.app.notify(f"Saved to {path}", markup=False)
        self.dismiss()

    def _say(self, text: str) -> None:
        said = self.query_one("#save-said", Static)
        said.remove_class("hidden")
        said.update(Content(text))

    @on(Button.Pressed, "#save-no")
    def _cancel(self) -> None:
        self.dismiss()


def as_bytes(text: str) -> bytes:
    """The text as it is written: line breaks stay, and so do bytes of the database that are not UTF-8.

    A JSON string may hold half of a surrogate pair, which UTF-8 has no bytes for: it is written as an escape.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")
