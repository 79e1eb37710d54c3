"""The command that runs now: no next step may name it, as it was typed a moment ago and led here."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from soundcheck.screens.options import add_common
from soundcheck.stores.project.own_command import NAME, here

_RUNNING: Final[ContextVar[str]] = ContextVar("the command that runs", default="")
_END: Final = r"(?=\s*$|[.,;:)](?:\s|$)|\s{2}| again\b)"


@contextmanager
def running(words: Sequence[str]) -> Iterator[None]:
    """Let `reworded` know for a while what was typed: all words behind the program's name."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    add_common(parser)
    try:
        own = shlex.join(parser.parse_known_args(list(words))[1])
    except argparse.ArgumentError:  # said by the whole parser
        own = ""
    token = _RUNNING.set(own)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def reworded(text: str) -> str:
    """The text with "this command" in place of the very command that runs; a command with other words stays."""
    words = _RUNNING.get()
    if not words or words not in text:
        return text
    prefixes = "|".join(re.escape(prefix) for prefix in {here().prefix, NAME})
    command = rf"(?:{prefixes}) {re.escape(words)}"
    mention = rf"(?P<type>Type: )?(?:`{command}`|(?<![\w/.`-]){command}{_END})"
    return re.sub(mention, lambda found: "Run this command again" if found["type"] else "this command", text)
