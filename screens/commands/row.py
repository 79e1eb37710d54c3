"""`soundcheck row TABLE ID`: one row whole, where it leads, and the state of its cached copies."""

from __future__ import annotations

import argparse
from typing import Final, TextIO

from soundcheck.screens.commands.browsing import (
    add_zone,
    columns_document,
    heading,
    left_out_document,
    open_database,
    plain_cell,
    shown,
    use_zone,
)
from soundcheck.screens.commands.copies import copies_lines, copy_document, key_shown
from soundcheck.screens.commands.following import add_follow, follow
from soundcheck.screens.commands.output import aligned, write_json, write_lines
from soundcheck.screens.commands.related_rows import RelatedRows, related_document, related_lines, related_rows
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.catalog.tables import Catalog, load_catalog
from soundcheck.stores.copies.cached_copy import COMMANDS_A_KEY, CachedCopy, read_copies, with_lookup
from soundcheck.stores.copies.key_source import settled_plan
from soundcheck.stores.copies.redis_commands import row_as_redis
from soundcheck.stores.errors import StepFailed, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KEY_PLAN, KeyRule, key_plan, keys_about_row
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.postgres.time_zone import zone_words
from soundcheck.stores.prisma.models import load_models
from soundcheck.stores.prisma.schema_text import schema_in_use
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.record import Record, read_record
from soundcheck.stores.rows.spelled.as_prisma import row_as_prisma
from soundcheck.stores.rows.spelled.row import json_value, row_as_insert, row_as_json, stands_as_text
from soundcheck.stores.rows.view import TableView
from soundcheck.stores.sensitivity import Sensitivity, sensitivity
from soundcheck.stores.services import Services
from soundcheck.wizard.no_store import unusable_store

EPILOG = """examples:
  soundcheck row users cmb1xk2f90000          the row, and whether its cached copy is fresh
  soundcheck row users cmb1xk2f90000 --json   the same for scripts
  soundcheck row pairs 12 7                   a key of two columns
  soundcheck row users cmb1xk2f90000 --follow   every change from now on, until ctrl+c (exit code 130)
  soundcheck row users cmb1xk2f90000 --as insert   the row as a statement; also json, prisma, redis
"""


