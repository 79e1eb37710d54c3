"""After a key that waits for a second one: the keys that may follow, until the next key comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.screen import Screen

NextKey: TypeAlias = tuple[str, str]
"""A key, and what it does now."""

AFTER_G: Final[tuple[NextKey, ...]] = (("g", "To the first row"), (":", "What g does without vim keys"))


class NextKeys(Static):
    """Lies over the last lines of the screen, above the key line; takes no focus and no key."""

    DEFAULT_CSS = """
    NextKeys {
        overlay: screen; dock: bottom; width: auto; height: auto; margin: 0 0 1 1; padding: 0 1;
        background: $panel; border: round $primary; border-title-color: $primary;
    }
    """


def show_next_keys(screen: Screen[object], pressed: str, keys: Sequence[NextKey]) -> None:
    """Show which keys may follow the one that was pressed; with no keys take the list away again."""
    screen.query(NextKeys).remove()
    if not keys:
        return
    width = max(len(key) for key, _ in keys)
    lines = [Content.assemble((f"{key:<{width}}", "bold $primary"), f"  {words}") for key, words in keys]
    shown = NextKeys(Content("\n").join(lines))
    shown.border_title = Content(f"{pressed} …")
    screen.mount(shown)
