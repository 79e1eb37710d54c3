"""What is done with keys from the browser: drop after a count, another time to live, the row behind a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from soundcheck.screens.app.keys.ttl_screen import PriceScreen, TtlScreen
from soundcheck.screens.app.keys.writing import guarded
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.question import Asker
from soundcheck.stores.copies.key_scan import MOST_KEYS, Scan, scan_on
from soundcheck.stores.keys import Shape, known_key
from soundcheck.wizard.guard import Action

if TYPE_CHECKING:
    from soundcheck.screens.app.keys.screen import KeysScreen

_MOST_STEPS = 100
_USUAL_TTL = 300


class KeyDeeds(Widget):
    """Not seen. It asks, and does it aside."""

    DEFAULT_CSS = "KeyDeeds { display: none; }"

    def __init__(self, browser: KeysScreen) -> None:
        super().__init__()
        self._browser = browser

    def compose(self) -> ComposeResult:
        """Who asks the stores."""
        yield Asker("Counting keys", id="counter")
        yield Asker("Writing to the cache", id="writer")
        yield Asker("Reading the row behind a key", id="sources")

    # ── dropping ──

    def drop(self) -> None:
        """What has the focus: a prefix of the tree, a key of it, else the open key."""
        from soundcheck.screens.app.keys.entry_pane import EntryPane
        from soundcheck.screens.app.keys.key_tree import KeyTree

        tree, entry = self._browser.query_one(KeyTree), self._browser.query_one(EntryPane).entry
        spot = tree.spot
        if tree.has_focus and spot.prefix:
            self._count_then_drop(spot.prefix)
        elif tree.has_focus and spot.key:
            self._ask((spot.key,), [spot.key, "1 command."])
        elif entry is not None:
            self._ask((entry.key,), [entry.key, "1 command."])

    def _count_then_drop(self, prefix: str) -> None:
        """The dry run: every key that begins so, found by a scan of all keys, whose price is said before."""
        client, scan = self._browser.app.services.cache, self._browser.scan
        if client is None:
            return
        if scan.done and prefix.startswith(scan.prefix):
            self._ask_for_prefix(prefix, tuple(key for key in scan.keys if key.startswith(prefix)))
            return
        self.ask_price(
            f"Count the keys that begin with {prefix}?",
            min(max(scan.steps_left + scan.steps, 1), _MOST_STEPS) + 1,
            lambda: self.query_one("#counter", Asker).ask(prefix, lambda: scan_on(client, Scan(prefix), _MOST_STEPS)),
        )

    @on(Asker.Answered, "#counter")
    def _counted(self, event: Asker.Answered) -> None:
        event.stop()
        scan: Scan = event.answer
        self._browser.spent += scan.commands
        if scan.problem:
            self._browser.notify(scan.problem, severity="error", markup=False)
        elif scan.keys:
            self._ask_for_prefix(event.what, scan.keys, whole=scan.done)
        else:
            self._browser.notify("No key begins so any more.", markup=False)

    def _ask_for_prefix(self, prefix: str, keys: tuple[str, ...], *, whole: bool = True) -> None:
        from soundcheck.wizard.cache_write import commands_to_drop

        number = len(keys)
        lines = [
            f"{prefix}*  {number:,} {'key' if number == 1 else 'keys'}" + ("" if whole else ", and there may be more"),
            *[f"  {key}" for key in keys[:5]],
            *([f"  … and {number - 5:,} more"] if number > 5 else []),
            f"{commands_to_drop(number):,} commands. Their next readers will load them from the database again.",
        ]
        if number >= MOST_KEYS:
            lines.append("More than these were not looked for.")
        self._ask(keys, lines)

    def _ask(self, keys: tuple[str, ...], lines: list[str]) -> None:
        title = "Drop this key?" if len(keys) == 1 else f"Drop {len(keys):,} keys?"

        def start() -> None:
            from soundcheck.wizard.cache_write import drop_keys

            async def work() -> tuple[str, tuple[str, ...]]:
                number = await drop_keys(self._browser.app.services, keys)
                return f"Dropped {number:,} {'key' if number == 1 else 'keys'}.", keys

            self._write(work)

        guarded(self, Action.DROP, title, lines, start, keys=len(keys))

    # ── time to live ──

    def change_ttl(self) -> None:
        """Ask for it, then through the guard."""
        from soundcheck.screens.app.keys.entry_pane import EntryPane
        from soundcheck.wizard.cache_write import set_ttl

        entry = self._browser.query_one(EntryPane).entry
        if entry is None:
            return
        known = known_key(entry.key, self._browser.plan)
        proposed = known.rule.ttl if known is not None else entry.ttl or _USUAL_TTL

        def chosen(seconds: int | None) -> None:
            if seconds is None:
                return

            async def work() -> tuple[str, tuple[str, ...]]:
                there = await set_ttl(self._browser.app.services, entry.key, seconds)
                return f"It expires in {seconds} s." if there else "It is not there any more.", ()

            lines = [entry.key, f"It will expire {seconds} s from now. 1 command."]
            guarded(self, Action.EDIT, "Another time to live?", lines, lambda: self._write(work))

        later.ask(self, TtlScreen(entry.key, proposed), chosen)

    def _write(self, work: Any) -> None:
        self.query_one("#writer", Asker).ask("write", work)

    @on(Asker.Answered, "#writer")
    def _written(self, event: Asker.Answered) -> None:
        event.stop()
        said, gone = event.answer
        self._browser.notify(said, markup=False)
        self._browser.spent += max(1, -(-len(gone) // 100))
        if gone:
            self._browser.forget(gone)
        else:
            self._browser.read_open_key()

    # ── the row behind it ──

    def open_row(self) -> None:
        """One query, then the record, or the rows of a list."""
        from soundcheck.screens.app.keys.entry_pane import EntryPane
        from soundcheck.stores.copies.key_source import read_source

        entry, known = self._browser.query_one(EntryPane).entry, self._browser.known
        database = self._browser.app.services.database
        found = known_key(entry.key, self._browser.plan) if entry is not None else None
        if found is None or database is None or known is None:
            self._browser.notify("No rule of the key table makes this key.", markup=False)
            return
        self.query_one("#sources", Asker).ask(found, lambda: read_source(database, known.catalog, found))

    @on(Asker.Answered, "#sources")
    def _show_row(self, event: Asker.Answered) -> None:
        from soundcheck.screens.app.routes import OpenRows
        from soundcheck.stores.rows.filters import Operator, RowFilter
        from soundcheck.stores.rows.server_text import server_text

        event.stop()
        source, known = event.answer, self._browser.known
        if source is None or known is None:
            self._browser.notify("What this key was made of cannot be told from the tables.", markup=False)
            return
        if not source.rows:
            self._browser.notify("An orphan: no row stands behind this key. d drops it.", markup=False)
            return
        column, value = source.rule.sources[0].column, event.what.value
        filters: tuple[RowFilter, ...] = (RowFilter(column, Operator.EQUAL, value),)
        if source.rule.shape is not Shape.LIST and source.table.primary_key:
            row = source.rows[0]
            filters = tuple(
                RowFilter(name, Operator.EQUAL, server_text(row[name]) or "") for name in source.table.primary_key
            )
        self._browser.app.post_message(OpenRows(known, source.table, filters, ("Keys",)))

    # ── asking ──

    def ask_price(self, question: str, commands: int, start: Callable[[], None]) -> None:
        """What costs commands is asked before."""

        def answered(yes: bool | None) -> None:
            if yes:
                start()

        later.ask(self, PriceScreen(question, commands), answered)

    @on(Asker.Failed)
    def _fail(self, event: Asker.Failed) -> None:
        event.stop()
        problem = event.problem
        self._browser.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
