"""A line above the rows that asks one thing: there while it is used, with its refusal right below it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled


class OneLine(Vertical):
    """A subclass yields its widgets in `compose_line`; `opened` shows it and `close` sends the focus back."""

    DEFAULT_CSS = """
    OneLine {
        height: auto; display: none; background: $panel;
        &.-shown { display: block; }
        & > Horizontal { height: 1; }
        .line-word { width: auto; padding: 0 1; color: $muted; }
        .line-problem { height: auto; padding: 0 1; color: $warning; display: none; }
        .line-problem.-said { display: block; }
        Button { margin-right: 1; background: $background; }
        Button:focus { background: $primary; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", tooltip="Close this line; the rows stay as they are"),
    ]

    class Closed(Message):
        """The line is not needed any more: the rows get the focus."""

    def compose(self) -> ComposeResult:
        """The line, and the place for what is wrong with it."""
        yield from self.compose_line()
        yield CommandText(classes="line-problem", markup=False)

    def compose_line(self) -> ComposeResult:
        """The widgets of the line."""
        raise NotImplementedError

    @property
    def is_open(self) -> bool:
        """Whether it is on screen."""
        return self.has_class("-shown")

    def opened(self) -> None:
        """Show it, with nothing wrong yet."""
        self.accept()
        self.add_class("-shown")

    def close(self) -> None:
        """Take it away; the focus goes back to the rows if it was here."""
        focused = self.screen.focused
        had_focus = focused is not None and self in focused.ancestors
        self.remove_class("-shown")
        if had_focus:
            self.post_message(self.Closed())

    def action_close(self) -> None:
        """The same by a key."""
        self.close()

    def refuse(self, problem: SoundcheckError) -> None:
        """Say what is wrong and what is expected; what was typed stays."""
        said = self.query_one(".line-problem", Static)
        said.add_class("-said")
        said.update(Content.assemble(("✗ ", "bold $error"), problem.message, " ", (spelled(problem.hint), "$muted")))

    def accept(self) -> None:
        """Nothing is wrong any more."""
        self.query_one(".line-problem", Static).remove_class("-said")
