"""The key browser: prefixes as a tree on the left, the open key on the right, the price of everything below."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from soundcheck.screens.app.keys.entry_pane import EntryPane
from soundcheck.screens.app.keys.key_deeds import KeyDeeds
from soundcheck.screens.app.keys.key_tree import KeyTree
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.start import Place
from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.copies.key_audit import MOST_AUDITED, KeyAudit, price_of
from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.copies.key_scan import COUNT, Scan, scan_on
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.keys import KEY_PLAN, KeyRule, key_plan
from soundcheck.stores.rows.cells import visible

FIRST_STEPS: Final = 4
MORE_STEPS: Final = 20
_STOPPABLE: Final = frozenset({"scanner", "auditor", "counter", "sources", "entry-asker"})
_AUDITS: Final = (("no_ttl", "no TTL"), ("orphans", "orphans"), ("older", "older shape"), ("exposed", "secrets inside"))


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
        Binding("ctrl+r", "again", "Scan again", show=False, tooltip="Forget the keys and scan from the start"),
        Binding("escape", "back", "Back", tooltip="Stop what runs, else back to Cache"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.scan = Scan()
        self.plan: tuple[KeyRule, ...] = KEY_PLAN
        self.known: Known | None = None
        self.audit: KeyAudit | None = None
        self.spent = 0
        self._shown_audit = ""

    def compose_body(self) -> ComposeResult:
        """Tree, entry, price."""
        with Horizontal(id="keys"):
            with Vertical(id="tree-pane", classes="pane") as pane:
                pane.border_title = Content("Keys")
                yield Input(placeholder="prefix, or a whole key", id="prefix", compact=True, classes="hidden")
                yield Static("◐ scanning…", id="keys-state", markup=False)
                yield KeyTree(id="key-tree")
            yield EntryPane(id="entry-pane")
        yield Static(id="keys-price", markup=False)
        yield KeyDeeds(self)
        yield Asker("Scanning keys", id="scanner")
        yield Asker("Reading the tables", id="catalog")
        yield Asker("Looking through the keys", id="auditor")

    def on_mount(self) -> None:
        """Some keys at once; the tables beside them."""
        self.title = "Keys"
        services = self.app.services
        try:
            self.plan = key_plan(services.project.profile.key_patterns)
        except SoundcheckError as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
        if services.database is not None:
            database = services.database
            self.query_one("#catalog", Asker).ask("catalog", lambda: load_catalog(database))
        self._scan(FIRST_STEPS)

    # ── scanning ──

    def _scan(self, steps: int) -> None:
        client, scan = self.app.services.cache, self.scan
        if client is None:
            self._say("Not set up.\n\nPress 1 for Setup.")
            return
        self.query_one("#scanner", Asker).ask("scan", lambda: scan_on(client, scan, steps))
        self._draw_price()

    @on(Asker.Answered, "#scanner")
    def _show_keys(self, event: Asker.Answered) -> None:
        event.stop()
        before, self.scan = self.scan.commands, event.answer
        self.spent += self.scan.commands - before
        self._show_tree()

    @on(Asker.Answered, "#catalog")
    def _take_catalog(self, event: Asker.Answered) -> None:
        event.stop()
        self.known = Known(event.answer)
        self.refresh_bindings()

    @on(Asker.Failed)
    def _fail(self, event: Asker.Failed) -> None:
        event.stop()
        problem = event.problem
        self.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
        self._draw_price()

    def _show_tree(self) -> None:
        scan, tree = self.scan, self.query_one(KeyTree)
        keys = getattr(self.audit, self._shown_audit) if self.audit and self._shown_audit else scan.keys
        tree.show_keys(keys, "" if self._shown_audit else scan.prefix)
        tree.display = bool(keys)
        if scan.problem:
            self._say(f"! {visible(scan.problem)}")
        elif keys:
            self._say("")
        elif scan.done:
            self._say("No key begins so." if scan.prefix else "The cache holds no keys.")
        else:
            self._say("No key found yet: m keeps scanning.")
        if tree.display and self.focused is None:
            tree.focus()
        self._draw_price()
        self.refresh_bindings()

    def _say(self, text: str) -> None:
        state = self.query_one("#keys-state", Static)
        state.display = bool(text)
        state.update(Content(text))

    def _draw_price(self) -> None:
        scan = self.scan
        pane = self.query_one("#tree-pane")
        pane.border_title = Content(visible(f"Keys {scan.prefix}*" if scan.prefix else "Keys"))
        pane.border_subtitle = Content(f"{len(scan.keys):,}{'' if scan.done else ' so far'}")
        parts = [f"{self.spent:,} commands used here"]
        if self.query_one("#scanner", Asker).waits_for:
            parts.append("◐ scanning…  esc stops")
        elif scan.is_full:
            parts.append("that is as many as are kept: / narrows them")
        elif scan.done:
            parts.append("all keys looked at")
        elif not scan.problem:
            parts.append(f"{COUNT} keys a command; the rest costs about {scan.steps_left:,}, m goes on")
        if self.audit is not None:
            found = [f"{len(getattr(self.audit, name))} {word}" for name, word in _AUDITS if getattr(self.audit, name)]
            said = ", ".join(found) or "nothing amiss"
            parts.append(f"of {self.audit.looked_at}: {said}{', v shows them' if found else ''}")
        self.query_one("#keys-price", Static).update(Content.styled(" · ".join(parts), "$muted"))

    def action_more(self) -> None:
        """Some more steps."""
        self._shown_audit = ""
        self._scan(MORE_STEPS)

    def action_again(self) -> None:
        """From the start."""
        self.scan, self.audit, self._shown_audit = Scan(self.scan.prefix), None, ""
        self._scan(FIRST_STEPS)

    # ── a prefix ──

    def action_find(self) -> None:
        """Type it."""
        field = self.query_one("#prefix", Input)
        field.remove_class("hidden")
        field.focus()

    @on(Input.Submitted, "#prefix")
    def _narrow(self, event: Input.Submitted) -> None:
        """Keys that begin so; where the token cannot scan, the key of this very name."""
        event.stop()
        self._close_find()
        self.audit, self._shown_audit = None, ""
        if self.scan.problem and event.value:
            self._open(event.value)
            return
        self.scan = Scan(event.value)
        self._scan(FIRST_STEPS)

    def _close_find(self) -> None:
        self.query_one("#prefix", Input).add_class("hidden")
        tree = self.query_one(KeyTree)
        (tree if tree.display else self.query_one(EntryPane)).focus()

    # ── one key ──

    @on(KeyTree.Opened)
    def _key_opened(self, event: KeyTree.Opened) -> None:
        event.stop()
        pane = self.query_one(EntryPane)
        if pane.entry is not None and pane.entry.key == event.key and self.known is not None:
            self.action_row()
        else:
            self._open(event.key)

    def _open(self, key: str) -> None:
        services = self.app.services
        if services.cache is not None:
            catalog = self.known.catalog if self.known is not None else None
            self.query_one(EntryPane).open_key(key, services.cache, self.plan, services.database, catalog)

    def read_open_key(self) -> None:
        """Once more: it was changed."""
        entry = self.query_one(EntryPane).entry
        if entry is not None:
            self._open(entry.key)

    @on(EntryPane.Spent)
    def _count(self, event: EntryPane.Spent) -> None:
        event.stop()
        self.spent += event.commands
        self._draw_price()

    def action_reveal(self) -> None:
        """Of this key alone."""
        self.query_one(EntryPane).reveal()

    async def action_copy(self) -> None:
        """As it may leave the screen."""
        entry = self.query_one(EntryPane).entry
        key = entry.key if entry is not None else self.query_one(KeyTree).spot.key
        if key:
            environ = self.app.services.environ
            await copy_text(self.app, key_leaving(key, self.plan), "The key", environ, otherwise="select it instead")

    # ── what writes, and what leads away ──

    def action_drop(self) -> None:
        """The key, or the prefix after it was counted."""
        self.query_one(KeyDeeds).drop()

    def action_ttl(self) -> None:
        """Another time to live."""
        self.query_one(KeyDeeds).change_ttl()

    def action_row(self) -> None:
        """Where it came from."""
        self.query_one(KeyDeeds).open_row()

    def forget(self, keys: tuple[str, ...]) -> None:
        """They were dropped."""
        gone = set(keys)
        self.scan = replace(self.scan, keys=tuple(key for key in self.scan.keys if key not in gone))
        entry = self.query_one(EntryPane).entry
        if entry is not None and entry.key in gone:
            self.query_one(EntryPane).close_key()
        self.audit, self._shown_audit = None, ""
        self._show_tree()

    # ── looking through ──

    def action_audit(self) -> None:
        """Of the keys found so far, as many as are looked at at once; what was said in the price line is the price."""
        services, keys = self.app.services, self.scan.keys
        client = services.cache
        if client is None or not keys:
            return
        self.query_one(KeyDeeds).ask_price(
            f"Look through {min(len(keys), MOST_AUDITED)} keys?", price_of(len(keys)), self._audit
        )

    def _audit(self) -> None:
        from soundcheck.stores.copies.key_audit import audit_keys

        services, keys, plan = self.app.services, self.scan.keys, self.plan
        client, catalog = services.cache, self.known.catalog if self.known is not None else None
        if client is not None:
            self.query_one("#auditor", Asker).ask(
                "audit", lambda: audit_keys(client, keys, plan=plan, database=services.database, catalog=catalog)
            )

    @on(Asker.Answered, "#auditor")
    def _show_audit(self, event: Asker.Answered) -> None:
        event.stop()
        self.audit = event.answer
        self.spent += event.answer.commands
        self._shown_audit = ""
        self._draw_price()
        self.refresh_bindings()

    def action_next_audit(self) -> None:
        """Those without expiry, orphans, older shapes, secrets inside, then all again."""
        names = [name for name, _ in _AUDITS if self.audit is not None and getattr(self.audit, name)]
        here = names.index(self._shown_audit) + 1 if self._shown_audit in names else 0
        self._shown_audit = names[here] if here < len(names) else ""
        self._show_tree()
        word = dict(_AUDITS).get(self._shown_audit)
        self.query_one("#tree-pane").border_title = Content(f"Keys: {word}" if word else "Keys")

    # ── going back ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what would do something is offered."""
        if not self.is_mounted:
            return True
        pane, spot = self.query_one(EntryPane), self.query_one(KeyTree).spot
        if action == "more":
            return not self.scan.done and not self.scan.is_full and not self.scan.problem
        if action == "drop":
            return pane.entry is not None or bool(spot.key or spot.prefix)
        if action == "ttl":
            return pane.entry is not None
        if action == "row":
            return pane.entry is not None and self.known is not None
        if action == "reveal":
            return pane.can_reveal
        if action == "next_audit":
            return self.audit is not None
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Out of the field, out of a scan, out of the screen."""
        running = [asker for asker in self.query(Asker) if asker.waits_for and asker.id in _STOPPABLE]
        if not self.query_one("#prefix", Input).has_class("hidden"):
            self._close_find()
        elif running:
            for asker in running:
                asker.cancel()
            self.query_one(EntryPane).stop()
            self._draw_price()
        else:
            self.dismiss()
