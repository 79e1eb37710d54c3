"""The page of spellings: what is on the screen below, ready to copy."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.app.asker import Asker
from screens.app.clipboard import copy_text
from screens.app.key_line import KeyLine
from screens.app.sql.source import RecordSource, ViewSource
from screens.app.sql.spellings import Spelling, spellings
from stores.cells import visible
from stores.errors import SoundcheckError
from stores.key_patterns import key_plan
from stores.keys import KEY_PLAN
from stores.prisma.models import PrismaModel

if TYPE_CHECKING:
    from checks.services import Services


class SpellingBox(Static, can_focus=True):
    """One text; `c` and Enter copy it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c,enter", "copy", "Copy", key_display="c", tooltip="Copy this text"),
        Binding("s", "save", "Save", tooltip="Save this text to a file"),
        Binding("down,j", "app.focus_next", "Next", show=False, tooltip="The next text"),
        Binding("up,k", "app.focus_previous", "Previous", show=False, tooltip="The text before"),
    ]

    class Wanted(Message):
        """The text is to be copied, or saved."""

        def __init__(self, spelling: Spelling, what: str) -> None:
            super().__init__()
            self.spelling = spelling
            self.what = what

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        lines = [visible(line) for line in spelling.text.split("\n")]
        super().__init__(Content("\n".join(lines)), markup=False, classes="" if spelling.can_copy else "-nothing")
        self.border_title = Content(spelling.title)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A sentence is not copied."""
        return self._spelling.can_copy if action in {"copy", "save"} else True

    def action_copy(self) -> None:
        """Say so."""
        self.post_message(self.Wanted(self._spelling, "copy"))

    def action_save(self) -> None:
        """Say so."""
        self.post_message(self.Wanted(self._spelling, "save"))

    def on_click(self, event: events.Click) -> None:
        """The first click chooses, a second one copies."""
        if event.chain == 2 and self._spelling.can_copy:
            self.action_copy()


class SpelledScreen(ModalScreen[None]):
    """Nothing is asked of a store: the schema's file is all that is read."""

    CSS_PATH = "spelled_screen.tcss"
    HELP = (
        "What is on the screen below, as SQL, as a Prisma Client Python call and as Redis commands. Tab and the "
        "arrows choose one, c copies it. Masked values are masked here as well; reveal them first to copy them."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,x", "dismiss", "Close", key_display="esc", tooltip="Back to the rows"),
    ]

    def __init__(self, source: ViewSource | RecordSource, services: Services) -> None:
        super().__init__()
        self._source = source
        self._services = services

    def compose(self) -> ComposeResult:
        """The texts come when the schema was read."""
        with VerticalScroll(id="spellings", can_focus=False) as page:
            page.border_title = Content(visible(self._source.title))
        yield Asker("Reading the Prisma schema", id="schema")
        yield KeyLine()

    def on_mount(self) -> None:
        """Read it aside."""
        self.query_one(Asker).ask("schema", self._models)

    async def _models(self) -> tuple[PrismaModel, ...] | SoundcheckError:
        from stores.prisma.models import load_models
        from stores.prisma.schema_text import packaged_schema

        try:
            return await asyncio.to_thread(load_models, self._services.project.schema or packaged_schema())
        except SoundcheckError as problem:
            return problem

    @on(Asker.Answered, "#schema")
    async def _show(self, event: Asker.Answered) -> None:
        models: Sequence[PrismaModel] | SoundcheckError = event.answer
        try:
            plan = key_plan(self._services.project.profile.key_patterns)
        except SoundcheckError as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
            plan = KEY_PLAN
        boxes = [SpellingBox(one) for one in spellings(self._source, models, plan)]
        await self.query_one("#spellings").mount_all(boxes)
        boxes[0].focus()

    @on(SpellingBox.Wanted)
    async def _serve(self, event: SpellingBox.Wanted) -> None:
        if event.what == "copy":
            await copy_text(self.app, event.spelling.text, event.spelling.title, self._services.environ)
            return
        from screens.app.record.save_screen import SaveScreen

        self.app.push_screen(SaveScreen(event.spelling.text, f"{self._source.title}-{event.spelling.title}"))
