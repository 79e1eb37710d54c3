"""The keys that were found: scanned for, narrowed by a prefix, audited, and drawn as a tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, Static

from soundcheck.screens.app.keys.found_keys import FoundKeys
from soundcheck.screens.app.keys.key_tree import KeyTree
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.stores.copies.key_audit import KeyAudit, audit_keys
from soundcheck.stores.copies.key_scan import Scan, scan_on
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.services import Services

FIRST_STEPS: Final = 4
MORE_STEPS: Final = 20


class TreePane(Vertical):
    """`found` is what the whole browser works with; its screen watches it."""

    found: reactive[FoundKeys] = reactive(FoundKeys())

    def __init__(self, services: Callable[[], Services], wanted: Callable[[str], Any]) -> None:
        """`wanted` is called with a key that is to be opened by its name."""
        super().__init__(id="tree-pane", classes="pane")
        self._services = services
        self._wanted = wanted
        self._scanning: StoreQuestion[str, Scan] = StoreQuestion(
            self, "Scanning keys", answered=self._take_scan, failed=self._say_why_not
        )
        self._auditing: StoreQuestion[str, KeyAudit] = StoreQuestion(
            self, "Looking through the keys", answered=self._take_audit, failed=self._say_why_not
        )

    def compose(self) -> ComposeResult:
        """The field, a line, the tree."""
        yield Input(placeholder="prefix, or a whole key", id="prefix", compact=True, classes="hidden")
        yield TimedText("◐ scanning…", id="keys-state")
        yield KeyTree(id="key-tree")

    def watch_found(self, found: FoundKeys) -> None:
        """The heading follows at once, the tree when there are other keys to show."""
        self.border_title, self.border_subtitle = Content(found.title), Content(found.number)

    @property
    def key_tree(self) -> KeyTree:
        """The tree."""
        return self.query_one(KeyTree)

    def _draw(self) -> None:
        tree = self.key_tree
        tree.show_keys(self.found.shown, self.found.shown_prefix)
        tree.display = bool(self.found.shown)
        self._say(self.found.state)
        if tree.display and self.screen.focused is None:
            tree.focus()
        self.screen.refresh_bindings()

    def _say(self, text: str) -> None:
        state = self.query_one("#keys-state", Static)
        state.display = bool(text)
        state.update(Content(text))

    # ── scanning ──

    def scan(self, steps: int = FIRST_STEPS) -> None:
        """So many steps further."""
        client, scan = self._services().cache, self.found.scan
        if client is None:
            self._say("Not set up.\n\nPress 1 for Setup.")
            return
        self._scanning.ask(scan.prefix, lambda: scan_on(client, scan, steps))
        self.found = replace(self.found, scanning=True)

    def _take_scan(self, _prefix: str, scan: Scan) -> None:
        self.found = self.found.scanned(scan)
        self._draw()

    def stop(self) -> bool:
        """Whether a scan or an audit was on its way; it is not any more."""
        stopped = [question.cancel() for question in (self._scanning, self._auditing)]
        self.found = replace(self.found, scanning=False)
        return any(one is not None for one in stopped)

    def _say_why_not(self, _prefix: str, problem: SoundcheckError) -> None:
        self.found = replace(self.found, scanning=self._scanning.waits_for is not None)
        self.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)

    def scan_on(self) -> None:
        """Look for more keys."""
        self.found = replace(self.found, finding="")
        self.scan(MORE_STEPS)

    def scan_anew(self, prefix: str) -> None:
        """Look from the start for keys that begin so."""
        self.found = self.found.afresh(prefix)
        self.scan()

    def forget(self, gone: tuple[str, ...]) -> None:
        """They were dropped."""
        self.found = self.found.without(gone)
        self._draw()

    # ── a prefix ──

    def open_find(self) -> None:
        """Let a prefix be typed."""
        field = self.query_one("#prefix", Input)
        field.remove_class("hidden")
        field.focus()

    def close_find(self) -> bool:
        """Whether the field was open; the tree has the focus again."""
        field = self.query_one("#prefix", Input)
        was_open = not field.has_class("hidden")
        field.add_class("hidden")
        if was_open:
            (self.key_tree if self.key_tree.display else self.screen.query_one("#entry-pane")).focus()
        return was_open

    @on(Input.Submitted, "#prefix")
    def _narrow(self, event: Input.Submitted) -> None:
        """Keys that begin so; where the token cannot scan, the key of this very name."""
        event.stop()
        self.close_find()
        if self.found.scan.problem and event.value:
            self.found = replace(self.found, audit=None, finding="")
            self._wanted(event.value)
        else:
            self.scan_anew(event.value)

    # ── looking through ──

    def audit(self) -> None:
        """Look through the keys found so far."""
        services, found = self._services(), self.found
        client, catalog = services.cache, found.catalog
        if client is not None:
            self._auditing.ask(
                found.scan.prefix,
                lambda: audit_keys(
                    client, found.scan.keys, plan=found.plan, database=services.database, catalog=catalog
                ),
            )

    def _take_audit(self, _prefix: str, audit: KeyAudit) -> None:
        self.found = self.found.audited(audit)
        self.screen.refresh_bindings()

    def show_next_finding(self) -> None:
        """The keys of the next finding, then all again."""
        self.found = self.found.next_finding()
        self._draw()
