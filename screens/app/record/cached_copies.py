"""The cached copies of a row beside it: asked once, refreshed, warmed and dropped from here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import app as typed_app
from textual.widgets import Static

from soundcheck.screens.app.cache_reading import absent_words
from soundcheck.screens.app.changed import Changed
from soundcheck.screens.app.keys.writing import guarded
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.record.copy_row import CopyRow
from soundcheck.stores.amounts import number_of
from soundcheck.stores.copies.cached_copy import COMMANDS_A_KEY, CachedCopy, read_copies, with_lookup
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KEY_PLAN, KeyRule, columns_for_keys, key_plan, keys_about_row, known_key
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.cache_write import COMMANDS_A_WARM, commands_to_drop, drop_keys, warm
from soundcheck.wizard.guard import Action

if TYPE_CHECKING:
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.catalog.tables import Table
    from soundcheck.stores.services import Services


@dataclass(frozen=True, slots=True)
class _Answer:
    keys: tuple[str, ...]
    copies: tuple[CachedCopy, ...]
    commands: int


@dataclass(frozen=True, slots=True)
class _Write:
    key: str
    commands: int


class CachedCopies(VerticalScroll, can_focus=False):
    """Two commands a key when a row is opened; `u` asks again. `spent` counts them for the frame."""

    if TYPE_CHECKING:
        app = typed_app(Shell)

    def __init__(self, known: Known | None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Cached copies")
        self.known = known
        self._plan: tuple[KeyRule, ...] = KEY_PLAN
        self._table: Table | None = None
        self._row: Mapping[str, Any] = {}
        self._keys: tuple[str, ...] = ()
        self._revealed: frozenset[str] = frozenset()
        self.spent = 0
        self._reading: StoreQuestion[Mapping[str, Any], _Answer] = StoreQuestion(
            self, "Asking the cache", answered=self._show, failed=self._fail
        )
        self._writing: StoreQuestion[_Write, str] = StoreQuestion(
            self, "Writing to the cache", answered=self._written, failed=self._not_written
        )

    def compose(self) -> ComposeResult:
        """A sentence, or the copies."""
        yield CommandText(id="copies", markup=False)

    def on_mount(self) -> None:
        """A copy of this row that is written, here or in the key browser, is asked about again."""
        later.on_signal(self, self.app.changed, self._follow_write)

    def _follow_write(self, change: Changed) -> None:
        if change.keys.intersection(self._keys):
            self.ask()

    def show_row(self, table: Table, row: Mapping[str, Any], *, ask: bool = True) -> None:
        """Another row: name its keys, and ask unless the answers from before will do."""
        self._table, self._row = table, row
        try:
            self._plan = key_plan(self._services.project.profile.key_patterns)
        except SoundcheckError as problem:
            self._say(Content.assemble((f"! {problem.message} ", "$warning"), spelled(problem.hint)))
            return
        self._keys = keys_about_row(table.name, row, self._plan)
        self.set_class(not self._keys and not columns_for_keys(table.name, self._plan), "-nothing")
        if self._services.cache is None and self._keys:
            why = absent_words(self.app.reading)
            lines = [Content.assemble(visible(key), (f"\n  — {visible(why)}", "$muted")) for key in self._keys]
            self._say(Content("\n").join(lines))
        elif self._services.cache is not None and (self._keys or columns_for_keys(table.name, self._plan)):
            if ask:
                self.ask()
        else:
            self._say(Content.styled("No cache key holds rows of this table.", "$muted"))

    @property
    def _services(self) -> Services:
        """Those of now: a store may have moved since the row was opened."""
        return self.app.services

    @property
    def can_ask(self) -> bool:
        """Whether there is a key, and somebody to ask for it."""
        return self._services.cache is not None and bool(self._keys)

    @property
    def chosen(self) -> CachedCopy | None:
        """The copy that has the focus, else the first one."""
        rows = list(self.query(CopyRow))
        return next((one.cached for one in rows if one.has_focus), rows[0].cached if rows else None)

    def reveal(self, fields: frozenset[str]) -> None:
        """Masked here as the fields are masked there."""
        self._revealed = fields
        for row in self.query(CopyRow):
            row.reveal(fields)

    def focus_first(self) -> None:
        """To the copies."""
        for row in self.query(CopyRow).results(CopyRow):
            row.focus()
            return

    # ── reading ──

    def ask(self) -> None:
        """Ask now."""
        if self._services.cache is not None and self._table is not None:
            self.border_subtitle = Content("◐ asking…")
            table, row = self._table, self._row
            self._reading.ask(row, lambda: self._read(table, row))

    async def _read(self, table: Table, row: Mapping[str, Any]) -> _Answer:
        services = self._services
        assert services.cache is not None  # noqa: S101 - only asked with one
        catalog = self.known.catalog if self.known is not None else None
        if services.database is not None:
            row = await with_lookup(services.database, table, row)
        copies = await read_copies(
            services.cache,
            table.name,
            row,
            plan=self._plan,
            database=services.database if catalog is not None else None,
            catalog=catalog,
        )
        return _Answer(tuple(copy.key for copy in copies), copies, len(copies) * COMMANDS_A_KEY)

    async def _show(self, _row: Mapping[str, Any], answer: _Answer) -> None:
        self._keys = answer.keys
        self.spent += answer.commands
        here = self.chosen.key if any(row.has_focus for row in self.query(CopyRow)) and self.chosen else ""
        await self.query(CopyRow).remove()
        if not answer.copies:
            self._say(Content.styled("No cache key holds this row.", "$muted"))
            return
        self._say(Content(""))
        rows = [CopyRow(copy, self._revealed) for copy in answer.copies]
        await self.mount_all(rows)
        for row in rows:
            if row.cached.key == here:
                row.focus()
        self.border_subtitle = Content(number_of(self.spent, "command"))

    def _fail(self, _row: Mapping[str, Any], problem: SoundcheckError) -> None:
        self.border_subtitle = Content("")
        self._say(Content.assemble((f"! {visible(problem.message)} ", "$warning"), (spelled(problem.hint), "$muted")))

    # ── writing, through the guard ──

    def drop(self) -> None:
        """The chosen copy; asked everywhere."""
        copy = self.chosen
        if copy is None:
            return
        lines = [copy.key, f"The next reader will load the row again. {commands_to_drop(1)} commands."]
        guarded(self, Action.DROP, "Drop this cached copy?", lines, lambda: self._drop(copy.key), keys=1)

    def _drop(self, key: str) -> None:
        async def work() -> str:
            number = await drop_keys(self._services, (key,))
            return "Dropped." if number else "It was not there any more."

        self._write(_Write(key, commands_to_drop(1)), work)

    def warm(self) -> None:
        """Store what the database says now under the chosen key, with the plan's time to live."""
        copy, known = self.chosen, self.known
        found = known_key(copy.key, self._plan) if copy is not None else None
        if copy is None or known is None or found is None:
            return
        price = f"1 query, {COMMANDS_A_WARM} commands."
        lines = [copy.key, f"Its value becomes what the database says now. {price}"]

        def start() -> None:
            async def work() -> str:
                return f"Stored for {await warm(self._services, known.catalog, found)} s."

            self._write(_Write(copy.key, COMMANDS_A_WARM), work)

        guarded(self, Action.EDIT, "Warm this cached copy?", lines, start)

    def _write(self, what: _Write, work: Callable[[], Awaitable[str]]) -> None:
        self._writing.ask(what, work)

    def _written(self, what: _Write, said: str) -> None:
        self.spent += what.commands
        self.app.notify(said, markup=False)
        self.app.changed.publish(Changed(frozenset({what.key})))

    def _not_written(self, _what: _Write, problem: SoundcheckError) -> None:
        self.border_subtitle = Content("")
        self.app.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
        self.ask()

    # ── what it saves ──

    def saving(self) -> None:
        """A page that says its price first."""
        from soundcheck.screens.app.record.saving_screen import SavingScreen

        copy, known = self.chosen, self.known
        found = known_key(copy.key, self._plan) if copy is not None else None
        if copy is not None and known is not None and found is not None:
            self.app.push_screen(SavingScreen(self._services, known.catalog, found, copy.key))

    def _say(self, text: Content) -> None:
        said = self.query_one("#copies", Static)
        said.display = bool(text.plain)
        said.update(text)
        self.screen.refresh_bindings()
