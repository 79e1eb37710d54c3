"""A field for each of the four values: masked, with reveal, for those who want to type or mend one."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.setup.recognised_text import LABELS
from soundcheck.stores.credentials import DIRECT_URL, Credentials
from soundcheck.stores.secret import Secret

FOLLOWS: Final = "follows the database URL; type another one to change that"


class SecretInput(Input):
    """One masked line. A paste of several lines keeps its first that is not empty, without the spaces around it."""

    def _on_paste(self, event: events.Paste) -> None:
        line = next((line.strip() for line in event.text.splitlines() if line.strip()), "")
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(line)


class FieldEditor(Vertical):
    """The four fields. It says what they hold as lines `NAME=value`, which the recogniser reads like any paste.

    The direct URL stays empty while it follows the database URL, so that what is mended there is mended here as well.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "reveal", "Reveal", key_display="ctrl+t", tooltip="Show or hide what the fields hold"),
    ]

    class Changed(Message):
        """A field changed; a newer one replaces those still waiting."""

        def __init__(self, text: Secret) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            """Only the newest text matters."""
            return isinstance(message, FieldEditor.Changed)

    def compose(self) -> ComposeResult:
        """Label and field, four times."""
        for name, label in LABELS.items():
            yield Static(Content(label), classes="label")
            hint = FOLLOWS if name == DIRECT_URL else ""
            yield SecretInput(password=True, placeholder=hint, id=f"field-{name}", compact=True)

    def fill(self, credentials: Credentials) -> None:
        """Put in what is known, without saying that it changed."""
        values = credentials.as_env()
        if credentials.direct_follows:
            values.pop(DIRECT_URL, None)
        for name in LABELS:
            field = self.query_one(f"#field-{name}", SecretInput)
            with field.prevent(Input.Changed):
                field.value = values[name].reveal() if name in values else ""
                field.password = True

    def empty(self) -> None:
        """Forget the values; a hidden field holds nothing."""
        self.fill(Credentials())

    def action_reveal(self) -> None:
        """Show all fields, or hide them again."""
        fields = list(self.query(SecretInput))
        hidden = any(field.password for field in fields)
        for field in fields:
            field.password = not hidden

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        lines = [f"{name}={self.query_one(f'#field-{name}', SecretInput).value.strip()}" for name in LABELS]
        self.post_message(self.Changed(Secret("\n".join(line for line in lines if not line.endswith("=")))))
