"""How a page of `rows` ends: with the whole command for the next one, ready to copy. Pure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Final

from soundcheck.screens.commands.ready_commands import in_a_line, rows_command, valued
from soundcheck.stores.rows.page_token import NextPage

FLAGS: Final = ("search_all", "in_order", "reveal", "cached", "csv", "spreadsheet")
"""Options without a value that the next page keeps; `--json` has its own way to say how to go on."""


def next_page_line(args: argparse.Namespace, after: NextPage) -> str:
    """The line that says how to go on; "" where there is no page to go to."""
    if not after.word:
        return after.lacks
    command = in_a_line(rows_command(args.table, [*_options(args), "--after", after.word]))
    return f"Next page: {command or f'repeat the command with --after {after.word}'}"


def _options(args: argparse.Namespace) -> Iterator[str]:
    for option, texts in (("--where", args.where), ("--sort", args.sort), ("--columns", args.columns)):
        for text in texts:
            yield from valued(option, text)
    if args.search:
        yield from valued("--search", args.search)
    if args.limit != 50:
        yield from ("--limit", str(args.limit))
    if args.zone:
        yield from valued("--zone", args.zone)
    if args.format in {"table", "record"}:
        yield from ("--format", args.format)
    for name in FLAGS:
        if getattr(args, name):
            yield f"--{name.replace('_', '-')}"
