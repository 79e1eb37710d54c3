"""Which project? Asked where Soundcheck was started in its own source, which is hardly what is to be set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import app as typed_app
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from soundcheck.screens.app.preferences import remember_project
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.typed_path import common_beginning, folders_beginning, typed_path

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

INTRO: Final = (
    "You started Soundcheck in its own source folder. Which folder is your backend in?\n"
    "Try it here puts .env and the local data into this checkout instead."
)


class ProjectQuestion(ModalScreen[Path | None]):
    """A page over the first frame; dismissed with the chosen folder, which exists, or None to leave.

    The list below the field holds the last projects while the field is empty, then the folders that fit what is typed.
    """

    CSS_PATH = "project_question.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", tooltip="Leave Soundcheck; nothing is set up"),
        Binding("tab", "complete", "Complete", show=False, tooltip="Complete the folder; else to the next answer"),
        Binding("ctrl+q", "app.quit", "Quit", priority=True, tooltip="Leave Soundcheck"),
    ]

    if TYPE_CHECKING:
        app = typed_app(Shell)

    def __init__(self, here: Path) -> None:
        super().__init__()
        self._here = here
        self._last: tuple[str, ...] = ()
        self._listed: tuple[str, ...] = ()
        self._missing: Path | None = None
        """The folder that is not there yet, and is made by the next press."""

    def compose(self) -> ComposeResult:
        """The question, the folder, the list, what is wrong, two answers."""
        with Vertical(id="project") as page:
            page.border_title = Content("Which project?")
            page.border_subtitle = Content("tab Complete   esc Leave")
            yield Static(Content(INTRO))
            with Horizontal(id="folder-line"):
                yield Static(Content("Folder "), id="folder-label")
                yield Input(id="folder", compact=True, select_on_focus=False)
            yield OptionList(id="folders", compact=True)
            yield Static("", id="wrong", markup=False)
            with Horizontal(id="answers"):
                yield Button("Try it here", id="here")
                yield Static(id="gap")
                yield Button("Use this folder", id="use", variant="primary")

    def on_mount(self) -> None:
        """The last project is one Enter away; without one the cursor is in the field."""
        self._last = tuple(folder for folder in self.app.preferences.projects if Path(folder).is_dir())
        self._list()
        self.query_one("#folders" if self._last else "#folder").focus()

    # ── the list ──

    @property
    def _typed(self) -> str:
        return self.query_one("#folder", Input).value

    def _list(self) -> None:
        """The last projects, or what fits."""
        folders = folders_beginning(self._typed, self._here) if self._typed else self._last
        found = self.query_one("#folders", OptionList)
        found.clear_options()
        found.add_options([Option(Content(visible(folder))) for folder in folders])
        found.display = bool(folders)
        self._listed = folders
        if folders and not self._typed:
            found.highlighted = 0

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        """Take one of the last projects; go on typing behind a folder that fits."""
        event.stop()
        folder = self._listed[event.option_index]
        if not self._typed:
            self._use(Path(folder))
        else:
            self._type(folder)

    def _type(self, text: str) -> None:
        field = self.query_one("#folder", Input)
        field.value = text
        field.cursor_position = len(text)
        field.focus()

    def action_complete(self) -> None:
        """As a shell does: as far as all that fits agrees. Where that is nothing more, to the next answer."""
        field = self.query_one("#folder", Input)
        further = common_beginning(folders_beginning(field.value, self._here)) if field.value else ""
        if field.has_focus and len(further) > len(field.value):
            self._type(further)
        else:
            self.focus_next()

    def on_key(self, event: events.Key) -> None:
        """What is typed goes into the field, wherever the focus is."""
        field = self.query_one("#folder", Input)
        if field.has_focus:
            if event.key == "down" and self._listed:
                event.stop()
                self.query_one("#folders", OptionList).focus()
        elif event.is_printable and event.character and event.character != " ":
            event.stop()
            event.prevent_default()
            self._type(field.value + event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted path too."""
        if not self.query_one("#folder", Input).has_focus:
            event.stop()
            self._type(self._typed + event.text.splitlines()[0] if event.text else self._typed)

    # ── the answers ──

    @on(Button.Pressed, "#here")
    def _try_here(self) -> None:
        self.dismiss(self._here)

    @on(Input.Submitted)
    @on(Button.Pressed, "#use")
    def use_folder(self) -> None:
        """Take the folder that was typed; one that is not there is made by a second press."""
        typed = self._typed.strip()
        if not typed:
            self._say("Type a folder, choose one of the last projects, or press Esc to leave.")
            return
        try:
            folder = typed_path(typed)
        except SoundcheckError as problem:
            self._say(f"{problem.message} {problem.hint}")
            return
        folder = folder if folder.is_absolute() else self._here / folder
        if folder.is_dir():
            self._use(folder)
        elif folder.exists() or folder.is_symlink():
            self._say(f"{folder} is no folder. Choose another name.")
        elif folder != self._missing:
            self._say(f"There is no folder {folder}. Press Enter again to make it.")
            self._missing = folder
            self._name_button("Make this folder")
        else:
            self._make(folder)

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True)
        except OSError as problem:
            self._say(f"{folder} cannot be made: {problem.strerror}.")
            return
        self._use(folder)

    def _use(self, folder: Path) -> None:
        """Offer it first the next time."""
        home = self.app.services.project.home
        self.app.preferences = remember_project(home, self.app.preferences, folder)
        self.dismiss(folder)

    @on(Input.Changed)
    def _look_again(self) -> None:
        """A new attempt."""
        self._say("")
        self._missing = None
        self._name_button("Use this folder")
        self._list()

    def _name_button(self, label: str) -> None:
        button = self.query_one("#use", Button)
        if str(button.label) != label:
            button.label = Content(label)
            button.refresh(layout=True)

    def _say(self, text: str) -> None:
        self.query_one("#wrong", Static).update(Content.styled(visible(text), "$error"))
