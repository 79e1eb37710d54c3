"""How a page of `rows` ends: with the whole command for the next one, ready to copy. Pure."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator

from soundcheck.stores.project.own_command import here
from soundcheck.stores.rows.page_token import NextPage

FLAGS = ("search_all", "in_order", "reveal", "cached", "csv", "spreadsheet")
"""Options without a value that the next page keeps; `--last` is answered with the page before, and has none."""


def next_page_line(args: argparse.Namespace, after: NextPage) -> str:
    """The line that says how to go on; "" where there is no page to go to."""
    if not after.word:
        return after.lacks
    command = shlex.join(["soundcheck", *_words(args), "--after", after.word, *_place(args.table)])
    whole = here().spelled(command)
    if whole.isprintable() and whole == here().command(command.partition(" ")[2]):
        return f"Next page: {whole}"
    return f"Next page: repeat the command with --after {after.word}"  # a line break cannot stand in a line


def _words(args: argparse.Namespace) -> Iterator[str]:
    yield "rows"
    if not args.table.startswith("-"):
        yield args.table
    for text in args.where:
        yield from _valued("--where", text)
    for text in args.sort:
        yield from _valued("--sort", text)
    if args.search:
        yield from _valued("--search", args.search)
    for text in args.columns:
        yield from _valued("--columns", text)
    if args.limit != 50:
        yield from ("--limit", str(args.limit))
    if args.zone:
        yield from _valued("--zone", args.zone)
    if args.format in {"table", "record"}:
        yield from ("--format", args.format)
    for name in FLAGS:
        if getattr(args, name):
            yield f"--{name.replace('_', '-')}"


def _valued(option: str, value: str) -> tuple[str, ...]:
    """An option with a value that may begin with a dash, which would else be taken for an option."""
    return (f"{option}={value}",) if value.startswith("-") else (option, value)


def _place(table: str) -> tuple[str, ...]:
    return ("--", table) if table.startswith("-") else ()
