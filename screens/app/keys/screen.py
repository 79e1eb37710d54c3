"""The key browser: prefixes as a tree on the left, the open key on the right, the price of everything below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from soundcheck.screens.app.changed import Changed
from soundcheck.screens.app.keys.entry_pane import EntryPane
from soundcheck.screens.app.keys.found_keys import (
    MOST_STEPS,
    CacheWritten,
    FoundKeys,
    drop,
    drop_title,
    expire,
    filters_of,
    key_to_drop,
    keys_to_drop,
)
from soundcheck.screens.app.keys.key_tree import KeyTree
from soundcheck.screens.app.keys.tree_pane import TreePane
from soundcheck.screens.app.keys.ttl_screen import PriceScreen, TtlScreen
from soundcheck.screens.app.keys.writing import guarded
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.routes import OpenRows
from soundcheck.screens.app.start import Place
from soundcheck.stores.catalog.tables import Catalog, load_catalog
from soundcheck.stores.copies.key_audit import MOST_AUDITED, price_of
from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.copies.key_scan import Scan, scan_on
from soundcheck.stores.copies.key_source import KeySource, read_source
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.keys import KnownKey, key_plan, known_key
from soundcheck.wizard.guard import Action


class KeysScreen(PlaceScreen):
    """Nothing is asked again by itself: every command follows a key press, and is counted."""

    PLACE: ClassVar[Place] = Place.CACHE
    CSS_PATH = "keys_screen.tcss"
    AUTO_FOCUS = "KeyTree"
    HELP = (
        "The keys of the cache by their prefixes. They are found by SCAN, 500 keys looked at a command; m goes on. "
        "Enter opens a key, once more the row it came from: its content is masked as the columns are, and it says "
        "whether it still holds what the rows hold.\n\n"
        "a looks through the keys found so far: two commands each. d counts before it drops, and asks."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "more", "Keep scanning", tooltip="Look for more keys: at most 20 commands"),
        Binding("slash", "find", "Prefix", key_display="/", tooltip="Only keys that begin so; a whole key is opened"),
        Binding("d", "drop", "Drop", tooltip="Drop the key, or all keys of the prefix: counted first, then asked"),
        Binding("e", "ttl", "Expiry", tooltip="Give the open key another time to live"),
        Binding("o", "row", "Row", tooltip="Open the row that this key was made of"),
        Binding("r", "reveal", "Reveal", tooltip="Show or mask personal and secret fields of this key"),
        Binding("a", "audit", "Look through", tooltip="Find keys without expiry, without a row, of an older shape"),
        Binding("v", "next_audit", "Next finding", show=False, tooltip="Show the keys of the next finding, then all"),
        Binding("c", "copy", "Copy key", show=False, tooltip="Copy the key; search terms and codes are hashed"),
        Binding("escape", "back", "Back", tooltip="Stop what runs, else back to Cache"),
    ]

    def compose_body(self) -> ComposeResult:
        """Tree, entry, price."""
        with Horizontal(id="keys"):
            yield TreePane(lambda: self.app.services, self._open)
            yield EntryPane(id="entry-pane")
        yield Static(id="keys-price", markup=False)

    def __init__(self) -> None:
        super().__init__()
        self._tables: StoreQuestion[str, Catalog] = StoreQuestion(
            self, "Reading the tables", answered=self._take_catalog, failed=self._say_why_not
        )
        self._counting: StoreQuestion[str, Scan] = StoreQuestion(
            self, "Counting keys", answered=self._counted, failed=self._say_why_not
        )
        self._writing: StoreQuestion[str, CacheWritten] = StoreQuestion(
            self, "Writing to the cache", answered=self._written, failed=self._say_why_not
        )
        self._row: StoreQuestion[KnownKey, KeySource | None] = StoreQuestion(
            self, "Reading the row behind a key", answered=self._show_row, failed=self._say_why_not
        )

    def on_mount(self) -> None:
        """Some keys at once; the tables beside them."""
        self.title = "Keys"
        later.on_signal(self, self.app.changed, self._follow_write)
        self.watch(self.tree_pane, "found", self._draw_price)
        services = self.app.services
        try:
            self.found = replace(self.found, plan=key_plan(services.project.profile.key_patterns))
        except SoundcheckError as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
        if services.database is not None:
            database = services.database
            self._tables.ask("catalog", lambda: load_catalog(database))
        self.tree_pane.scan()

    @property
    def tree_pane(self) -> TreePane:
        """The keys that were found."""
        return self.query_one(TreePane)

    @property
    def found(self) -> FoundKeys:
        """What is known and was spent."""
        return self.tree_pane.found

    @found.setter
    def found(self, found: FoundKeys) -> None:
        self.tree_pane.found = found

    def _take_catalog(self, _asked: str, catalog: Catalog) -> None:
        self.found = replace(self.found, known=Known(catalog))
        self.refresh_bindings()

    def _say_why_not(self, _asked: object, problem: SoundcheckError) -> None:
        self.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)

    def _draw_price(self, found: FoundKeys) -> None:
        self.query_one("#keys-price", Static).update(Content.styled(found.price, "$muted"))

    def _ask_price(self, question: str, commands: int, start: Callable[[], None]) -> None:
        """Begin what costs commands after a yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                start()

        later.ask(self, PriceScreen(question, commands), answered)

    # ── the keys that were found ──

    def action_more(self) -> None:
        """Some more steps."""
        self.tree_pane.scan_on()

    def read_again(self) -> None:
        """Scan from the start; the price stands below, and nothing is asked without this key."""
        self.tree_pane.scan_anew(self.found.scan.prefix)

    def action_find(self) -> None:
        """Type a prefix."""
        self.tree_pane.open_find()

    def action_audit(self) -> None:
        """Of the keys found so far, as many as are looked at at once; what was said in the price line is the price."""
        keys = self.found.scan.keys
        if self.app.services.cache is not None and keys:
            self._ask_price(
                f"Look through {min(len(keys), MOST_AUDITED)} keys?", price_of(len(keys)), self.tree_pane.audit
            )

    def action_next_audit(self) -> None:
        """Those without expiry, orphans, older shapes, secrets inside, then all again."""
        self.tree_pane.show_next_finding()

    # ── one key ──

    @on(KeyTree.Opened)
    def _key_opened(self, event: KeyTree.Opened) -> None:
        event.stop()
        entry = self.query_one(EntryPane).entry
        if entry is not None and entry.key == event.key and self.found.known is not None:
            self.action_row()
        else:
            self._open(event.key)

    def _open(self, key: str) -> None:
        services, found = self.app.services, self.found
        if services.cache is not None:
            self.query_one(EntryPane).open_key(key, services.cache, found.plan, services.database, found.catalog)

    @on(EntryPane.Spent)
    def _count(self, event: EntryPane.Spent) -> None:
        event.stop()
        self.found = self.found.having_spent(event.commands)

    def action_reveal(self) -> None:
        """Of this key alone."""
        self.query_one(EntryPane).reveal()

    async def action_copy(self) -> None:
        """As it may leave the screen."""
        entry = self.query_one(EntryPane).entry
        key = entry.key if entry is not None else self.query_one(KeyTree).spot.key
        if key:
            environ, leaving = self.app.services.environ, key_leaving(key, self.found.plan)
            await copy_text(self.app, leaving, "The key", environ, otherwise="select it instead")

    # ── the row behind it ──

    def action_row(self) -> None:
        """One query, then the record, or the rows of a list."""
        entry, known, database = self.query_one(EntryPane).entry, self.found.known, self.app.services.database
        key = known_key(entry.key, self.found.plan) if entry is not None else None
        if key is None or database is None or known is None:
            self.notify("No rule of the key table makes this key.", markup=False)
            return
        self._row.ask(key, lambda: read_source(database, known.catalog, key))

    def _show_row(self, key: KnownKey, source: KeySource | None) -> None:
        known = self.found.known
        if source is None or known is None:
            self.notify("What this key was made of cannot be told from the tables.", markup=False)
        elif not source.rows:
            self.notify("An orphan: no row stands behind this key. d drops it.", markup=False)
        else:
            self.app.post_message(OpenRows(known, source.table, filters_of(source, key), ("Keys",)))

    # ── writing ──

    def action_drop(self) -> None:
        """What has the focus: a prefix of the tree, a key of it, else the open key."""
        tree, entry = self.query_one(KeyTree), self.query_one(EntryPane).entry
        if tree.has_focus and tree.spot.prefix:
            self._count_then_drop(tree.spot.prefix)
        elif tree.has_focus and tree.spot.key:
            self._drop((tree.spot.key,), key_to_drop(tree.spot.key))
        elif entry is not None:
            self._drop((entry.key,), key_to_drop(entry.key))

    def _count_then_drop(self, prefix: str) -> None:
        """The dry run: every key that begins so, found by a scan of all keys, whose price is said before."""
        client, keys = self.app.services.cache, self.found.beginning(prefix)
        if keys is not None:
            self._drop(keys, keys_to_drop(prefix, keys, whole=True))
        elif client is not None:
            count = partial(scan_on, client, Scan(prefix), MOST_STEPS)
            self._ask_price(
                f"Count the keys that begin with {prefix}?",
                self.found.price_of_counting,
                lambda: self._counting.ask(prefix, count),
            )

    def _counted(self, prefix: str, scan: Scan) -> None:
        self.found = self.found.having_spent(scan.commands)
        if scan.problem:
            self.notify(scan.problem, severity="error", markup=False)
        elif scan.keys:
            self._drop(scan.keys, keys_to_drop(prefix, scan.keys, whole=scan.done))
        else:
            self.notify("No key begins so any more.", markup=False)

    def _drop(self, keys: tuple[str, ...], lines: list[str]) -> None:
        def start() -> None:
            self._writing.ask("drop", partial(drop, self.app.services, keys))

        guarded(self, Action.DROP, drop_title(len(keys)), lines, start, keys=len(keys))

    def action_ttl(self) -> None:
        """Ask for another time to live, then through the guard."""
        entry = self.query_one(EntryPane).entry
        if entry is None:
            return

        def chosen(seconds: int | None) -> None:
            if seconds is None:
                return

            def start() -> None:
                self._writing.ask("ttl", partial(expire, self.app.services, entry.key, seconds))

            lines = [entry.key, f"It will expire {seconds} s from now. 1 command."]
            guarded(self, Action.EDIT, "Another time to live?", lines, start)

        later.ask(self, TtlScreen(entry.key, self.found.proposed_ttl(entry)), chosen)

    def _written(self, _what: str, written: CacheWritten) -> None:
        pane = self.query_one(EntryPane)
        self.notify(written.said, markup=False)
        self.found = self.found.having_spent(written.commands)
        if written.gone:
            if pane.entry is not None and pane.entry.key in written.gone:
                pane.close_key()
            self.tree_pane.forget(written.gone)
        self.app.changed.publish(Changed(frozenset(written.keys)))

    def _follow_write(self, change: Changed) -> None:
        """The key that is open is read again where it was written, here or beside a row."""
        entry = self.query_one(EntryPane).entry
        if entry is not None and entry.key in change.keys:
            self._open(entry.key)

    # ── going back ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what would do something is offered."""
        if not self.is_mounted:
            return True
        pane, spot = self.query_one(EntryPane), self.query_one(KeyTree).spot
        if action == "more":
            return self.found.can_scan_on
        if action == "drop":
            return pane.entry is not None or bool(spot.key or spot.prefix)
        if action == "ttl":
            return pane.entry is not None
        if action == "row":
            return pane.entry is not None and self.found.known is not None
        if action == "reveal":
            return pane.can_reveal
        if action == "next_audit":
            return self.found.audit is not None
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Out of the field, out of a scan, out of the screen."""
        if self.tree_pane.close_find():
            return
        asked = [question.cancel() for question in (self._counting, self._row)]
        stopped = [self.query_one(EntryPane).stop(), self.tree_pane.stop(), any(one is not None for one in asked)]
        if not any(stopped):
            self.dismiss()
