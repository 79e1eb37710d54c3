"""What went wrong, inside the pane it went wrong in: what happened, what to do, and the key that tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import app as typed_app
from textual.message import Message
from textual.widgets import Button, Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.stack_news import as_ours
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell


class PaneTrouble(Vertical):
    """A failure in words; hidden until `show` is called."""

    DEFAULT_CSS = """
    PaneTrouble {
        height: auto; padding: 1 0; display: none;
        &.-shown { display: block; }
        Static { margin-bottom: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "again", "Try again", tooltip="Do the same once more")]

    class Again(Message):
        """The person wants another try."""

    if TYPE_CHECKING:
        app = typed_app(Shell)

    def __init__(self) -> None:
        super().__init__()
        self._problem: SoundcheckError | None = None

    def on_mount(self) -> None:
        """A store of the local stack is named as that, and the key that starts it."""
        self.watch(self.app, "stack", self._draw, init=False)

    def compose(self) -> ComposeResult:
        """The words, then the button."""
        yield CommandText(markup=False)
        yield Button("r  Try again", compact=True)

    def show(self, problem: SoundcheckError, *, focus: bool) -> None:
        """Say it, and offer the next key."""
        self._problem = problem
        self.add_class("-shown")
        self._draw()
        if focus:
            self.query_one(Button).focus()

    def _draw(self) -> None:
        if self._problem is None:
            return
        problem = as_ours(self._problem, self.app.stack)
        hint = f"\n  {spelled(problem.hint)}" if problem.hint else ""
        message = spelled(problem.message)
        self.query_one(Static).update(Content.assemble(("✗ ", "bold $error"), message, (hint, "$muted")))

    def hide(self) -> None:
        """It works again."""
        self._problem = None
        self.remove_class("-shown")

    @property
    def is_shown(self) -> bool:
        """Whether something is wrong."""
        return self.has_class("-shown")

    def action_again(self) -> None:
        """Say so."""
        self.post_message(self.Again())

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The same as the key."""
        event.stop()
        self.action_again()
