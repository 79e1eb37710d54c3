"""Whether this folder is trusted: what would be run, from where, and two answers of which the first is no."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Static
from textual.worker import Worker

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.worker_errors import problem_of
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import FolderProgram
from soundcheck.wizard.trust import TITLE

WhatRuns = Callable[[], tuple[FolderProgram, ...]]
"""What would be run; blocking, so it is called aside."""


class TrustScreen(ModalScreen[bool]):
    """Ends with whether it was agreed to, which is kept by then. No single key says yes."""

    CSS_PATH = "trust_screen.tcss"
    HELP = (
        "A folder that was cloned or unpacked can bring programs along: an environment's Python, a generated client, "
        "an engine that .env names. Soundcheck runs none of them until you say that the folder may be trusted. The "
        "answer is kept outside the folder, and holds until it is moved, cloned anew, or names another program.\n\n"
        "The same without this screen: soundcheck doctor --trust"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "refuse", "Don't trust", key_display="esc", tooltip="Leave it: nothing of it is run")
    ]

    @dataclass
    class Seen(Message):
        """What would be run, as it is found on the disk."""

        programs: tuple[FolderProgram, ...]
        lines: tuple[str, ...]

    @dataclass
    class Kept(Message):
        """It was agreed to, and that is noted."""

    @dataclass
    class Failed(Message):
        """It cannot be looked at, or noted."""

        problem: SoundcheckError

    def __init__(self, project: Project, look: WhatRuns) -> None:
        super().__init__()
        self._project = project
        self._look = look
        self._programs: tuple[FolderProgram, ...] = ()

    def compose(self) -> ComposeResult:
        """The question, what it is about, two answers."""
        with Vertical(id="trust") as box:
            box.border_title = Content(f"{TITLE}?")
            with VerticalScroll(id="trust-page", can_focus=False):
                yield Static(id="trust-lines", markup=False)
            with Horizontal(id="trust-buttons"):
                yield Button("Don't trust", id="trust-no", compact=True)
                yield Button("Trust this folder", id="trust-yes", compact=True, disabled=True)

    def on_mount(self) -> None:
        """The cursor stands on no."""
        self.query_one("#trust-no").focus()
        self._find_out()

    @later.worker("Looking at what would be run", group="trust", exclusive=True)
    async def _find_out(self) -> None:
        from soundcheck.wizard.trust import trust_lines

        try:
            programs = await asyncio.to_thread(self._look)
            lines = await asyncio.to_thread(trust_lines, programs, self._project)
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.Seen(programs, lines))

    @later.worker("Keeping the answer", group="trust", exclusive=True)
    async def _keep(self) -> None:
        from soundcheck.stores.project.trust import keep_trust

        try:
            await asyncio.to_thread(keep_trust, self._project, self._programs)
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.Kept())

    @on(Seen)
    def _show(self, event: Seen) -> None:
        self._programs = event.programs
        self._say("\n".join(visible(line) for line in event.lines))
        self.query_one("#trust-yes", Button).disabled = False

    @on(Kept)
    def _end(self) -> None:
        self.dismiss(True)

    @on(Failed)
    def _show_failure(self, event: Failed) -> None:
        self._say(f"{visible(event.problem.message)}\n{visible(event.problem.hint)}")

    def _say(self, text: str) -> None:
        self.query_one("#trust-lines", Static).update(Content(text))

    @on(Button.Pressed, "#trust-yes")
    def _agree(self, event: Button.Pressed) -> None:
        event.button.disabled = True
        self._keep()

    @on(Button.Pressed, "#trust-no")
    def action_refuse(self) -> None:
        """Leave it as it is."""
        self.dismiss(False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What nobody foresaw is a failure like any other."""
        if (problem := problem_of(event)) is not None:
            self.post_message(self.Failed(problem))
