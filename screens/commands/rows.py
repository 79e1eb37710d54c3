"""`soundcheck rows TABLE`: the first rows of a table, in plain lines, JSON or CSV; personal columns masked."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any, Final, TextIO

from soundcheck.screens.commands.browsing import (
    MOST_WIDE,
    add_csv,
    add_zone,
    columns_document,
    left_out_document,
    open_database,
    plain_cell,
    shown,
    use_zone,
    wants_csv,
)
from soundcheck.screens.commands.copies import copy_document
from soundcheck.screens.commands.csv_output import write_csv
from soundcheck.screens.commands.following import add_follow, follow
from soundcheck.screens.commands.output import aligned, write_json, write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.amounts import milliseconds, number_of
from soundcheck.stores.catalog.tables import Catalog, Certainty, Table, load_catalog
from soundcheck.stores.copies.cached_copy import PageCopies, badge, read_page_copies
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KeyRule, key_plan
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.postgres.time_zone import zone_words
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.cost import MANY_ROWS, page_cost
from soundcheck.stores.rows.filters import parse_filter, parse_sort
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.paging import FIRST, GRID, LAST, UNCUT, WHOLE, Page, TableView, read_view
from soundcheck.stores.rows.search import plan_search, search_words
from soundcheck.stores.rows.spelled.row import json_value, stands_as_text
from soundcheck.stores.rows.typed_value import checked
from soundcheck.stores.sensitivity import Sensitivity, sensitivity
from soundcheck.stores.services import Services
from soundcheck.wizard.no_store import no_store

MOST_ROWS: Final = 10_000

EPILOG = """examples:
  soundcheck rows users                                     the first 50, by primary key
  soundcheck rows users --where "email contains ana"        those that fit; repeat --where to narrow it down
  soundcheck rows recently_played --sort playedAt:desc      newest first; several as --sort userId,playedAt:desc
  soundcheck rows users --where "createdAt between 2026-03-01 and 2026-03-31"
  soundcheck rows songs --where "title in ('it''s', 'one, two')"
  soundcheck rows chat_messages --where 'reactions json path $[*].emoji == "x"'
  soundcheck rows users --search ana                        in every column that can hold it
  soundcheck rows users --cached --limit 20                 with the state of each row's cached copy
  soundcheck rows users --follow                            every change from now on, until ctrl+c (exit code 130)
  soundcheck rows users --zone local --where "createdAt = 2026-03-01"   a day of this machine's own time zone
  soundcheck rows playlists --limit 500 --json              for scripts; --csv as psql writes it
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("table", metavar="TABLE", help="a name as `soundcheck tables` shows it")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="COLUMN = VALUE; also !=, <, <=, >, >=, contains, starts with, [not] like, ilike, in (A, B), "
        "between A and B, json path, is [not] null; quotes as in SQL; repeat it to narrow the rows down",
    )
    parser.add_argument(
        "--sort", action="append", default=[], metavar="COLUMN[:desc],…", help="columns to sort by, ascending or :desc"
    )
    parser.add_argument("--search", default="", metavar="TERM", help="rows in which any column holds it")
    parser.add_argument(
        "--search-all", action="store_true", help="search every column, also those that --search says it left out"
    )
    parser.add_argument("--limit", type=int, default=50, metavar="N", help=f"rows at most, 1 to {MOST_ROWS} (50)")
    parser.add_argument("--last", action="store_true", help="the last rows instead of the first")
    parser.add_argument(
        "--in-order", action="store_true", help="put the rows of a view without a key in order, whatever that costs"
    )
    parser.add_argument("--reveal", action="store_true", help="show masked columns as they are")
    parser.add_argument(
        "--cached", action="store_true", help="whether each row's cached copy is fresh; 2 commands a key"
    )
    add_zone(parser)
    add_follow(parser)
    add_csv(parser)


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Print them. Raises `UsageError` for unknown names and values, `DatabaseProblem` where the server refuses."""
    if not 1 <= args.limit <= MOST_ROWS:
        raise UsageError(f"--limit is between 1 and {MOST_ROWS}.", "Narrow the rows down with --where.")
    as_csv = wants_csv(args)
    opened = await open_database(args, services, stderr)
    try:
        await use_zone(args, opened)
        catalog = await load_catalog(opened.database)
        view = _view(args, catalog.find(args.table))
        if args.follow:
            if as_csv or args.last or args.cached:
                raise UsageError("--follow goes with neither --csv nor --last nor --cached.", "Use --sort COLUMN:desc.")
            await follow(args, opened.services, opened.database, catalog, view, args.limit, stdout, stderr)
        printer = printer_for(args, services, stderr)
        view = await _affordable(opened.database, view, args, printer)
        if not wants_json(args):
            await _say_the_cost(opened.database, view, printer)
        page = await read_view(
            opened.database,
            view,
            place=LAST if args.last else FIRST,
            limit=args.limit,
            cells=UNCUT if as_csv else WHOLE if wants_json(args) else GRID,
        )
        copies = await _copies(opened.services, page) if args.cached else None
    finally:
        await opened.close()
    if wants_json(args):
        plan = key_plan(services.project.profile.key_patterns)
        write_json(
            stdout,
            rows_document(catalog, page, reveal=args.reveal, zone=opened.database.zone)
            | search_document(view)
            | cached_document(copies, plan, args.reveal),
        )
        return ExitCode.OK
    if as_csv:
        header, records = [column.name for column in page.columns], csv_rows(page, reveal=args.reveal)
        write_csv(stdout, header, records, for_spreadsheet=args.spreadsheet)
    else:
        write_lines(stdout, rows_lines(page, reveal=args.reveal, copies=copies))
    if copies is not None:
        printer_for(args, services, stderr).line(f"{copies.commands} Redis commands used.")
    _say_the_rest(view, page, args, services, stderr, opened.database.zone)
    return ExitCode.OK


def _view(args: argparse.Namespace, table: Table) -> TableView:
    if args.search_all and not args.search.strip():
        raise UsageError("--search-all needs a term.", "Add --search TERM.")
    filters = [parse_filter(text, table.all_columns) for text in args.where]
    return TableView(
        table,
        tuple(column for text in args.sort for column in parse_sort(text, table)),
        tuple(checked(one, table.column(one.column)) for one in filters),
        args.search,
        frozenset(column.name for column in table.columns) if args.reveal else frozenset(),
        everywhere=args.search_all,
    )


async def _affordable(
    database: Database, view: TableView, args: argparse.Namespace, printer: PlainPrinter
) -> TableView:
    """The view, or its first rows as they come where putting them in order is dear and nobody asked for that.

    Raises `UsageError` for the last rows of such a view.
    """
    known = view.table.rows.certainty in {Certainty.EXACT, Certainty.ESTIMATE}
    if args.in_order or not row_order(view).order.whole or (known and view.table.rows.number < MANY_ROWS):
        return view
    cost = await page_cost(database, view)
    if not cost.is_heavy:
        return view
    if args.last:
        raise UsageError(str(cost), "Add --in-order to read the last rows all the same.")
    if not wants_json(args):
        printer.line(f"{cost} These are the first rows as they come; --in-order puts them in order.")
    return replace(view, as_it_comes=True)


async def _say_the_cost(database: Database, view: TableView, printer: PlainPrinter) -> None:
    """A word before a page that reads a lot; asked only where that may be."""
    if view.as_it_comes or not (view.sort or view.narrowed) or view.table.rows.number < MANY_ROWS:
        return
    cost = await page_cost(database, view)
    if cost.is_heavy:
        printer.line(str(cost))
        if cost.neighbour is not None:
            printer.line(cost.neighbour.text)


def _say_the_rest(
    view: TableView, page: Page, args: argparse.Namespace, services: Services, stderr: TextIO, zone: str
) -> None:
    printer = printer_for(args, services, stderr)
    more = ", and there are more" if page.has_more_after or page.has_more_before else ""
    printer.line(f"{number_of(len(page.rows), 'row')}{more} · {milliseconds(page.elapsed_ms)}")
    if words := zone_words(zone, page.table.columns):
        printer.line(words)
    if page.note:
        printer.line(page.note)
    if view.search.strip():
        found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
        if said := search_words(view.table, found, "--search-all searches all."):
            printer.line(said)
    if not args.reveal and (masked := [name for name, level in _levels(page).items() if level is not Sensitivity.OPEN]):
        printer.line(f"Masked: {', '.join(masked)}. --reveal shows them.")


def _levels(page: Page) -> dict[str, Sensitivity]:
    return {column.name: sensitivity(page.table.name, column.name) for column in page.columns}


async def _copies(services: Services, page: Page) -> PageCopies:
    if services.cache is None:
        lacking = no_store(services, "cache", "Run `soundcheck setup` to set one up.")
        raise UsageError(f"--cached needs a cache. {lacking.message}", lacking.hint)
    names = [column.name for column in page.columns]
    rows = [dict(zip(names, row, strict=True)) for row in page.rows]
    plan = key_plan(services.project.profile.key_patterns)
    return await read_page_copies(services.cache, page.table, rows, plan)


def search_document(view: TableView) -> dict[str, object]:
    """What `--search` adds to the document: where it looked, and what it left out for which reason."""
    if not view.search.strip():
        return {}
    found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
    reasons = (("limit", found.over), ("masked", found.secret), ("type", found.unfit), ("permission", found.denied))
    return {
        "search": {
            "term": found.term,
            "read_as": found.read_as,
            "columns": list(found.columns),
            "left_out": [{"name": name, "why": why} for why, names in reasons for name in names],
        }
    }


def cached_document(copies: PageCopies | None, plan: tuple[KeyRule, ...], reveal: bool) -> dict[str, object]:
    """What `--cached` adds to the document: a copy for each row, in their order, null for a row that no key holds."""
    if copies is None:
        return {}
    found = [None if one is None else copy_document(one, plan, reveal=reveal) for one in copies.copies]
    return {"cached": found, "commands_used": copies.commands}


def rows_lines(page: Page, *, reveal: bool, copies: PageCopies | None = None) -> list[str]:
    """A header and a line a row; cells cut to a width that keeps a table readable."""
    levels = _levels(page)
    header = [visible(column.name) for column in page.columns]
    rows = [
        [
            plain_cell(shown(value, levels[column.name], reveal=reveal), column.type_name, width=MOST_WIDE)
            for column, value in zip(page.columns, row, strict=True)
        ]
        for row in page.rows
    ]
    right = [_kind(page, position) is CellKind.NUMBER for position in range(len(header))]
    if copies is not None:
        header, right = [*header, "cache"], [*right, False]
        rows = [[*row, "–" if copy is None else badge(copy)] for row, copy in zip(rows, copies.copies, strict=True)]
    return aligned(header, rows, right)


def csv_rows(page: Page, *, reveal: bool) -> list[list[object]]:
    """Whole values, masked as everywhere."""
    levels = _levels(page)
    names = [column.name for column in page.columns]
    return [
        [shown(value, levels[name], reveal=reveal) for name, value in zip(names, row, strict=True)] for row in page.rows
    ]


def _kind(page: Page, position: int) -> CellKind:
    """The kind of a column's first value that is not NULL."""
    type_name = page.columns[position].type_name
    values = (row[position] for row in page.rows)
    first: Any = next((value for value in values if value is not None), None)
    return cell_text(first, type_name, width=1).kind


def rows_document(catalog: Catalog, page: Page, *, reveal: bool, zone: str = UTC) -> dict[str, object]:
    """The JSON document `rows`; its times are in `zone`."""
    levels = _levels(page)
    as_text: dict[str, list[int]] = {}
    for place, column in enumerate(page.columns):
        if reveal or levels[column.name] is Sensitivity.OPEN:
            found = [at for at, row in enumerate(page.rows) if stands_as_text(row[place], column.type_name)]
            as_text |= {column.name: found} if found else {}
    return {
        "kind": "rows",
        "schema_version": 1,
        "table": catalog.label(page.table),
        "columns": columns_document(page.table, reveal=reveal),
        "left_out": left_out_document(page.table),
        "zone": zone,
        "as_text": as_text,
        "rows": [
            {
                column.name: json_value(shown(value, levels[column.name], reveal=reveal), column.type_name)
                for column, value in zip(page.columns, row, strict=True)
            }
            for row in page.rows
        ],
        "has_more_before": page.has_more_before,
        "has_more_after": page.has_more_after,
        "note": page.note,
        "elapsed_ms": round(page.elapsed_ms, 1),
        "sql": page.sql,
    }