FORMS: Final = ("json", "insert", "prisma", "redis")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("table", metavar="TABLE", help="a name as `soundcheck tables` shows it")
    parser.add_argument("key", metavar="ID", nargs="+", help="the primary key, one value for each of its columns")
    parser.add_argument("--as", dest="form", choices=FORMS, help="print the row in this form alone, ready to copy")
    parser.add_argument("--reveal", action="store_true", help="show masked columns as they are")
    add_zone(parser)
    add_follow(parser)


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Print it. Raises `UsageError` for an unknown table, `StepFailed` where there is no such row."""
    if args.form and wants_json(args):
        raise UsageError("--as and --json exclude each other.", "`--as json` prints the row alone.")
    if args.form and args.follow:
        raise UsageError("--as and --follow exclude each other.", "Give one of them.")
    opened = await open_database(args, services, stderr)
    try:
        await use_zone(args, opened)
        catalog = await load_catalog(opened.database)
        table = catalog.find(args.table)
        record = await read_record(opened.database, table, args.key)
        if record is None:
            raise StepFailed(
                f"{catalog.label(table)} has no row with {', '.join(table.primary_key)} = {', '.join(args.key)}.",
                f"`soundcheck rows {table.label}` shows some that are there.",
            )
        if args.follow:
            equal = zip(table.primary_key, record.key, strict=True)
            view = TableView(table, filters=tuple(RowFilter(name, Operator.EQUAL, value) for name, value in equal))
            await follow(args, opened.services, opened.database, catalog, view, 1, stdout, stderr)
        values = record.by_name
        if args.form and args.form != "redis":
            write_lines(stdout, _in_form(record, args, services).split("\n"))
            return ExitCode.OK
        row = await with_lookup(opened.database, table, values)
        plan = settled_plan(key_plan(services.project.profile.key_patterns), catalog)
        if args.form:
            commands = row_as_redis(table.name, row, plan, reveal=args.reveal)
            write_lines(stdout, commands.split("\n") if commands else ["# No cache key holds this row."])
            return ExitCode.OK
        cache = opened.services.cache
        copies: tuple[CachedCopy, ...] = ()
        if cache is not None:
            copies = await read_copies(cache, table.name, row, plan=plan, database=opened.database, catalog=catalog)
        keys = keys_about_row(table.name, row, plan)
        related = await related_rows(opened.database, catalog, record)
    finally:
        await opened.close()
    problem = unusable_store(services, "cache") if keys and cache is None else None
    state = "none" if not keys else "read" if cache is not None else "cannot be used" if problem else "not set up"
    if wants_json(args):
        zone = opened.database.zone
        document = row_document(catalog, record, related, copies, keys, state, plan=plan, reveal=args.reveal, zone=zone)
        write_json(stdout, document)
        return ExitCode.OK
    write_lines(stdout, row_lines(record, reveal=args.reveal))
    write_lines(stdout, ["", *related_lines(related, record, catalog, reveal=args.reveal)])
    write_lines(
        stdout, ["", *_copies(copies, keys, state, plan, problem.message if problem else "", reveal=args.reveal)]
    )
    if words := zone_words(opened.database.zone, table.columns):
        printer_for(args, services, stderr).line(words)
    if record.table.without:
        printer_for(args, services, stderr).line(record.table.without)
    masked = [f.column.name for f in record.fields if sensitivity(table.name, f.column.name) is not Sensitivity.OPEN]
    if masked and not args.reveal:
        printer_for(args, services, stderr).line(f"Masked: {', '.join(masked)}. --reveal shows them.")
    return ExitCode.OK


def _in_form(record: Record, args: argparse.Namespace, services: Services) -> str:
    """The row as text that is exact and safe to print; names are the only part that may still need that."""
    reveal = frozenset(field.column.name for field in record.fields) if args.reveal else frozenset()
    if args.form == "json":
        return row_as_json(record, reveal)
    if args.form == "insert":
        text = row_as_insert(record, reveal)
    else:
        text = row_as_prisma(record, load_models(schema_in_use(services.project)), reveal)
    return "\n".join(visible(line) for line in text.split("\n"))


def row_lines(record: Record, *, reveal: bool) -> list[str]:
    """A line a column, its value whole."""
    cells = [
        (
            heading(field.column.name, level, reveal=reveal),
            plain_cell(shown(field.value, level, reveal=reveal), field.column.type_name),
        )
        for field, level in ((one, sensitivity(record.table.name, one.column.name)) for one in record.fields)
    ]
    return aligned(("column", "value"), cells, (False, False))


def _copies(
    copies: tuple[CachedCopy, ...],
    keys: tuple[str, ...],
    state: str,
    plan: tuple[KeyRule, ...],
    problem: str,
    *,
    reveal: bool,
) -> list[str]:
    if state == "none":
        return ["No cache key holds this row."]
    if state in {"not set up", "cannot be used"}:
        shown_keys = ", ".join(visible(key_shown(key, plan, reveal=reveal)) for key in keys)
        return [f"Cached copies: {problem or 'the cache is not set up.'} Keys: {shown_keys}"]
    return copies_lines(copies, plan, reveal=reveal)


def row_document(
    catalog: Catalog,
    record: Record,
    related: RelatedRows,
    copies: tuple[CachedCopy, ...],
    keys: tuple[str, ...],
    state: str,
    *,
    plan: tuple[KeyRule, ...] = KEY_PLAN,
    reveal: bool,
    zone: str = UTC,
) -> dict[str, object]:
    """The JSON document `row`; its times are in `zone`."""
    levels = {f.column.name: sensitivity(record.table.name, f.column.name) for f in record.fields}
    return {
        "kind": "row",
        "schema_version": 1,
        "table": catalog.label(record.table),
        "key": dict(zip(record.table.primary_key, record.key, strict=True)),
        "columns": columns_document(record.table, reveal=reveal),
        "zone": zone,
        "as_text": [
            f.column.name
            for f in record.fields
            if (reveal or levels[f.column.name] is Sensitivity.OPEN) and stands_as_text(f.value, f.column.type_name)
        ],
        "left_out": left_out_document(record.table),
        "row": {
            f.column.name: json_value(shown(f.value, levels[f.column.name], reveal=reveal), f.column.type_name)
            for f in record.fields
        },
        "relations": related_document(related, record, catalog, reveal=reveal),
        "cache": {
            "state": state,
            "keys": [key_shown(key, plan, reveal=reveal) for key in keys],
            "copies": [copy_document(copy, plan, reveal=reveal) for copy in copies],
            "commands": len(copies) * COMMANDS_A_KEY,
        },
        "elapsed_ms": round(record.elapsed_ms, 1),
        "sql": record.sql,
    }
