"""What this screen is for and which keys it has: opened by `?` and F1."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.vim_keys import EXPLAINED
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.stores.project.own_command import spelled


class HelpScreen(ModalScreen[None]):
    """A calm page over the screen it explains; Esc closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "Close", tooltip="Back to the screen"),
    ]

    def __init__(self, explained: Screen[Any]) -> None:
        super().__init__()
        self._title = explained.title or explained.name or "Help"
        self._text = (explained.HELP or "").strip()
        self._keys = _keys_of(explained)
        self._vim = isinstance(explained, PlaceScreen) and explained.app.preferences.vim_keys
        self._stake = explained.stake if isinstance(explained, PlaceScreen) else ""

    def compose(self) -> ComposeResult:
        """The words first, then the keys."""
        with VerticalScroll(id="help") as page:
            page.border_title = Content(self._title)
            page.border_subtitle = Content("esc Close")
            if self._text:
                yield CommandText(Content(spelled(self._text)), id="help-text")
            yield Static(_drawn(self._keys), id="help-keys")
            if self._vim:
                yield Static(Content("Vim keys are on; the palette turns them off."), id="help-vim")
                yield Static(_drawn(list(EXPLAINED)))
            if self._stake:
                yield CommandText(Content(spelled(self._stake)), id="help-stake")

    def on_mount(self) -> None:
        """Keys scroll the page."""
        self.query_one("#help").focus()


def _keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Every key that works now with what it does; several keys of one action share a line."""
    by_action: dict[str, tuple[list[str], str]] = {}
    for _key, active in screen.active_bindings.items():
        binding = active.binding
        if not binding.tooltip or binding.system:  # the framework's own have none
            continue
        names, _ = by_action.setdefault(binding.action, ([], binding.tooltip))
        name = binding.key_display or screen.app.get_key_display(binding)
        if name not in names:
            names.append(name)
    return [("  ".join(names), words) for names, words in by_action.values()]


def _drawn(keys: list[tuple[str, str]]) -> Content:
    width = max((Content(names).cell_length for names, _ in keys), default=0)
    lines = [
        Content.assemble((names + " " * (width - Content(names).cell_length), "bold $primary"), "  ", (words, ""))
        for names, words in keys
    ]
    return Content("\n").join(lines)
