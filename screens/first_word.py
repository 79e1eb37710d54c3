"""The first word that is no option: a command, or a slip of the keyboard with the nearest commands named."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Collection, Sequence
from typing import NoReturn

from screens.options import add_common
from stores.errors import UsageError


class _Unreadable(Exception):
    """No error of ours: the whole parser says it better."""


class _Options(argparse.ArgumentParser):
    """Reads the options before the first word; what is wrong with them is left to the whole parser."""

    def error(self, message: str) -> NoReturn:
        raise _Unreadable(message)


def refuse_unknown_command(words: Sequence[str], commands: Collection[str]) -> None:
    """Raise `UsageError` where a word stands in a command's place and is none.

    The word itself is not repeated: it may be a pasted secret.
    """
    options = _Options(add_help=False)
    add_common(options)
    options.add_argument("rest", nargs=argparse.REMAINDER)
    try:
        known, others = options.parse_known_args(words)
    except _Unreadable:
        return
    if not known.rest or known.rest[0] in commands or others or known.rest[0].startswith("-"):
        return
    near = difflib.get_close_matches(known.rest[0][:40].lower(), commands, 2, 0.7)
    meant = " or ".join(f"`soundcheck {name}`" for name in near)
    hint = f"Did you mean {meant}? " if near else ""
    raise UsageError("soundcheck has no such command.", f"{hint}All commands: soundcheck --help")
