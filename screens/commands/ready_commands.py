"""Commands that are printed to be copied: `rows` and `row` with words that any shell hands over as they are. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from soundcheck.stores.project.own_command import here


def rows_command(table: str, options: Sequence[str]) -> str:
    """`soundcheck rows TABLE …`; a name that begins with a dash stands last, behind `--`."""
    words = [*options, "--", table] if table.startswith("-") else [table, *options]
    return shlex.join(["soundcheck", "rows", *words])


def row_command(table: str, key: Sequence[str]) -> str:
    """`soundcheck row TABLE ID …`."""
    apart = ["--"] if any(word.startswith("-") for word in (table, *key)) else []
    return shlex.join(["soundcheck", "row", *apart, table, *key])


def valued(option: str, value: str) -> tuple[str, ...]:
    """An option with a value, which would be taken for an option itself where it begins with a dash."""
    return (f"{option}={value}",) if value.startswith("-") else (option, value)


def in_a_line(command: str) -> str:
    """The command as it works here; "" where it holds what cannot be copied from a line, such as a line break."""
    whole = here().spelled(command)
    alone = here().command(command.partition(" ")[2])
    return whole if whole.isprintable() and whole == alone else ""
