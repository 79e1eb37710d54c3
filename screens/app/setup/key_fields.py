"""The keys of the person's own accounts: typed here, used for one creation, and kept nowhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from soundcheck.screens.app.setup.field_editor import SecretInput
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.secret import Secret
from soundcheck.wizard.cloud.account_keys import KEY_PLACES, AccountKeys

NEON, ORGANISATION, EMAIL, UPSTASH = "key-neon", "key-organisation", "key-email", "key-upstash"

FIELDS: Final = {
    Half.DATABASE: {NEON: "Neon API key", ORGANISATION: "Organisation"},
    Half.CACHE: {EMAIL: "Upstash e-mail", UPSTASH: "Upstash API key"},
}
MASKED: Final = frozenset({NEON, UPSTASH})
"""An address or the name of an organisation is nothing to hide, and a slip in it is only found where it is seen."""


class KeyFields(Vertical):
    """For each store what its vendor wants to see. Shows only what was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "reveal", "Reveal", key_display="ctrl+t", tooltip="Show or hide the API keys"),
    ]

    class Complete(Message):
        """Enter in the last field that was empty."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._halves: Collection[Half] = ()
        self._organisations = False

    def compose(self) -> ComposeResult:
        """By vendor: where the key is made, in full on a line of its own, and the fields."""
        for half, fields in FIELDS.items():
            yield Static(Content.styled(KEY_PLACES[half], "underline"), classes="key-place", id=f"key-place-{half}")
            for name, label in fields.items():
                with Vertical(classes="key-row", id=f"{name}-row"):
                    yield Static(Content(label), classes="label")
                    yield SecretInput(password=name in MASKED, id=name, compact=True)

    @property
    def keys(self) -> AccountKeys:
        """What stands in the fields that are shown; a key that is not asked for is None."""
        database, cache = Half.DATABASE in self._halves, Half.CACHE in self._halves
        return AccountKeys(
            Secret(self._text(NEON)) if database else None,
            self._text(ORGANISATION) if database and self._organisations else "",
            Secret(self._text(EMAIL)) if cache else None,
            Secret(self._text(UPSTASH)) if cache else None,
        )

    def show_for(self, halves: Collection[Half]) -> None:
        """Ask for the keys of these stores; nothing where there are none."""
        self._halves = halves
        self.display = bool(halves)
        for half, fields in FIELDS.items():
            self.query_one(f"#key-place-{half}").display = half in halves
            for name in fields:
                shown = half in halves and (name != ORGANISATION or self._organisations)
                self.query_one(f"#{name}-row").display = shown

    def ask_organisation(self) -> None:
        """Neon wants to know it."""
        self._organisations = True
        self.show_for(self._halves)

    def point_at_gap(self) -> bool:
        """Put the focus on the first shown field that is empty; False where none is."""
        for field in self._shown():
            if not field.value.strip():
                field.focus()
                return True
        return False

    def forget(self) -> None:
        """The keys did their work."""
        for field in self.query(SecretInput):
            with field.prevent(Input.Changed):
                field.value = ""
                field.password = field.id in MASKED

    def action_reveal(self) -> None:
        """Show the keys, or hide them again."""
        fields = [field for field in self.query(SecretInput) if field.id in MASKED]
        hidden = any(field.password for field in fields)
        for field in fields:
            field.password = not hidden

    @on(Input.Submitted)
    def _go_on(self, event: Input.Submitted) -> None:
        """The next field that is empty, or what is to be pressed."""
        event.stop()
        if not self.point_at_gap():
            self.post_message(self.Complete())

    def _shown(self) -> list[SecretInput]:
        return [field for field in self.query(SecretInput) if field.parent is not None and field.parent.display]

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", SecretInput).value.strip()
