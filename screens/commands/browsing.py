"""What `tables`, `rows` and `row` have in common: opening the database, masked cells, and their two ways to print."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from checks.services import Services
from screens.commands.running import printer_for, wants_json
from stores.cells import CellKind, CellText, cell_text, display_width
from stores.database import Database
from stores.errors import CouldNotRun, UsageError
from stores.personal import Sensitivity, mask
from wizard.local_step import wake_local

MOST_WIDE: Final = 48
"""Columns of a cell in a table of plain lines."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The services with the local stack awake, and their database; `woken` is to be closed where it is another."""

    services: Services
    database: Database
    given: Services

    async def close(self) -> None:
        """Close what was opened here."""
        if self.services is not self.given:
            await self.services.close()


async def open_database(args: argparse.Namespace, services: Services, stderr: TextIO) -> Opened:
    """The database to look at. Raises `CouldNotRun` where none is set up."""
    printer = printer_for(args, services, stderr)
    woken = await wake_local(services, (lambda _: None) if wants_json(args) else printer.progress)
    if woken.database is None:
        raise CouldNotRun("No database is set up here.", "Run `soundcheck setup`, or give an address: --env-file FILE.")
    return Opened(woken, woken.database, services)


def add_csv(parser: argparse.ArgumentParser) -> None:
    """The option `--csv`, beside the common `--json`."""
    text = "CSV; a text that a spreadsheet would run begins with an apostrophe, NULL is an empty field"
    parser.add_argument("--csv", action="store_true", help=text)


def wants_csv(args: argparse.Namespace) -> bool:
    """Whether `--csv` was given. Raises `UsageError` beside `--json`."""
    if args.csv and wants_json(args):
        raise UsageError("--csv and --json exclude each other.", "Give one of them.")
    return bool(args.csv)


def write_json(stdout: TextIO, document: dict[str, object]) -> None:
    """One document, and nothing else, on standard output; ASCII where the stream is not UTF-8."""
    utf8 = "utf" in (getattr(stdout, "encoding", None) or "utf-8").lower()
    json.dump(document, stdout, indent=2, ensure_ascii=not utf8, allow_nan=False)
    stdout.write("\n")


def write_lines(stdout: TextIO, lines: Iterable[str]) -> None:
    """Lines that hold nothing but what can be shown, in the stream's own encoding."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    for line in lines:
        stdout.write(line.rstrip().encode(encoding, "backslashreplace").decode(encoding) + "\n")


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Columns side by side, each as wide as its widest cell."""
    table = [header, *rows]
    widths = [max(display_width(row[i]) for row in table) for i in range(len(header))]
    return ["  ".join(map(_padded, row, widths, right)) for row in table]


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space


def plain_cell(value: object, type_name: str, *, width: int | None = None) -> str:
    """A cell without colours: a text that reads like NULL, or like a quoted text, stands in quotes."""
    cell = cell_text(value, type_name, width=width)
    if cell.kind is CellKind.TEXT and (cell.text == "NULL" or cell.text.startswith('"')):
        return json.dumps(cell.text, ensure_ascii=False)
    return cell.text


def shown(value: object, level: Sensitivity, *, reveal: bool) -> object:
    """The value, masked unless it may be revealed."""
    return value if reveal else mask(value, level)


def is_right(cell: CellText) -> bool:
    """Whether a cell stands at the right, under its digits."""
    return cell.kind is CellKind.NUMBER
