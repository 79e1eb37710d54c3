"""The question before the cache is written to: what, where, and a yes; a name to type where it may be production."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from screens.app.key_line import KeyLine
from stores.cells import visible
from wizard.guard import Consent, Intent, decide


class ConsentScreen(ModalScreen[Consent | None]):
    """Closes with the consent that the guard wanted, or None. Dropping is asked everywhere, so Cancel has the focus."""

    CSS_PATH = "keys.tcss"
    AUTO_FOCUS = ""
    HELP = "Nothing was changed yet. The button does it; where this may be production, its name is typed first."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Change nothing"),
        Binding("left,up", "app.focus_previous", "Previous", show=False, tooltip="To the button before"),
        Binding("right,down", "app.focus_next", "Next", show=False, tooltip="To the next button"),
    ]

    def __init__(self, intent: Intent, title: str, lines: Sequence[str], verb: str) -> None:
        super().__init__()
        self._intent = intent
        self._title = title
        self._lines = lines
        self._verb = verb
        self._wanted = decide(intent, Consent(frozenset(intent.losses))).needs_production_name

    def compose(self) -> ComposeResult:
        """Words, perhaps a name, two buttons."""
        with Vertical(id="consent") as box:
            box.border_title = Content(visible(self._title))
            words = [*map(visible, self._lines), "", f"Cache: {self._intent.endpoint}"]
            yield Static(Content("\n".join(words)), id="consent-words")
            if self._wanted:
                asked = f"This may be production. To go on, type its name: {self._wanted}"
                yield Static(Content.styled(asked, "$warning"), id="consent-ask")
                yield Input(id="consent-name")
            with Horizontal(id="consent-buttons"):
                yield Button(self._verb, id="consent-yes", compact=True, disabled=bool(self._wanted))
                yield Button("Cancel", id="consent-no", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """The harmless answer first."""
        self.title = self._title
        self.query_one("#consent-name" if self._wanted else "#consent-no").focus()

    @on(Input.Changed, "#consent-name")
    def _compare(self, event: Input.Changed) -> None:
        self.query_one("#consent-yes", Button).disabled = event.value.strip() != self._wanted

    @on(Input.Submitted, "#consent-name")
    @on(Button.Pressed, "#consent-yes")
    def _accept(self) -> None:
        if not self.query_one("#consent-yes", Button).disabled:
            self.dismiss(Consent(frozenset(self._intent.losses), self._wanted))

    @on(Button.Pressed, "#consent-no")
    def _cancel(self) -> None:
        self.dismiss(None)
