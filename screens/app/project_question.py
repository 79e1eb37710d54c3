"""Which project? Asked where Soundcheck was started in its own source, which is hardly what is to be set up."""

from __future__ import annotations

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
from soundcheck.stores.typed_path import typed_path

INTRO = (
    "You started Soundcheck in its own source folder.\n"
    "Name the folder of your backend, or try it out right here: then .env and the local data belong to this checkout."
)


class ProjectQuestion(ModalScreen[Path]):
    """A page over the first frame; dismissed with the chosen folder, which exists."""

    CSS_PATH = "project_question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "here", "Try it here", tooltip="Set up this checkout itself"),
        Binding("ctrl+q", "app.quit", "Quit", priority=True, tooltip="Leave Soundcheck"),
    ]

    def __init__(self, here: Path) -> None:
        super().__init__()
        self._here = here

    def compose(self) -> ComposeResult:
        """The question, the folder, what is wrong with it, two answers."""
        with Vertical(id="project") as page:
            page.border_title = Content("Which project?")
            page.border_subtitle = Content("esc Try it here")
            yield Static(Content(INTRO))
            yield Input(placeholder="~/music-app", id="folder")
            yield Static("", id="wrong", markup=False)
            with Horizontal(id="answers"):
                yield Button("Try it here", id="here")
                yield Static(id="gap")
                yield Button("Use this folder", id="use", variant="primary")

    def on_mount(self) -> None:
        """The cursor stands in the field."""
        self.query_one(Input).focus()

    @on(Button.Pressed, "#here")
    def action_here(self) -> None:
        """Set up the checkout itself."""
        self.dismiss(self._here)

    @on(Input.Submitted)
    @on(Button.Pressed, "#use")
    def use_folder(self) -> None:
        """Take the folder that was typed, if it is one."""
        typed = self.query_one(Input).value.strip()
        if not typed:
            self._say("Type a folder, or press Esc to try it here.")
            return
        try:
            folder = typed_path(typed)
        except SoundcheckError as problem:
            self._say(f"{problem.message} {problem.hint}")
            return
        folder = folder if folder.is_absolute() else self._here / folder
        if folder.is_dir():
            self.dismiss(folder)
        else:
            self._say(f"There is no folder {folder}. Make it first, or check the spelling.")

    @on(Input.Changed)
    def forget_what_was_wrong(self) -> None:
        """A new attempt."""
        self._say("")

    def _say(self, text: str) -> None:
        self.query_one("#wrong", Static).update(Content.styled(text, "$error"))
