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

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.sql.source import RecordSource, ViewSource
from soundcheck.screens.app.sql.spellings import SchemaRead, Spelling, read_schema_of, spellings
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KEY_PLAN, key_plan
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.project.trust import NotTrusted

if TYPE_CHECKING:
    from pathlib import Path

    from soundcheck.stores.prisma.call_compiler import CompiledCall
    from soundcheck.stores.services import Services


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
        self._clicks = Clicks()
        lines = [visible(line) for line in spelling.text.split("\n")]
        super().__init__(Content("\n".join(lines)), markup=False, classes="" if spelling.can_copy else "-nothing")
        self.border_title = Content(spelling.title)

    @property
    def spelling(self) -> Spelling:
        """What it shows."""
        return self._spelling

    def tell_compiled(self, compiled: CompiledCall) -> None:
        """What the project's own client made of the call."""
        said = f"your client refuses it: {compiled.refused}" if compiled.refused else "compiled by your client"
        self.border_subtitle = Content(visible(said))

    def tell_not_compiled(self) -> None:
        """The folder's client was not run."""
        self.border_subtitle = Content("not compiled: t trusts this folder's client")

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
        if self._clicks.is_second(self) and self._spelling.can_copy:
            self.action_copy()

    def on_blur(self) -> None:
        """A click after something else was chosen is a first one."""
        self._clicks.forget()


class SpelledScreen(ModalScreen[None]):
    """Nothing is asked of a store: the schema's file is read, and the project's client compiles the calls aside."""

    CSS_PATH = "spelled_screen.tcss"
    HELP = (
        "What is on the screen below, as SQL, as Prisma Client Python calls and as Redis commands. Tab and the "
        "arrows choose one, c copies it. Masked values are masked here as well; reveal them first to copy them.\n\n"
        "The calls are compiled by your generated client where Soundcheck generated it, or where you trust this folder."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,x", "dismiss", "Close", key_display="esc", tooltip="Back to the rows"),
        Binding("t", "trust", "Trust", tooltip="See whether this folder's own client may compile the calls"),
    ]

    def __init__(self, source: ViewSource | RecordSource, services: Services) -> None:
        super().__init__()
        self._source = source
        self._services = services
        self._schema: StoreQuestion[str, SchemaRead] = StoreQuestion(
            self, "Reading the Prisma schema", answered=self._show
        )
        self._compiling: StoreQuestion[Sequence[str], tuple[CompiledCall, ...] | None] = StoreQuestion(
            self, "Compiling the calls", answered=self._tell_compiled, failed=self._tell_not_compiled
        )
        self._waits: tuple[Path, Sequence[str]] | None = None
        """The client that may not be run, and the calls that it would compile."""

    def compose(self) -> ComposeResult:
        """The texts come when the schema was read."""
        with VerticalScroll(id="spellings", can_focus=False) as page:
            page.border_title = Content(visible(self._source.title))
        yield KeyLine()

    def on_mount(self) -> None:
        """Read it aside."""
        self._schema.ask("schema", self._models)

    async def _models(self) -> SchemaRead:
        return await asyncio.to_thread(read_schema_of, self._services.project, self._services.environ)

    async def _show(self, _asked: str, read: SchemaRead) -> None:
        try:
            plan = key_plan(self._services.project.profile.key_patterns)
        except SoundcheckError as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
            plan = KEY_PLAN
        database = self._services.database
        zone = database.zone if database is not None else UTC
        found = spellings(self._source, read.models, plan, is_async=read.is_async, zone=zone)
        boxes = [SpellingBox(one) for one in found]
        await self.query_one("#spellings").mount_all(boxes)
        boxes[0].focus()
        calls = [box.spelling.text for box in boxes if box.spelling.is_call]
        if (client := read.client) is not None and calls:
            self._compile(client, calls)

    def _compile(self, client: Path, calls: Sequence[str]) -> None:
        from soundcheck.screens.app.sql.compiled import compiled_calls

        self._waits = client, calls
        self._compiling.ask(calls, lambda: compiled_calls(self._services, client, calls))

    def _tell_compiled(self, _calls: Sequence[str], answer: tuple[CompiledCall, ...] | None) -> None:
        self._waits = None
        boxes = [box for box in self.query(SpellingBox) if box.spelling.is_call]
        for box, compiled in zip(boxes, answer or (), strict=False):
            box.tell_compiled(compiled)

    def _tell_not_compiled(self, _calls: Sequence[str], problem: SoundcheckError) -> None:
        if not isinstance(problem, NotTrusted):
            self._waits = None
            return
        for box in self.query(SpellingBox):
            if box.spelling.is_call:
                box.tell_not_compiled()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Trust is asked for where something waits for it."""
        if action == "trust":
            return self._waits is not None and self._compiling.waits_for is None
        return super().check_action(action, parameters)

    def action_trust(self) -> None:
        """Show what would be run, and let a person say whether it may be."""
        from soundcheck.screens.app.sql.compiled import what_would_run
        from soundcheck.screens.app.trust_screen import TrustScreen

        if (waiting := self._waits) is not None:
            page = TrustScreen(self._services.project, lambda: what_would_run(self._services))
            later.ask(self, page, lambda agreed: self._compile(*waiting) if agreed else None)

    @on(SpellingBox.Wanted)
    async def _serve(self, event: SpellingBox.Wanted) -> None:
        if event.what == "copy":
            await copy_text(self.app, event.spelling.text, event.spelling.title, self._services.environ)
            return
        from soundcheck.screens.app.parts.save_screen import SaveScreen

        self.app.push_screen(SaveScreen(event.spelling.text, f"{self._source.title}-{event.spelling.title}"))
