"""The app's question before a password or a token is sent unencrypted: a no has the focus, and a yes is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

from soundcheck.checks.check import Outcome
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.plain_lines import agree
from soundcheck.stores.services import Services
from soundcheck.wizard.plain_line import plain_question, refused_lines


class PlainLineScreen(ModalScreen[bool]):
    """Closes with whether it may be sent."""

    CSS_PATH = "plain_line.tcss"
    AUTO_FOCUS = "#plain-no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Cancel", tooltip="Send nothing"),
        Binding("left,up", "app.focus_previous", "Previous", show=False, tooltip="To the button before"),
        Binding("right,down", "app.focus_next", "Next", show=False, tooltip="To the next button"),
    ]
    HELP = "Nothing was sent yet. An address with https:// or sslmode=verify-full needs no such question."

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(id="plain") as box:
            box.border_title = Content("Unencrypted")
            yield Static(Content(visible(self._question)), id="plain-words")
            with Horizontal(id="plain-buttons"):
                yield Button("Send nothing", id="plain-no", compact=True)
                yield Button("Send it unencrypted", id="plain-yes", compact=True)
        yield KeyLine()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "plain-yes")


def ask_for_plain(node: Widget, services: Services, outcomes: Sequence[Outcome], again: Callable[[], None]) -> None:
    """Where nothing was sent for that reason: ask, and on a yes remember it and call `again`."""
    lines = refused_lines(services, outcomes)
    if not lines:
        return

    def answered(yes: bool | None) -> None:
        if yes:
            later.run(node, partial(_remember, services, lines, again), "Remembering the answer")

    later.ask(node, PlainLineScreen(plain_question(services, lines)), answered)


async def _remember(services: Services, lines: tuple[str, ...], again: Callable[[], None]) -> None:
    """Keep the answer, then go on."""
    await asyncio.to_thread(agree, services.project, lines)
    again()
