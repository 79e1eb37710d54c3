"""What is said once the app has been left: what goes on running, and what was not written. Pure but for a look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.services import Services

_WIDTH: Final = 80
"""Columns of a usual terminal, which breaks a longer line in the middle of a word."""


def parting_lines(services: Services, unwritten: Sequence[str] = ()) -> list[str]:
    """One line for what set-up loses, one for a local stack that goes on; none where there is nothing to say.

    A command that would be broken in two gets a line of its own.
    """
    lines = []
    if unwritten:
        lines += _said(f"Not written, so not kept: {', '.join(unwritten)}. Paste it again in:", "soundcheck setup")
    if keeps_running(services):
        lines += _said("The local PostgreSQL and Valkey keep running. To stop them:", "soundcheck local down")
    return lines


def _said(sentence: str, command: str) -> list[str]:
    whole = f"{sentence} {command}"
    return [whole] if len(spelled(whole)) <= _WIDTH else [sentence, f"  {command}"]


def keeps_running(services: Services) -> bool:
    """Whether a store in use is the local stack's, and runs."""
    credentials = services.credentials
    urls = (credentials.database_url, credentials.rest_url)
    if not any(url is not None and url.is_loopback for url in urls):
        return False
    from soundcheck.stores.local.stack import LocalStack
    from soundcheck.stores.local.standing import StackStanding
    from soundcheck.wizard.setup.local_step import local_halves

    try:
        stand = LocalStack(services.project.local).stand()
        return (
            stand is not None
            and stand.standing is StackStanding.UP
            and bool(local_halves(services.project, credentials))
        )
    except SoundcheckError:
        return False
