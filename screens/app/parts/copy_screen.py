"""What there is to copy: one list, a key for each; what is masked is said before anything is copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.stores.hidden_characters import visible


@dataclass(frozen=True, slots=True)
class CopyChoice:
    """One thing to copy: the key that takes it at once, and what it is called."""

    key: str
    id: str
    label: str


class CopyScreen(ModalScreen[str]):
    """Closes with the id of what was chosen."""

    DEFAULT_CSS = """
    CopyScreen { align: center middle; }
    CopyScreen #copy { width: 60; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; }
    CopyScreen OptionList { height: auto; max-height: 14; background: $background; }
    CopyScreen OptionList, CopyScreen OptionList:focus { border: none; }
    CopyScreen Static { color: $muted; }
    """
    HELP = "What can be copied here. The key before each copies it at once; arrows and enter choose."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Copy", tooltip="Copy what is chosen"),
        Binding("escape,q", "dismiss(None)", "Cancel", key_display="esc", tooltip="Copy nothing"),
    ]

    def __init__(self, choices: Sequence[CopyChoice], note: str = "") -> None:
        super().__init__()
        self._choices = tuple(choices)
        self._note = note

    def compose(self) -> ComposeResult:
        """The list, and what is masked."""
        with Vertical(id="copy", classes="pane") as box:
            box.border_title = Content("Copy")
            yield OptionList(
                *(
                    Option(Content.assemble((f"{one.key}  ", "bold $primary"), visible(one.label)), id=one.id)
                    for one in self._choices
                )
            )
            if self._note:
                yield Static(Content(visible(self._note)))
        yield KeyLine()

    def on_key(self, event: events.Key) -> None:
        """A choice's own key takes it."""
        for one in self._choices:
            if event.key == one.key:
                event.stop()
                self.dismiss(one.id)
                return

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)

    def action_take(self) -> None:
        """What is highlighted."""
        self.query_one(OptionList).action_select()
