"""`soundcheck tables`: the tables with their estimated rows and sizes, in plain lines, JSON or CSV, and their DDL."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TextIO

from soundcheck.screens.commands.browsing import (
    add_format,
    left_out_document,
    open_database,
    wants_csv,
    wants_records,
)
from soundcheck.screens.commands.csv_output import write_csv
from soundcheck.screens.commands.output import aligned, record_lines, write_json, write_lines, write_script
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores import amounts
from soundcheck.stores.amounts import number_of
from soundcheck.stores.catalog.ddl_script import load_ddl
from soundcheck.stores.catalog.tables import Catalog, Certainty, Table, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services

EPILOG = """examples:
  soundcheck tables                        every table with its rows and size
  soundcheck tables --json                 the same with columns and keys, for scripts
  soundcheck tables --csv                  one record a table, for spreadsheets
  soundcheck tables --format record        a line for each figure, for a screen reader
  soundcheck tables users                  this table alone
  soundcheck tables users --ddl            SQL that makes it again in an empty database
  soundcheck tables --env-file other.env   of another database; nothing is written
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("table", metavar="TABLE", nargs="?", help="this table alone; a name as the list shows it")
    parser.add_argument(
        "--ddl",
        action="store_true",
        help="print SQL that makes TABLE again in an empty database, with the types, sequences and partitions that "
        "belong to it; comments say what it leaves out",
    )
    add_format(parser)


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """List them. Raises `CouldNotRun` without a database, `DatabaseProblem` where it does not answer.

    `UsageError` for a table that is not there, and for `--ddl` without one.
    """
    as_csv = wants_csv(args)
    if args.ddl and not args.table:
        raise UsageError("--ddl needs a table.", "Name one: `soundcheck tables users --ddl`.")
    if args.ddl and (as_csv or args.format in {"table", "record"}):
        other = "--csv" if as_csv else f"--format {args.format}"
        raise UsageError(f"--ddl and {other} exclude each other.", "Give one of them.")
    opened = await open_database(args, services, stderr)
    try:
        catalog = await load_catalog(opened.database)
        if args.table:
            catalog = replace(catalog, tables=(catalog.find(args.table),))
        ddl = (
            {table: await load_ddl(opened.database, table.schema, table.name) for table in catalog} if args.ddl else {}
        )
        if wants_json(args):
            write_json(stdout, tables_document(catalog, opened.database.url, ddl))
            return ExitCode.OK
        if ddl:
            write_script(stdout, "".join(ddl.values()))
            return ExitCode.OK
        if as_csv:
            write_csv(stdout, CSV_HEADER, csv_rows(catalog), for_spreadsheet=args.spreadsheet)
            return ExitCode.OK
        write_lines(stdout, tables_lines(catalog, records=wants_records(args)))
        printer = printer_for(args, services, stderr)
        printer.line(f"{number_of(len(catalog.tables), 'table')} in {opened.database.url.endpoint}")
        return ExitCode.OK
    finally:
        await opened.close()


def tables_lines(catalog: Catalog, *, records: bool = False) -> list[str]:
    """One line a table, under a header; or a line for each of its figures."""
    rows = [
        (
            visible(catalog.label(table)),
            table.rows.words if table.readable else "unreadable",
            amounts.size(table.total_bytes) if table.total_bytes is not None else "none",
            str(table.kind),
        )
        for table in catalog
    ]
    header = ("table", "rows", "size", "kind")
    return record_lines(header, rows) if records else aligned(header, rows, (False, True, True, False))


CSV_HEADER: Final = ("schema", "name", "kind", "rows", "rows_certainty", "bytes", "primary_key")


def csv_rows(catalog: Catalog) -> list[tuple[object, ...]]:
    """A record a table, in the order of `CSV_HEADER`; an unknown number is empty."""
    return [
        (
            table.schema,
            table.name,
            str(table.kind),
            None if table.rows.certainty is Certainty.UNKNOWN else table.rows.number,
            str(table.rows.certainty),
            table.total_bytes,
            " ".join(table.primary_key) or None,
        )
        for table in catalog
    ]


def tables_document(catalog: Catalog, url: PostgresUrl, ddl: Mapping[Table, str]) -> dict[str, object]:
    """The JSON document `tables`; `ddl` of those that were asked for."""
    return {
        "kind": "tables",
        "schema_version": 1,
        "endpoint": url.endpoint,
        "database": url.database,
        "tables": [_table(catalog, table) | ({"ddl": ddl[table]} if table in ddl else {}) for table in catalog],
    }


def _table(catalog: Catalog, table: Table) -> dict[str, object]:
    known = table.rows.certainty is not Certainty.UNKNOWN
    return {
        "schema": table.schema,
        "name": table.name,
        "label": catalog.label(table),
        "table_kind": str(table.kind),
        "readable": table.readable,
        "rows": {"number": table.rows.number if known else None, "certainty": str(table.rows.certainty)},
        "bytes": table.total_bytes,
        "primary_key": list(table.primary_key),
        "columns": [{"name": c.name, "type": c.type, "nullable": c.nullable} for c in table.all_columns],
        "left_out": left_out_document(table),
    }
