"""Copying, honestly: "copied" only where a program of the system said so, else what was really done."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from soundcheck.stores.programs.environment import DISPLAY, allowed
from soundcheck.stores.programs.search_path import found_program
from soundcheck.stores.programs.starting import PIPE, start_watched

if TYPE_CHECKING:
    from textual.app import App

_TOOLS: Final = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
_DEADLINE: Final = 2.0
OSC52_MOST: Final = 74_994
"""Bytes; what xterm and tmux take in one OSC 52 sequence at most (100,000 of base64)."""


def clipboard_tool(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The system's own program, where it can reach a clipboard; None over ssh or without a display."""
    if "SSH_CONNECTION" in environ:
        return None
    for variable, command in _TOOLS:
        program = found_program(command[0], environ)
        if program and (not variable or environ.get(variable)):
            return str(program), *command[1:]
    return None


async def copy_text(
    app: App[None],
    text: str,
    what: str,
    environ: Mapping[str, str],
    *,
    otherwise: str = "enter opens the row, s saves to a file",
) -> None:
    """Copy and say how it went. `what` names the thing, as a column's name; `otherwise` the way to a file."""
    # Bytes that are no UTF-8, of a database in SQL_ASCII: a clipboard holds text alone.
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    tool = clipboard_tool(environ)
    if tool is not None and await _piped(tool, text, environ):
        app.notify(f"{what} copied.", markup=False)
        return
    if len(text.encode()) > OSC52_MOST:
        app.notify(f"{what} is too long for the terminal's clipboard: {otherwise}.", markup=False)
        return
    app.copy_to_clipboard(text)
    app.notify(
        f"{what} sent to the terminal's clipboard. If it did not arrive: {otherwise}.",
        markup=False,
    )


async def _piped(command: tuple[str, ...], text: str, environ: Mapping[str, str]) -> bool:
    try:
        process = await start_watched(command, allowed(environ, *DISPLAY), stdin=PIPE, own_session=False)
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), _DEADLINE)
    except (TimeoutError, OSError):
        return False
    finally:  # also where the app is left meanwhile
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode == 0
