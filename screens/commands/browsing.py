"""What `tables`, `rows` and `row` have in common: opening the database, the forms of output, and masked cells."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.time_zone import zone_name
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.paging import Page
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.spelled.row import json_form
from soundcheck.stores.sensitivity import Sensitivity, sensitivity
from soundcheck.stores.services import Services
from soundcheck.wizard.no_store import no_store
from soundcheck.wizard.setup.local_step import wake_local

MOST_WIDE: Final = 48
"""Columns of a cell in a table of plain lines."""

FORMATS: Final = ("table", "record", "csv", "json")


@dataclass(frozen=True, slots=True)
class OpenedStores:
    """The services with the local stack awake, and their database; `woken` is to be closed where it is another."""

    services: Services
    database: Database
    given: Services

    async def close(self) -> None:
        """Close what was opened here."""
        if self.services is not self.given:
            await self.services.close()


async def open_database(args: argparse.Namespace, services: Services, stderr: TextIO) -> OpenedStores:
    """The database to look at. Raises `CouldNotRun` where none is set up."""
    printer = printer_for(args, services, stderr)
    woken = await wake_local(services, (lambda _: None) if wants_json(args) else printer.progress)
    if woken.database is None:
        raise no_store(services, "database", "Run `soundcheck setup`, or give an address: --env-file FILE.")
    return OpenedStores(woken, woken.database, services)


class _Format(argparse.Action):
    """`--format json` is `--json`, and `--format csv` is `--csv`, to everything that looks for those."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        setattr(namespace, self.dest, values)
        if values in {"json", "csv"}:
            setattr(namespace, str(values), True)


def add_format(parser: argparse.ArgumentParser) -> None:
    """The options `--format`, `--csv` and `--spreadsheet`, beside the common `--json`."""
    parser.add_argument(
        "--format",
        action=_Format,
        choices=FORMATS,
        default="",
        help='table (the default); record: a line "name: value" for each column, for a screen reader or grep; or as '
        "--json or --csv",
    )
    parser.add_argument(
        "--csv",
        action="store_true",
        help='CSV as psql\'s \\copy writes it: NULL is an empty field, the empty text is ""',
    )
    parser.add_argument(
        "--spreadsheet",
        action="store_true",
        help="with --csv: put an apostrophe before text that a spreadsheet would run as a formula",
    )


def wants_csv(args: argparse.Namespace) -> bool:
    """Whether CSV was asked for. Raises `UsageError` beside another form, and for `--spreadsheet` without it."""
    if args.csv and wants_json(args):
        raise UsageError("--csv and --json exclude each other.", "Give one of them.")
    if args.spreadsheet and not args.csv:
        raise UsageError("--spreadsheet goes with --csv.", "Add --csv.")
    asked = "json" if wants_json(args) else "csv" if args.csv else ""
    if asked and args.format not in {"", asked}:
        raise UsageError(f"--format {args.format} and --{asked} exclude each other.", "Give one of them.")
    return bool(args.csv)


def wants_records(args: argparse.Namespace) -> bool:
    """Whether each value shall have a line of its own."""
    return bool(args.format == "record")


async def use_zone(args: argparse.Namespace, opened: OpenedStores) -> None:
    """Read and show times in `--zone`. Raises `UsageError` where the server has no such zone."""
    if args.zone:
        await opened.database.choose_zone(zone_name(args.zone, opened.services.environ))


def add_zone(parser: argparse.ArgumentParser) -> None:
    """The option `--zone`."""
    parser.add_argument(
        "--zone",
        metavar="NAME",
        default="",
        help="the time zone to show times and read filters in: UTC (the default), local, or a name such as "
        "Europe/Berlin",
    )


def columns_document(table: Table, *, reveal: bool, names: Sequence[str] = ()) -> list[dict[str, object]]:
    """What the JSON documents of rows say of each column, or of the named ones; `form` is what its values are there."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "masked": not reveal and sensitivity(table.name, column.name) is not Sensitivity.OPEN,
            "form": str(json_form(column.type_name)),
        }
        for column in (tuple(map(table.column, names)) or table.columns)
    ]


def levels_of(page: Page) -> dict[str, Sensitivity]:
    """How each column of a page is treated."""
    return {column.name: sensitivity(page.table.name, column.name) for column in page.columns}


def heading(name: str, level: Sensitivity, *, reveal: bool) -> str:
    """A column's name in plain lines; one whose values are masked says so, since bullets alone say nothing aloud."""
    masked = "" if reveal or level is Sensitivity.OPEN else " (masked)"
    return visible(name) + masked


def plain_cell(value: object, type_name: str, *, width: int | None = None) -> str:
    """A cell without colours: a text that reads like NULL, or like a quoted text, stands in quotes."""
    cell = cell_text(value, type_name, width=width)
    if cell.kind is CellKind.TEXT and (cell.text == "NULL" or cell.text.startswith('"')):
        return json.dumps(cell.text, ensure_ascii=False)
    return cell.text


def left_out_document(table: Table) -> list[dict[str, str]]:
    """The columns that no row has, and why."""
    return [{"name": column.name, "why": "permission"} for column in table.withheld]


def shown(value: object, level: Sensitivity, *, reveal: bool) -> object:
    """The value, masked unless it may be revealed."""
    return value if reveal else mask(value, level)
