"""Choose the time zone in which times are shown and filters are read: UTC, this machine's, or one by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from soundcheck.screens.app.parts import later
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.postgres.time_zone import LOCAL, local_zone, zone_name

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell


class ZoneScreen(ModalScreen[str | None]):
    """Ends with what was typed (`local` stays that word), once the database has such a zone; None for no change."""

    CSS_PATH = "zone_screen.tcss"
    HELP = (
        "Times with a time zone are shown in this one, and a filter that names no zone is read in it: "
        "createdAt = 2026-03-01 finds the rows of that day there. Times without a zone stay as they are stored."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel", tooltip="Keep the zone as it is")]

    if TYPE_CHECKING:
        app: Shell

    @dataclass
    class Refused(Message):
        """The database does not have it, or does not answer."""

        problem: SoundcheckError

    def __init__(self, typed: str) -> None:
        super().__init__()
        self._typed = typed

    def compose(self) -> ComposeResult:
        """A name and two short ways."""
        with Vertical(id="zone") as box:
            box.border_title = Content("Time zone")
            yield Input(self._typed, placeholder="UTC, local, or a name such as Europe/Berlin", id="zone-name")
            yield Static(id="zone-said", classes="hidden", markup=False)
            with Horizontal(id="zone-buttons"):
                yield Button("Show times in it", id="zone-take", compact=True)
                yield Button(UTC, id="zone-utc", compact=True)
                yield Button(Content(f"Local ({local_zone(self.app.services.environ)})"), id="zone-local", compact=True)

    @on(Input.Submitted)
    @on(Button.Pressed, "#zone-take")
    def _take(self) -> None:
        self._ask(self.query_one("#zone-name", Input).value.strip() or UTC)

    @on(Button.Pressed, "#zone-utc")
    def _take_utc(self) -> None:
        self._ask(UTC)

    @on(Button.Pressed, "#zone-local")
    def _take_local(self) -> None:
        self._ask(LOCAL)

    @later.worker("Asking for a time zone", exclusive=True)
    async def _ask(self, typed: str) -> None:
        services = self.app.services
        try:
            if services.database is not None:
                await services.database.choose_zone(zone_name(typed, services.environ))
        except SoundcheckError as problem:
            self.post_message(self.Refused(problem))
        else:
            self.dismiss(typed)

    @on(Refused)
    def _refuse(self, event: Refused) -> None:
        said = self.query_one("#zone-said", Static)
        said.remove_class("hidden")
        said.update(Content(f"{event.problem.message} {event.problem.hint}"))
