"""The commands that stand on a screen, whole, however they are wrapped: one key copies them, one after the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from textual.widgets import Static
from textual.widgets._toast import Toast

from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.parts.toast_text import in_one_line
from soundcheck.stores.project.own_command import COMMANDS, here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App
    from textual.screen import Screen

_END: Final = re.compile(r"[`→›\n│]|  |\)(?:\s|$)|[.,;:](?:\s|$)| — | writes | again(?:\s|$)")
"""Where a command in a sentence ends."""
_BEGIN: Final = re.compile(rf"(?:{COMMANDS})\b|--")


def commands_in(text: str, prefix: str | None = None) -> tuple[str, ...]:
    """The commands of a text, as they would be typed, each once."""
    prefix = here().prefix if prefix is None else prefix
    found: dict[str, None] = {}
    for match in re.finditer(rf"(?<![\w/.-]){re.escape(prefix)}(?=[ `]|$)", text, re.MULTILINE):
        words = _END.split(text[match.end() :])[0].strip()
        if _BEGIN.match(words) or text[match.end() : match.end() + 1] == "`":
            found[f"{prefix} {words}".rstrip()] = None
    return tuple(found)


def commands_on(screen: Screen[Any]) -> tuple[str, ...]:
    """Those that a screen shows now, from top to bottom."""
    texts = []
    for widget in screen.query("*"):
        if not widget.display or not widget.region.area:
            continue
        if isinstance(widget, HangingText):
            texts.append(widget.plain)
        elif isinstance(widget, Toast):
            texts.append(in_one_line(str(widget.render())))
        elif isinstance(widget, Static):
            texts.append(str(widget.content))
        elif isinstance(widget, LiveLines):
            texts += [part for line in widget.lines for part in (line.title, line.detail, *line.explanation)]
    return commands_in("\n".join(texts))


async def copy_next(app: App[None], copied: str, environ: Mapping[str, str]) -> str:
    """Copy the first command of the screen, or the one after that which was `copied` last; the command."""
    commands = commands_on(app.screen)
    if not commands:
        app.notify("No command stands on this screen.", markup=False)
        return ""
    at = (commands.index(copied) + 1) % len(commands) if copied in commands else 0
    which = f"Command {at + 1} of {len(commands)}" if len(commands) > 1 else "The command"
    await copy_text(app, commands[at], which, environ, otherwise="it stands on the screen")
    return commands[at]
