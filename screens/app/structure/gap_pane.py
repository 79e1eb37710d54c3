"""The comparison of schema and database as a pane of its own: asked on request, in the background, cached, Esc stops.

It starts Node and asks about twenty dependent queries, so nothing runs unasked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.getters import app as typed_app
from textual.message import Message
from textual.widgets import Static

from soundcheck.checks.backend.schema_gap import EngineMissing, SchemaGap, gap_key, install_engine, schema_gap
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.structure.drift_text import Sections, as_text
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

Drawn = Callable[[SchemaGap], Sections]


class GapPane(Vertical):
    """Before, while and after a comparison; `drawn` makes the sections of what came, `at_once` asks unasked."""

    DEFAULT_CSS = """
    GapPane { height: auto; }
    GapPane Static { height: auto; }
    """

    if TYPE_CHECKING:
        app = typed_app(Shell)

    class Changed(Message):
        """Other keys work now."""

    def __init__(self, drawn: Drawn, invitation: str, *, at_once: bool = False) -> None:
        super().__init__(id="gap-pane")
        self._at_once = at_once
        self._question: StoreQuestion[str, SchemaGap | None] = StoreQuestion(
            self, "Comparing schema and database", answered=self._show, failed=self._show_failure
        )
        self._drawn = drawn
        self._invitation = invitation
        self._sections: Sections = []
        self._engine_missing = False

    def compose(self) -> ComposeResult:
        """What was found, or what to press."""
        yield Vertical(id="gap-sections")

    async def on_mount(self) -> None:
        """What was compared before is shown at once."""
        await self._say(Content.styled(self._invitation, "$muted"))
        self._question.ask("known", self._known)

    @property
    def is_busy(self) -> bool:
        """Whether there is something to cancel."""
        return self._question.waits_for in {"compare", "install"}

    @property
    def can_install(self) -> bool:
        """Whether the engine is what is missing."""
        return self._engine_missing and not self.is_busy

    @property
    def text(self) -> str:
        """What was found, to copy; "" before."""
        return as_text(self._sections) if self._sections else ""

    async def _known(self) -> SchemaGap | None:
        try:
            key = await asyncio.to_thread(gap_key, self.app.services)
        except SoundcheckError:
            return None  # said when it is asked for
        return self.app.gaps.get(key)

    async def _compare(self) -> SchemaGap:
        services = self.app.services
        gap = await schema_gap(services)
        self.app.gaps[await asyncio.to_thread(gap_key, services)] = gap
        return gap

    async def _install(self) -> SchemaGap:
        await install_engine(self.app.services)
        return await self._compare()

    async def compare(self) -> None:
        """Ask."""
        await self._begin("compare", self._compare, "◐ comparing the schema with the database…  esc Cancel")

    async def install(self) -> None:
        """Fetch the engine, then ask."""
        await self._begin("install", self._install, "◐ installing Prisma's engine from npm (8 MB, once)…  esc Cancel")

    async def _begin(self, what: str, work: Callable[[], Awaitable[SchemaGap]], words: str) -> None:
        if self.is_busy:
            return
        await self._say(Content.styled(words, "$warning"))
        self._question.ask(what, work)
        self.post_message(self.Changed())

    async def cancel(self) -> None:
        """Stop: the child ends, and its queries with it."""
        self._question.cancel()
        await self._say(Content.styled(f"Stopped. {self._invitation}", "$muted"))
        self.post_message(self.Changed())

    async def _show(self, _asked: str, gap: SchemaGap | None) -> None:
        if gap is not None:
            self._engine_missing = False
            self._sections = self._drawn(gap)
            await self._draw(self._sections)
        elif self._at_once:
            await self.compare()
        self.post_message(self.Changed())

    async def _show_failure(self, _asked: str, problem: SoundcheckError) -> None:
        self._engine_missing = isinstance(problem, EngineMissing)
        hint = "i installs it from npm, once: 8 MB." if self._engine_missing else spelled(problem.hint)
        hint = f"\n  {hint}" if hint else ""
        await self._say(Content.assemble(("✗ ", "bold $error"), problem.message, (hint, "$muted")))
        self.post_message(self.Changed())

    async def _say(self, words: Content) -> None:
        self._sections = []
        await self._draw([("Schema", words)])

    async def _draw(self, sections: Sections) -> None:
        page = self.query_one("#gap-sections", Vertical)
        async with self.batch():
            await page.remove_children()
            parts = []
            for title, text in sections:
                parts += [Static(Content.styled(title, "bold $primary"), classes="section"), CommandText(text)]
            await page.mount_all(parts)
