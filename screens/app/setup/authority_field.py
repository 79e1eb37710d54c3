"""Where a certificate is trusted by nobody here: the file of the authority that issued it, with its path completed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

WORDS: Final = (
    "The certificate's issuer is trusted by nobody here. If that is your company, name the file of its certificate "
    "authority (PEM): it is trusted beside the others, for this profile."
)


class PathSuggester(Suggester):
    """Completes the last name of a path, by the first file or folder that begins so; a folder ends in its slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The path with its last name completed; None where nothing begins so."""
        return await asyncio.to_thread(completed, value)


def completed(typed: str) -> str | None:
    """The same, blocking."""
    folder, _, begun = typed.rpartition("/")
    if not begun or "\0" in typed:
        return None
    try:
        place = Path(f"{folder}/" if "/" in typed else ".").expanduser()
        names = sorted(entry.name for entry in os.scandir(place) if entry.name.startswith(begun))
    except (OSError, RuntimeError):
        return None
    if not names:
        return None
    end = "/" if (place / names[0]).is_dir() else ""
    return f"{folder}/{names[0]}{end}" if "/" in typed else f"{names[0]}{end}"


class AuthorityField(Vertical):
    """Hidden until a certificate was refused."""

    DEFAULT_CSS = """
    AuthorityField { height: auto; margin-top: 1; display: none; }
    AuthorityField Input { border: none; height: 1; background: $panel; padding: 0 1; }
    """

    class Given(Message):
        """A path, by Enter."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def compose(self) -> ComposeResult:
        """What it is for, and the field."""
        yield Static(Content.styled(WORDS, "$secondary"))
        yield Input(placeholder="/path/to/company-ca.pem, then Enter", suggester=PathSuggester(), id="authority")

    @on(Input.Changed)
    def _keep(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted)
    def _give(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.Given(event.value.strip()))
