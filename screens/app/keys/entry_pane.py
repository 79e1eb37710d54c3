"""The key that is open: read when it is opened, drawn masked, held against the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import app as typed_app
from textual.message import Message
from textual.widgets import Static

from soundcheck.screens.app.keys.entry_text import entry_text, is_masked
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.stores.copies.cached_copy import CachedCopy, Freshness, judge_copy
from soundcheck.stores.copies.key_entry import KeyEntry, read_entry
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KeyRule, known_key
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.catalog.tables import Catalog
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.upstash.rest import RestClient


@dataclass(frozen=True, slots=True)
class _Read:
    entry: KeyEntry
    copy: CachedCopy | None
    table: str


class EntryPane(VerticalScroll):
    """Scrolls; the screen's keys act on what is open here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.row", "Row", tooltip="Open the row that this key was made of"),
    ]

    if TYPE_CHECKING:
        app = typed_app(Shell)

    @dataclass
    class Spent(Message):
        """Commands were used."""

        commands: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Key")
        self._read: _Read | None = None
        self._has_masked = False
        self.revealed = False
        self._reading: StoreQuestion[str, _Read] = StoreQuestion(
            self, "Reading a key", answered=self._show, failed=self._fail
        )

    def compose(self) -> ComposeResult:
        """One text."""
        hint = "Enter opens the key under the cursor: 5 commands, and a query or two to see whether it is fresh."
        yield CommandText(Content.styled(hint, "$muted"), id="entry", markup=False)

    @property
    def entry(self) -> KeyEntry | None:
        """The key that is open and there."""
        return self._read.entry if self._read is not None and self._read.entry.is_there else None

    @property
    def can_reveal(self) -> bool:
        """Whether anything is masked."""
        return self._read is not None and self._has_masked

    def open_key(
        self,
        key: str,
        client: RestClient,
        plan: tuple[KeyRule, ...],
        database: Database | None,
        catalog: Catalog | None,
    ) -> None:
        """Read it; what is shown stays until it is there."""
        self.border_subtitle = Content("◐ reading…")

        async def work() -> _Read:
            entry = await read_entry(client, key)
            known = known_key(key, plan)
            copy = None
            if known is not None and entry.content is not None and database is not None and catalog is not None:
                there = CachedCopy(key, Freshness.CACHED, entry.ttl, written=entry.content.written)
                copy = await judge_copy(there, known, entry.content, database, catalog)
            return _Read(entry, copy, known.rule.table if known is not None else "")

        self._reading.ask(key, work)

    def stop(self) -> bool:
        """Whether a read was on its way; it is not any more."""
        self.border_subtitle = Content("")
        return self._reading.cancel() is not None

    def close_key(self) -> None:
        """It is gone."""
        self._read = None
        self.query_one("#entry", Static).update("")
        self.border_subtitle = Content("")

    def _show(self, _key: str, read: _Read) -> None:
        self._read, self.revealed = read, self.app.reveals
        self._has_masked = is_masked(read.entry, read.table)
        self.scroll_home(animate=False)
        self.border_subtitle = Content(f"{read.entry.commands} commands")
        self.post_message(self.Spent(read.entry.commands))
        self.draw()

    def _fail(self, _key: str, problem: SoundcheckError) -> None:
        self.border_subtitle = Content("")
        said = Content.assemble(("✗ ", "bold $error"), visible(problem.message), f" {spelled(problem.hint)}")
        self.query_one("#entry", Static).update(said)

    def reveal(self) -> None:
        """Show what is masked, or mask it again."""
        self.revealed = not self.revealed
        self.draw()

    def draw(self, *_: Any) -> None:
        """As wide as there is room."""
        if self._read is not None:
            width = max(self.scrollable_content_region.width - 1, 20)
            read = self._read
            self.query_one("#entry", Static).update(
                entry_text(read.entry, read.copy, read.table, reveal=self.revealed, width=width)
            )
        self.screen.refresh_bindings()

    def on_resize(self) -> None:
        """Values are cut to the width."""
        self.draw()
